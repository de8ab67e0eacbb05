"""Numbers of the code in running text, so that a page that explains them cannot go stale."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from math import exp
from typing import Final

from docutils import nodes
from sphinx.util.docutils import SphinxDirective, SphinxRole

from kb import bm25f, circumstances, concepts, diagnose, match, reading, reports, typos
from kb.model import Commonness

from .rendering import Row, frequency, table


def _share(value: float) -> str:
    return f"{100 * value:g} %"


VALUES: Final[Mapping[str, str]] = {
    "saturation": f"{bm25f.SATURATION:g}",
    "length": f"{bm25f.LENGTH:g}",
    "commonness": f"{exp(match.WEIGHTS.prior):.1f}",
    "commonest-steps": f"{match.PRIOR[Commonness.COMMONEST] - match.PRIOR[Commonness.COMMON]:g}",
    "words-between": f"{concepts.SLACK}",
    "typo-letters": f"{typos.SHORTEST}",
    "piece-letters": f"{reading.PIECE_LETTERS}",
    "few-sentences": f"{match.FEW_SENTENCES}",
    "typo-long": f"{typos.LONG}",
    "signal": f"{circumstances.SIGNAL:g}",
    "version-fits": f"{circumstances.VERSION_FITS:g}",
    "version-excluded": _share(circumstances.VERSION_EXCLUDED),
    "words-weight": f"{circumstances.WORDS_WEIGHT:g}",
    "words-doubt": _share(circumstances.WORDS_DOUBT),
    "unlisted": _share(diagnose.UNLISTED_SHARE),
    "normal": _share(diagnose.NORMAL),
    "mistakes": _share(diagnose.MISTAKES),
    "heard": f"{diagnose.HEARD:g}",
    "least-gain": f"{diagnose.MIN_GAIN:g}",
    "identified-at": _share(diagnose.IDENTIFIED_AT),
    "identified-margin": f"{diagnose.IDENTIFIED_MARGIN:g}",
    "unknown-at": _share(diagnose.UNKNOWN_AT),
    "reports-covered": _share(reports.COVERED),
    "reports-chance": f"{1 / reports.CHANCE:g}",
}
"""What pages may say of the code's constants, by name."""

FIELDS: Final[Mapping[str, str]] = {
    "title": "title",
    "summary": "summary",
    "symptom": "symptoms",
    "phrasing": "phrasings of symptoms",
    "signal": "example lines of signals",
    "expected": "wordings of outcomes that it always or usually shows",
    "affects": "affected components",
    "cause": "cause",
    "red-herring": "wrong theories",
    "reference": "titles of references",
    "narrative": "narrative",
}
"""The matcher's fields in plain words."""


class ValueRole(SphinxRole):
    """Write a number of the code by its name; an unknown name is a warning of the build."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the number as text."""
        value = VALUES.get(self.text)
        if value is None:
            message = self.inliner.reporter.warning(f"there is no value {self.text!r}", line=self.lineno)
            return [nodes.problematic(self.rawtext, self.rawtext)], [message]
        # A number and its unit stay on one line.
        return [nodes.Text(value.replace(" ", "\N{NO-BREAK SPACE}"))], []


class FieldWeights(SphinxDirective):
    """List what a word of an entry is worth by where it stands there."""

    def run(self) -> list[nodes.Node]:
        """Return a table, the most telling fields first."""
        places: dict[float, list[str]] = defaultdict(list)
        for field, weight in match.FIELD_WEIGHTS.items():
            places[weight].append(FIELDS[field])
        rows: list[Row] = [[[f"{weight:g}"], [", ".join(places[weight])]] for weight in sorted(places, reverse=True)]
        return [table(("Weight", "Where a word stands in the entry"), rows)]


class Likelihoods(SphinxDirective):
    """List the probabilities that the words of expectations stand for."""

    def run(self) -> list[nodes.Node]:
        """Return a table, from always to never."""
        rows: list[Row] = [[[frequency(often)], [f"{value:g}"]] for often, value in diagnose.LIKELIHOOD.items()]
        return [table(("Word", "Probability"), rows)]
