"""The casebook's wordings of outcomes, and how much of one a clause holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import log
from typing import Final

from bot.said import PLAIN, Clause, content, in_roles, opening, telling, unmistakable
from kb.load import KnowledgeBase
from kb.model import Check

GIVEN: Final = 0.25
"""The weight of a word that the question has said already, beside that of a new one: nobody repeats the question."""

UNHEARD: Final = 2.0
"""The weight of a word that no check uses."""


@dataclass(frozen=True)
class Wording:
    """One way to word one outcome of a check."""

    check: str
    outcome: str
    words: frozenset[str]
    alone: frozenset[str]
    """Those of its words, as they are written, that count without the question."""
    negated: bool
    telling: int
    """How many words it has that mean something; an identifier is one, whatever its parts."""
    label: bool
    """A label names an outcome to somebody who sees the question; alone it says too little."""


class Wordings:
    """All wordings by check, with what their words weigh."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        checks = knowledge.checks.values()
        self.of: Mapping[str, tuple[Wording, ...]] = {check.id: tuple(_wordings(check)) for check in checks}
        self.questions: Mapping[str, frozenset[str]] = {
            check.id: in_roles(content(f"{check.title} {check.question}")[0]) for check in checks
        }
        used = (word for wordings in self.of.values() for word in {word for one in wordings for word in one.words})
        self._weight = {word: log(1 + len(self.of) / count) for word, count in Counter(used).items()}

    def weigh(self, words: Iterable[str]) -> float:
        """Return how much some words say by themselves: the fewer checks use a word, the more it says."""
        return sum(self._weight.get(word, UNHEARD) for word in words)

    def weigh_after(self, check: str, words: Iterable[str]) -> float:
        """Return how much some words say to somebody who has just read a check's question."""
        given = self.questions[check]
        return sum(self._weight.get(word, UNHEARD) * (GIVEN if word in given else 1.0) for word in words)

    def share(self, wording: Wording, clause: Clause) -> tuple[float, float]:
        """Return how much of a wording a clause holds, right after its question, as a share and as a weight."""
        matched = self.weigh_after(wording.check, wording.words & clause.words)
        return matched / self.weigh_after(wording.check, wording.words), matched


def _wordings(check: Check) -> Iterator[Wording]:
    for name, outcome in check.outcomes.items():
        says = [(text, False) for text in outcome.says if text not in PLAIN]
        for text, label in (*says, (opening(outcome.label)[1], True)):
            found, negated = content(text)
            if found:
                alone = unmistakable(found)
                yield Wording(check.id, name, in_roles(found), alone, negated, telling(text), label)
