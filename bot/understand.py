"""What an operator's words say about checks: an answer to the one that was asked, and facts that nobody asked for.

A wording of an outcome (`says` in the check) counts only in a clause of the same polarity: "no drops on the tap" is not
"drops on the tap". As a fact that nobody asked for it must stand there whole.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.answer import Answering
from bot.said import SKIP, Clause, clauses, content, denies, in_roles, opening
from bot.wordings import Wording, Wordings
from kb.load import KnowledgeBase
from kb.model import Check

_QUESTION = re.compile(r"([^?\n]{6,200})\?[ \t]*([^?\n]{1,300})")
_QUESTIONS = re.compile(r"[^?\n]{6,200}\?")

SLACK: Final = 1
"""How many other telling words may stand between those of a fact that nobody asked for."""

UNMISTAKABLE: Final = 4.0
"""The weight of words that make a fact nobody asked for: "one guest" stands in every second message."""

LIKE: Final = 0.35
"""How much of both a quoted question and a check's must be the same."""


@dataclass(frozen=True)
class Understood:
    """What was understood: outcome by check, the words it came from, and whether the question was waved aside."""

    findings: Mapping[str, str] = field(default_factory=dict)
    because: Mapping[str, str] = field(default_factory=dict)
    skipped: bool = False
    volunteered: frozenset[str] = frozenset()
    """The checks among the findings that nobody asked for."""


class Understanding:
    """The casebook's wordings of outcomes, prepared once."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self._knowledge = knowledge
        self._wordings = Wordings(knowledge)
        self._answering = Answering(knowledge, self._wordings)
        self._facts: dict[str, list[Wording]] = defaultdict(list)
        for wordings in self._wordings.of.values():
            for wording in wordings:
                enough = self._wordings.weigh(wording.alone) >= UNMISTAKABLE
                if wording.telling > 1 and len(wording.alone) > 1 and enough and not wording.label:
                    # Kept under its rarest word, so that a clause is compared with few of them.
                    rarest = max(sorted(wording.alone), key=lambda word: self._wordings.weigh((word,)))
                    self._facts[rarest].append(wording)

    def read(self, text: str, asked: str | None) -> Understood:
        """Return what a message says about checks.

        Args:
            text: the message, already bounded.
            asked: the check that waits for an answer, if one does.
        """
        findings: dict[str, str] = {}
        because: dict[str, str] = {}
        # What a quoted question names is asked, not said.
        for wording, clause in self._volunteered(_QUESTIONS.sub("\n", text)):
            findings.setdefault(wording.check, wording.outcome)
            because.setdefault(wording.check, clause.text)
        volunteered = set(findings)
        for check, outcome, words in self._questions_answered(text):
            findings[check], because[check] = outcome, words
            volunteered.discard(check)
        check_asked = self._knowledge.checks.get(asked) if asked else None
        skipped = False
        # Somebody who brings their own question along is not answering ours.
        if check_asked is not None and check_asked.id not in findings and not _QUESTION.search(text):
            outcome_found = self.answer(check_asked, text)
            if outcome_found is not None:
                findings[check_asked.id], because[check_asked.id] = outcome_found, text.strip()[:160]
            else:
                skipped = bool(SKIP.search(text[:400]))
        return Understood(findings, because, skipped, frozenset(volunteered))

    def answer(self, check: Check, text: str) -> str | None:
        """Return the outcome that an answer to a check names, or None when that is not clear."""
        return self._answering.answer(check, text)

    def _volunteered(self, text: str) -> Iterator[tuple[Wording, Clause]]:
        """Yield wordings that stand whole in a clause, the longest first, so that the most exact one wins."""
        found = [
            (wording, clause)
            for clause in clauses(text)
            for word in dict.fromkeys(clause.order)
            for wording in self._facts.get(word, ())
            if wording.negated == clause.negated and _together(wording.alone, clause.order)
        ]
        yield from sorted(found, key=lambda pair: -self._wordings.weigh(pair[0].words))

    def _questions_answered(self, text: str) -> Iterator[tuple[str, str, str]]:
        """Yield what messages such as "do you see the replies on the tap? no" say."""
        for question, reply in _QUESTION.findall(text):
            asked = in_roles(content(question)[0])
            for check in self._nearest_checks(asked):
                outcome = self.answer(check, reply) or self._answering.worded(
                    check, f"{question} {reply}", needed=_reply_words(reply)
                )
                if outcome is not None:
                    yield check.id, outcome, f"{question.strip()}? {reply.strip()}"
                    break

    def _nearest_checks(self, asked: frozenset[str]) -> list[Check]:
        scores = {}
        for check, question in self._wordings.questions.items():
            union = self._wordings.weigh(question | asked)
            scores[check] = self._wordings.weigh(question & asked) / union if union else 0.0
        best = sorted(scores, key=lambda check: -scores[check])[:2]
        return [self._knowledge.checks[check] for check in best if scores[check] >= LIKE]


def _reply_words(reply: str) -> frozenset[str] | None:
    """Return the words that a reply adds to its question; a mere yes or no leaves all of them to the question."""
    lean, rest = opening(reply)
    return None if lean or denies(reply) else in_roles(content(rest)[0])


def _together(needed: frozenset[str], order: tuple[str, ...]) -> bool:
    """Tell whether some words stand close together in a clause: "a few guests", not "a guest for a few hours"."""
    reach = len(needed) + SLACK
    return any(needed <= set(order[start : start + reach]) for start in range(max(1, len(order) - len(needed) + 1)))
