"""Which outcome an answer to a check names, however it is given: by name, in words, as a yes or no, or as output.

What somebody asks, puts off or does not know is no answer, and a long message about something else is none either.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Final

from bot.said import Lean, clauses, denies, opening, said
from bot.wordings import Wording, Wordings
from kb.load import KnowledgeBase
from kb.model import Check
from kb.reading import sentences
from kb.text import words
from kb.typos import Speller

_SHORTEST_MISSPELT: Final = 5
"""Letters of a word that can be corrected: "more" and "nope" stand in no check, and are no slips."""
ENOUGH: Final = 0.5
"""The share of a wording (by the weight of its words) that an answer must hold."""

COVER: Final = 0.17
"""The share of a clause that must speak for an outcome; a single word in a long tale does not answer."""

AHEAD: Final = 0.1
"""How far the best outcome must be ahead of the next one."""

LONGER: Final = 0.03
"""What each unit of matched weight adds: of two wordings that an answer holds whole, the longer one is meant."""

LEANING: Final = 0.2
"""What a yes or no at the beginning adds to the outcomes that it fits."""

DENIED: Final = 0.75
"""The share of a wording that a negated clause must hold to deny one of two outcomes."""

VOTES: Final = 2.5
"""The weight of words that must speak for an outcome when no single wording fits …"""
OUTVOTED: Final = 2.0
"""… and how many times as much as for the next one."""

LONGEST: Final = 2000
"""Characters of an answer whose words are read; output may be longer."""
MOST_WORDS: Final = 16
"""Words of an answer. Whoever writes more answers first, or goes on with their tale, where only whole facts count."""
_LINES: Final = 400
_LINE: Final = 1000


class Answering:
    """Understands answers to the checks of a casebook."""

    def __init__(self, knowledge: KnowledgeBase, wordings: Wordings) -> None:
        self._knowledge = knowledge
        self._wordings = wordings

    @cached_property
    def _speller(self) -> Speller:
        """Corrects typing errors by the words of all checks; most messages need none of it."""
        checks = self._knowledge.checks.values()
        outcomes = (text for check in checks for one in check.outcomes.values() for text in (one.label, *one.says))
        texts = (*outcomes, *(f"{check.title} {check.question} {check.read}" for check in checks))
        return Speller(texts, shortest=_SHORTEST_MISSPELT)

    def answer(self, check: Check, text: str) -> str | None:
        """Return the outcome that an answer to a check names, or None when that is not clear."""
        named = _named(check, text)
        shown = frozenset({named}) if named else _shown(check, text)
        if shown:
            # Output that shows two outcomes is clear about neither, whatever its words.
            return next(iter(shown)) if len(shown) == 1 else None
        told = self._speller.correct(said(_beginning(text[:LONGEST])))
        lean, rest = opening(told)
        return (
            self.worded(check, rest or told, lean)
            or self._other_denied(check, rest)
            or self._voted(check, rest or told, lean)
            or _plain(check, lean or ("no" if denies(told) else None))
        )

    def worded(
        self, check: Check, text: str, lean: Lean | None = None, needed: frozenset[str] | None = None
    ) -> str | None:
        """Return the outcome whose wording a text holds best.

        Args:
            check: the check that was asked.
            text: the answer, without its yes or no.
            lean: the yes or no that it began with.
            needed: words of which the wording must have at least one.
        """
        leaning = _leaning(check, lean)
        scores: dict[str, float] = {}
        for clause in clauses(text):
            least = COVER * self._wordings.weigh_after(check.id, clause.words)
            for wording in self._of(check, clause.negated):
                if needed is None or needed & wording.words:
                    share, matched = self._wordings.share(wording, clause)
                    if share >= ENOUGH and matched >= least:
                        score = share + LONGER * matched + LEANING * (wording.outcome in leaning)
                        scores[wording.outcome] = max(scores.get(wording.outcome, 0.0), score)
        best, score, next_score = _ranked(scores)
        return best if score - next_score >= AHEAD else None

    def _other_denied(self, check: Check, text: str) -> str | None:
        """Return what is left of two outcomes when a text denies the other: "it isn't on"."""
        if len(check.outcomes) != 2:
            return None
        denied = {
            wording.outcome
            for clause in clauses(text)
            if clause.negated
            for wording in self._of(check, negated=False)
            if self._wordings.share(wording, clause)[0] >= DENIED
        }
        return next(iter(check.outcomes.keys() - denied)) if len(denied) == 1 else None

    def _voted(self, check: Check, text: str, lean: Lean | None) -> str | None:
        """Return the outcome that the words of a text speak for, whichever of its wordings they come from."""
        votes: dict[str, float] = defaultdict(float, dict.fromkeys(_leaning(check, lean), LEANING))
        all_said = 0.0
        for clause in clauses(text):
            all_said += self._wordings.weigh_after(check.id, clause.words)
            for word in clause.words:
                users = Counter(one.outcome for one in self._of(check, clause.negated) if word in one.words)
                for outcome, count in users.items():
                    votes[outcome] += self._wordings.weigh_after(check.id, (word,)) * count / users.total()
        best, most, next_most = _ranked(votes)
        return best if most >= max(VOTES, COVER * all_said, OUTVOTED * next_most) else None

    def _of(self, check: Check, negated: bool) -> list[Wording]:
        return [wording for wording in self._wordings.of[check.id] if wording.negated == negated]


def _beginning(text: str) -> str:
    """Return what may be an answer: all of a short message, or the short first sentence of a long one."""
    first = next(filter(str.strip, sentences(text)), "")
    return next((part for part in (text, first) if len(words(part)) <= MOST_WORDS), "")


def _named(check: Check, text: str) -> str | None:
    """Return the outcome whose name, number or label a text is."""
    bare = text.strip().strip(".!").lower().replace(" ", "-")
    names = list(check.outcomes)
    if bare in names:
        return bare
    if bare.isdecimal() and 1 <= int(bare[:4]) <= len(names):
        return names[int(bare[:4]) - 1]
    label = text.strip().lower()
    return next((name for name, outcome in check.outcomes.items() if outcome.label.lower() == label), None)


def _shown(check: Check, text: str) -> frozenset[str]:
    """Return the outcomes whose patterns match a line, or the check's title with a line: a bare value says as much.

    Right after the question it is known what was pasted, so that one line decides.
    """
    pasted = [line[:_LINE] for line in text.splitlines()[:_LINES]]
    lines = [*pasted, *(f"{check.title} {line.strip()}" for line in pasted)]
    return frozenset(
        name
        for name, outcome in check.outcomes.items()
        for pattern in outcome.patterns
        if any(re.search(pattern, line, re.IGNORECASE) for line in lines)
    )


def _plain(check: Check, lean: Lean | None) -> str | None:
    """Return the outcome that a yes or no alone means: one that says so, or else the only one it can mean."""
    saying = [name for name, outcome in check.outcomes.items() if lean in outcome.says]
    fitting = saying or sorted(_leaning(check, lean))
    return fitting[0] if len(fitting) == 1 else None


def _leaning(check: Check, lean: Lean | None) -> frozenset[str]:
    """Return the outcomes that a yes (or a no) to the question can mean."""
    if lean is None:
        return frozenset()
    return frozenset(
        name
        for name, outcome in check.outcomes.items()
        if any(opening(text)[0] == lean or (lean == "no" and denies(text)) for text in (*outcome.says, outcome.label))
    )


def _ranked(scores: Mapping[str, float]) -> tuple[str | None, float, float]:
    """Return the best outcome with its score, and the score of the next one."""
    first, second = sorted([*scores.items(), (None, 0.0), (None, 0.0)], key=lambda pair: -pair[1])[:2]
    return first[0], first[1], second[1]
