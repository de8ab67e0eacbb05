"""The casebook as the site needs it: loaded once a build, and a fingerprint for whatever a page was made from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from weakref import WeakKeyDictionary

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

from kb.errors import KnowledgeBaseError
from kb.load import FOLDERS, KnowledgeBase, load_directories
from kb.model import Check, Entry, Family, Incident

from .separation import Separation

logger = logging.getLogger(__name__)


class Place(NamedTuple):
    """Where an entry is shown."""

    docname: str
    title: str


class Casebook:
    """All entries, with what several pages derive from them."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.knowledge = knowledge

    @cached_property
    def separation(self) -> Separation:
        """How well each check tells two incidents apart."""
        return Separation(self.knowledge)

    def entries(self, folder: str) -> dict[str, Entry]:
        """Return the entries of one of the casebook's folders by id."""
        return dict(getattr(self.knowledge, folder))

    def place(self, name: str) -> Place | None:
        """Return the page of an incident, a check or a family by its id or a former id, if there is one."""
        name = self.knowledge.redirects.get(name, name)
        for folder in FOLDERS:
            entry = getattr(self.knowledge, folder).get(name)
            if entry is not None:
                return Place(f"kb/{folder}/{name}", entry.title)
        return None

    def fingerprint(self, subject: str) -> str:
        """Return a digest of everything that a page about this subject shows; it changes when the page must.

        Args:
            subject: `incidents/<id>`, `checks/<id>`, `families/<id>`, `name/<word>` (what a word leads to) or `all`.
        """
        kind, _, name = subject.partition("/")
        parts = _SUBJECTS[kind](self, name)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _facts(entry: Entry) -> str:
    return entry.model_dump_json(exclude={"path", "body"})


def _outline(incident: Incident) -> str:
    return incident.model_dump_json(include={"id", "title", "summary", "status", "family", "also_in", "expect"})


def _check_facts(book: Casebook, incidents: Iterable[Incident]) -> list[str]:
    names = sorted({name for incident in incidents for name in incident.expect})
    return [_facts(book.knowledge.checks[name]) for name in names]


def _of_incident(book: Casebook, name: str) -> list[str]:
    incident = book.knowledge.incidents.get(name)
    if incident is None:
        return []
    rivals = book.separation.rivals(incident)
    families = [_facts(book.knowledge.families[family]) for family in incident.families]
    outlines = [_outline(rival) for rival in rivals]
    return [_facts(incident), *outlines, *families, *_check_facts(book, [incident, *rivals])]


def _of_check(book: Casebook, name: str) -> list[str]:
    check: Check | None = book.knowledge.checks.get(name)
    if check is None:
        return []
    incidents = [incident for incident in book.knowledge.incidents.values() if name in incident.expect]
    return [_facts(check), *(f"{incident.title} {incident.status} {incident.expect[name]}" for incident in incidents)]


def _of_family(book: Casebook, name: str) -> list[str]:
    family: Family | None = book.knowledge.families.get(name)
    if family is None:
        return []
    members = book.knowledge.members(name)
    return [_facts(family), *(_outline(member) for member in members), *_check_facts(book, members)]


def _of_name(book: Casebook, name: str) -> list[str]:
    place = book.place(name)
    return [place.docname, place.title] if place else []


def _of_everything(book: Casebook, _: str) -> list[str]:
    return [_facts(entry) for folder in FOLDERS for entry in book.entries(folder).values()]


_SUBJECTS: dict[str, Callable[[Casebook, str], list[str]]] = {
    "incidents": _of_incident,
    "checks": _of_check,
    "families": _of_family,
    "name": _of_name,
    "all": _of_everything,
}

# Kept beside the build and not on its environment, which is pickled and outlives it.
_loaded: WeakKeyDictionary[Config, Casebook] = WeakKeyDictionary()


def load_casebook(app: Sphinx) -> None:
    """Load the source folder's casebook; on any mistake in it the build ends with all of them."""
    try:
        _loaded[app.config] = Casebook(load_directories([Path(app.srcdir) / "kb"]))
    except KnowledgeBaseError as error:
        for problem in error.problems:
            logger.error("%s", problem)
        # Any exception that Sphinx catches would bury these lines under a report of a crash.
        raise SystemExit(1) from None


def casebook_of(config: Config) -> Casebook:
    """Return the casebook of a build."""
    return _loaded[config]
