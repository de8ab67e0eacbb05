"""What an operator's words say about checks: an answer to the one that was asked, and facts that nobody asked for.

An outcome is recognised by its name, its label, `yes` and `no`, or the ways people word it (`says` in the check). A
wording counts only in a clause of the same polarity: "no drops on the tap" is not "drops on the tap".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from typing import Final

from kb.concepts import NEGATORS, SMALL_WORDS
from kb.load import KnowledgeBase
from kb.model import Check
from kb.text import expand, tokens, words

_CLAUSE = re.compile(r"[.,;!\n()]+|\bbut\b|\bhowever\b|\baber\b|\bmais\b|\bpero\b", re.IGNORECASE)
_QUESTION = re.compile(r"([^?\n]{6,200})\?[ \t]*([^?\n]{1,300})")
_QUESTIONS = re.compile(r"[^?\n]{6,200}\?")
_YES = re.compile(r"\s*(?:yes|yep|yeah|yup|true|correct|right|indeed|ja|oui|s[ií]|是)\b", re.IGNORECASE)
_NO = re.compile(r"\s*(?:no|nope|false|none|never|not at all|nein|non|nada|不|没有)\b", re.IGNORECASE)
_SKIP = re.compile(
    r"\b(?:skip|can'?t (?:run|do|say|tell|check|access|see)|cannot (?:run|do|say|tell|check|access|see)|don'?t know|"
    r"do not know|dunno|not sure|no idea|no access|not possible|n/a|unsure)\b",
    re.IGNORECASE,
)
ENOUGH: Final = 0.55
"""The share of a wording (by the rarity of its words) that an answer to a question must contain."""

SLACK: Final = 1
"""How many other telling words may stand between those of a fact that nobody asked for."""


@dataclass(frozen=True)
class Understood:
    """What was understood: outcome by check, the words it came from, and whether the question was waved aside."""

    findings: Mapping[str, str] = field(default_factory=dict)
    because: Mapping[str, str] = field(default_factory=dict)
    skipped: bool = False
    volunteered: frozenset[str] = frozenset()
    """The checks among the findings that nobody asked for."""


@dataclass(frozen=True)
class _Wording:
    check: str
    outcome: str
    words: frozenset[str]
    negated: bool
    telling: int
    """How many words it has that mean something; an identifier is one, whatever its parts."""
    label: bool
    """A label names an outcome to somebody who sees the question; alone it says too little."""


@dataclass(frozen=True)
class _Clause:
    words: frozenset[str]
    order: tuple[str, ...]
    negated: bool
    text: str


class Understanding:
    """The casebook's wordings of outcomes, prepared once."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self._knowledge = knowledge
        self._wordings: dict[str, list[_Wording]] = {
            check.id: list(_wordings(check)) for check in knowledge.checks.values()
        }
        counts = Counter(
            word for wordings in self._wordings.values() for word in {w for wording in wordings for w in wording.words}
        )
        self._weight = {word: log(1 + len(self._wordings) / count) for word, count in counts.items()}
        self._questions = {
            check.id: frozenset(_content(f"{check.title} {check.question}")[0]) for check in knowledge.checks.values()
        }

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
        for check, outcome, said in self._questions_answered(text):
            findings[check], because[check] = outcome, said
            volunteered.discard(check)
        check_asked = self._knowledge.checks.get(asked) if asked else None
        skipped = False
        # Somebody who brings their own question along is not answering ours.
        if check_asked is not None and check_asked.id not in findings and not _QUESTION.search(text):
            outcome_found = self.answer(check_asked, text)
            if outcome_found is not None:
                findings[check_asked.id], because[check_asked.id] = outcome_found, text.strip()[:160]
            else:
                skipped = bool(_SKIP.search(text[:400]))
        return Understood(findings, because, skipped, frozenset(volunteered))

    def answer(self, check: Check, text: str) -> str | None:
        """Return the outcome that an answer to a check names, or None when that is not clear."""
        bare = text.strip().strip(".!").lower().replace(" ", "-")
        names = list(check.outcomes)
        if bare in names:
            return bare
        if bare.isdecimal() and 1 <= int(bare[:4]) <= len(names):
            return names[int(bare[:4]) - 1]
        labelled = [name for name, outcome in check.outcomes.items() if outcome.label.lower() == text.strip().lower()]
        if labelled:
            return labelled[0]
        return self._worded(check, text) or _yes_or_no(check, text)

    def _worded(self, check: Check, text: str, needed: frozenset[str] | None = None) -> str | None:
        """Return the outcome whose wording a text holds most of; of the needed words it must hold at least one."""
        best: dict[str, float] = {}
        for clause in _clauses(text):
            for wording in self._wordings[check.id]:
                if wording.negated == clause.negated and (needed is None or needed & wording.words):
                    share = self._share(wording, clause.words)
                    best[wording.outcome] = max(best.get(wording.outcome, 0.0), share)
        ranked = sorted(best.items(), key=lambda pair: -pair[1])
        if not ranked or ranked[0][1] < ENOUGH or (len(ranked) > 1 and ranked[0][1] - ranked[1][1] < 0.1):
            return None
        return ranked[0][0]

    def _volunteered(self, text: str) -> Iterator[tuple[_Wording, _Clause]]:
        """Yield wordings that stand whole in a clause, the longest first, so that the most exact one wins."""
        found = [
            (wording, clause)
            for clause in _clauses(text)
            for wordings in self._wordings.values()
            for wording in wordings
            if wording.telling > 1
            and not wording.label
            and wording.negated == clause.negated
            and wording.words <= clause.words
            and _together(wording.words, clause.order)
        ]
        yield from sorted(found, key=lambda pair: -sum(self._weight[word] for word in pair[0].words))

    def _questions_answered(self, text: str) -> Iterator[tuple[str, str, str]]:
        """Yield what messages such as "do you see the replies on the tap? no" say."""
        for question, reply in _QUESTION.findall(text):
            asked = frozenset(_content(question)[0])
            for check in self._nearest_checks(asked):
                outcome = self.answer(check, reply) or self._worded(check, f"{question} {reply}", _reply_words(reply))
                if outcome is not None:
                    yield check.id, outcome, f"{question.strip()}? {reply.strip()}"
                    break

    def _nearest_checks(self, asked: frozenset[str]) -> list[Check]:
        scores = {}
        for check, question in self._questions.items():
            union = sum(self._rarity(word) for word in question | asked)
            scores[check] = sum(self._rarity(word) for word in question & asked) / union if union else 0.0
        best = sorted(scores, key=lambda check: -scores[check])[:2]
        return [self._knowledge.checks[check] for check in best if scores[check] >= 0.35]

    def _rarity(self, word: str) -> float:
        return self._weight.get(word, 2.0)

    def _share(self, wording: _Wording, said: frozenset[str]) -> float:
        total = sum(self._weight[word] for word in wording.words)
        return sum(self._weight[word] for word in wording.words & said) / total if total else 0.0


def _wordings(check: Check) -> Iterator[_Wording]:
    for name, outcome in check.outcomes.items():
        for text in (*outcome.says, outcome.label):
            content, negated = _content(text)
            if content:
                yield _Wording(check.id, name, frozenset(content), negated, _telling(text), text == outcome.label)


def _clauses(text: str) -> Iterator[_Clause]:
    for piece in _CLAUSE.split(text)[:400]:
        content, negated = _content(piece)
        if content:
            yield _Clause(frozenset(content), content, negated, piece.strip()[:160])


def _content(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the words of a piece of text that mean something, in order, and whether it is negated."""
    found: Sequence[str] = tokens(text)
    meaning = tuple(word for word in found if word not in SMALL_WORDS and word not in NEGATORS)
    return meaning, any(word in NEGATORS for word in found)


def _reply_words(reply: str) -> frozenset[str] | None:
    """Return the words that a reply adds to its question; a mere yes or no leaves all of them to the question."""
    if _YES.match(reply) or _NO.match(reply):
        return None
    return frozenset(_content(reply)[0])


def _telling(text: str) -> int:
    return sum(
        any(token not in SMALL_WORDS and token not in NEGATORS for token in expand(word)) for word in words(text)
    )


def _together(needed: frozenset[str], order: tuple[str, ...]) -> bool:
    """Tell whether some words stand close together in a clause: "a few guests", not "a guest for a few hours"."""
    reach = len(needed) + SLACK
    return any(needed <= set(order[start : start + reach]) for start in range(max(1, len(order) - len(needed) + 1)))


def _yes_or_no(check: Check, text: str) -> str | None:
    for said, word in ((_YES, "yes"), (_NO, "no")):
        if said.match(text):
            fitting = [name for name, outcome in check.outcomes.items() if outcome.label.lower().startswith(word)]
            return fitting[0] if len(fitting) == 1 else None
    return None
