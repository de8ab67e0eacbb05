"""The casebook's own regular expressions, run over evidence line by line.

Outcomes of checks carry patterns that recognise them in pasted output, and incidents carry signals that are near-proof.
There are hundreds of them, so a line is only tried against the ones whose fixed words it holds. The words are taken
from the parsed expression, and found by their rarest run of four letters.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from re import _constants as constants  # type: ignore[attr-defined]  # the only way to an expression's parts
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final, Literal, NamedTuple

from kb.load import KnowledgeBase

MAX_LINE: Final = 1000
"""Characters of a line that are looked at, so that no expression can run away."""
_GRAM: Final = 4


class Recognised(NamedTuple):
    """One line that an entry's expression matched."""

    kind: Literal["outcome", "signal"]
    id: str
    """The check or the incident."""
    outcome: str
    """The outcome of the check; for a signal what it means."""
    line: str
    number: int
    """The line of the text, from 1."""


@dataclass(frozen=True)
class _Expression:
    kind: Literal["outcome", "signal"]
    id: str
    outcome: str
    pattern: re.Pattern[str]
    words: tuple[str, ...]
    """At least one of these is in every line that matches; none known when empty."""


class Recogniser:
    """The expressions of a casebook, compiled once."""

    def __init__(self, knowledge: KnowledgeBase, without: Iterable[str] = ()) -> None:
        """Compile the expressions, but for those of some checks."""
        left_out = frozenset(without)
        self._expressions = [
            *(
                _expression("outcome", check.id, name, pattern)
                for check in knowledge.checks.values()
                if check.id not in left_out
                for name, outcome in check.outcomes.items()
                for pattern in outcome.patterns
            ),
            *(
                _expression("signal", incident.id, signal.means, signal.pattern)
                for incident in knowledge.active
                for signal in incident.signals
            ),
        ]

        counts = Counter(gram for expression in self._expressions for word in expression.words for gram in _grams(word))
        self._by_gram: dict[str, list[int]] = defaultdict(list)
        self._always = [index for index, expression in enumerate(self._expressions) if not expression.words]
        for index, expression in enumerate(self._expressions):
            for word in expression.words:
                # The run of letters that fewest expressions share says most.
                self._by_gram[min(_grams(word), key=lambda gram: (counts[gram], gram))].append(index)

    def recognise(self, text: str) -> list[Recognised]:
        """Return every line of a text that an expression matches, in the order of the text."""
        return [
            found for number, line in enumerate(text.splitlines(), 1) for found in self.recognise_line(line, number)
        ]

    def recognise_line(self, line: str, number: int) -> Iterator[Recognised]:
        """Yield what one line is recognised as."""
        line = line[:MAX_LINE]
        folded = line.lower()
        present = _grams(folded) & self._by_gram.keys()
        chosen = {index for gram in present for index in self._by_gram[gram]}
        for index in sorted(chosen.union(self._always)):
            expression = self._expressions[index]
            if expression.words and not any(word in folded for word in expression.words):
                continue
            if expression.pattern.search(line):
                yield Recognised(expression.kind, expression.id, expression.outcome, line.strip(), number)


def _grams(text: str) -> set[str]:
    return {text[start : start + _GRAM] for start in range(len(text) - _GRAM + 1)}


def recognise(knowledge: KnowledgeBase, text: str) -> list[Recognised]:
    """Return every line of a text that an outcome's pattern or an incident's signal matches."""
    return Recogniser(knowledge).recognise(text)


def _expression(kind: Literal["outcome", "signal"], name: str, outcome: str, pattern: str) -> _Expression:
    return _Expression(kind, name, outcome, re.compile(pattern, re.IGNORECASE), fixed_words(pattern))


@lru_cache(maxsize=4096)
def fixed_words(pattern: str) -> tuple[str, ...]:
    """Return lower-case words of which every match holds at least one; empty when the expression fixes none."""
    best: tuple[str, ...] = ()
    for words in _required(parser.parse(pattern, re.IGNORECASE)):
        if min(map(len, words), default=0) > min(map(len, best), default=_GRAM - 1):
            best = words
    return best


def _required(parsed: Iterable[tuple[Any, Any]]) -> Iterator[tuple[str, ...]]:
    """Yield sets of words, of each of which a match must hold one: literal runs, and an alternation's choices."""
    run = ""
    for kind, value in parsed:
        # Characters beyond ASCII fold in ways that lower() does not follow.
        if kind is constants.LITERAL and value < 128:
            run += chr(value).lower()
            continue
        if len(run) >= _GRAM:
            yield (run,)
        run = ""
        if kind is constants.SUBPATTERN:
            yield from _required(value[3])
        elif kind is constants.BRANCH:
            choices = [list(_required(branch)) for branch in value[1]]
            if all(choices):
                yield tuple(word for choice in choices for word in max(choice, key=lambda words: min(map(len, words))))
        elif kind in (constants.MAX_REPEAT, constants.MIN_REPEAT) and value[0] > 0:
            yield from _required(value[2])
    if len(run) >= _GRAM:
        yield (run,)
