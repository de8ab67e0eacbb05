"""The Sphinx extension that shows the casebook: one page an entry, indexes, a report, redirects.

Entry files are the pages. Their front matter is drawn by directives, the narrative follows as it is written. Entries
hang in no toctree, because the cost of that grows with the square of their number; index pages and search lead to them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

import kb

from . import context, incremental, knowledge, pages, redirects, rendering
from .check import CheckFacts
from .conversation import DhcpConversation
from .family import FamilyFacts, FamilyMatrix, FamilyMembers
from .incident import IncidentFacts
from .indexes import ByFamily, BySymptom, ByTracker, ChecksByVantage
from .links import NamesBecomeLinks
from .lintrules import LintRules
from .references import ConfusableIncidents, IncidentReferences
from .report import CasebookReport
from .tree import FamilyTree
from .values import FieldWeights, Likelihoods, ValueRole
from .vocabulary import NotForTheCasebook, WordsOfTheTrade

DIRECTIVES = {
    "incident-facts": IncidentFacts,
    "incident-references": IncidentReferences,
    "confusable-incidents": ConfusableIncidents,
    "check-facts": CheckFacts,
    "family-facts": FamilyFacts,
    "family-members": FamilyMembers,
    "family-tree": FamilyTree,
    "family-matrix": FamilyMatrix,
    "incidents-by-family": ByFamily,
    "incidents-by-symptom": BySymptom,
    "references-by-tracker": ByTracker,
    "checks-by-vantage": ChecksByVantage,
    "casebook-report": CasebookReport,
    "lint-rules": LintRules,
    "dhcp-conversation": DhcpConversation,
    "field-weights": FieldWeights,
    "likelihoods": Likelihoods,
    "words-of-the-trade": WordsOfTheTrade,
    "not-for-the-casebook": NotForTheCasebook,
}


def setup(app: Sphinx) -> ExtensionMetadata:
    """Connect the extension's parts to Sphinx."""
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    app.add_role("value", ValueRole())
    rendering.setup_rendering(app)
    app.add_transform(NamesBecomeLinks)
    app.connect("builder-inited", knowledge.load_casebook)
    app.connect("env-get-outdated", incremental.outdated)
    app.connect("env-purge-doc", incremental.forget)
    app.connect("env-merge-info", incremental.merge)
    app.connect("source-read", pages.draw_front_matter)
    app.connect("html-collect-pages", redirects.redirect_pages)
    app.connect("html-page-context", context.add_context)
    # A change of the code that draws or weighs changes every page.
    app.add_config_value("casebook_code", _digest(), "env", (str,), "digest of the code that the pages are made by")
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}


def _digest() -> str:
    digest = hashlib.sha256()
    for path in sorted([*Path(__file__).parent.glob("*.py"), *Path(kb.__file__).parent.glob("*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()
