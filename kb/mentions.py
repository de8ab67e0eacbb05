"""Reports that a text names ("is this LP 997978?"), and the incidents that they are the report of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from kb.model import Incident
from kb.reading import MAX_CHARACTERS
from kb.trackers import TRACKERS

OF_THE_FAULT: Final = frozenset({"root-cause", "duplicate", "same-symptom", "fix"})
"""Relations of a reference that tells of its incident's fault; the others tell of more than that."""

# A number names a report only after a word that says so: 997978 may as well be a count of packets.
_NUMBER: Final = re.compile(
    r"(?:\b(?:launchpad|lp|bugs?|bugzilla|rhbz|bz|debian|issues?|solutions?)\b|#|\bid=)[^\d\n]{0,40}?([1-9]\d{3,8})(?!\w)",
    re.IGNORECASE,
)
_THREAD: Final = re.compile(r"\b([\w.-]{1,60}/[\w.-]{1,80})(?:#|/issues/|/pull/)([1-9]\d{0,6})(?!\w)")
_COMMIT: Final = re.compile(r"\b(?=[a-f]{0,40}\d)[0-9a-f]{8,40}\b")
_HASH_LETTERS: Final = 8
"""Letters of a commit's hash that name it."""


class Mentions:
    """The reports that incidents link as their own."""

    def __init__(self, incidents: Iterable[Incident]) -> None:
        """Learn the ids of all reports whose tracker writes numbers or hashes."""
        self._incidents: dict[str, dict[str, str]] = {}
        for incident in incidents:
            for reference in incident.references:
                tracker = TRACKERS[reference.tracker]
                if reference.relation in OF_THE_FAULT and tracker.numbers:
                    known = self._incidents.setdefault(_key(reference.id), {})
                    known.setdefault(incident.id, f"{tracker.label} {reference.id}")

    def find(self, text: str) -> dict[str, str]:
        """Return the incidents whose reports a text names, each with the report."""
        text = text[:MAX_CHARACTERS]
        keys = [match[1] for match in _NUMBER.finditer(text)]
        keys += [f"{match[1]}#{match[2]}".lower() for match in _THREAD.finditer(text)]
        keys += [_key(match[0]) for match in _COMMIT.finditer(text)]
        return {name: report for key in keys for name, report in self._incidents.get(key, {}).items()}


def _key(identifier: str) -> str:
    """Return what tells an id from others: a number, a thread in lower case, the first letters of a hash."""
    return identifier[:_HASH_LETTERS] if _COMMIT.fullmatch(identifier) else identifier.lower()
