"""What each concept of the trade's words adds: `python -m tests.bench.concepts`, some ten minutes.

Each is left out in turn, of the casebook as of the descriptions, and the same descriptions are matched again: those
that no weight was fitted on, and a fifth of the casebook's phrasings kept out of the index.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from unittest.mock import patch

import numpy as np

from kb.concepts import concepts, vocabulary
from kb.load import KnowledgeBase, load
from kb.match import Matcher
from kb.reading import CONCEPT
from tests.bench.descriptions import OPERATORS, UNSEEN, Description, halves, held_out, read
from tests.bench.table import Table

FOLD: Final = 1
"""Which fifth of the phrasings is kept out: not the one that the weights are fitted on."""
_TINY: Final = 1e-12
"""Keeps the logarithm of a probability finite."""


class _Found(NamedTuple):
    first: bool
    """Whether what is right is the likeliest."""
    surprise: float
    """The negative log probability of what is right, in nats."""


def gains() -> Table:
    """Return what each concept adds to the descriptions that speak of it, the most useful first."""
    rest, phrasings = held_out(load(), FOLD)
    descriptions = [*halves(OPERATORS)[1], *read(UNSEEN), *phrasings]
    matcher = Matcher(rest)
    spoken = [matcher.read(one.text).tokens for one in descriptions]
    found = list(_found(matcher, descriptions))
    rows = []
    for concept in vocabulary():
        places = [place for place, tokens in enumerate(spoken) if CONCEPT + concept in tokens]
        without = _without(concept, rest, [descriptions[place] for place in places])
        first = sum(found[place].first - one.first for place, one in zip(places, without, strict=True))
        nats = sum(one.surprise - found[place].surprise for place, one in zip(places, without, strict=True))
        rows.append([concept, str(len(places)), f"{first:+d}", f"{nats:+.1f}"])
    rows.sort(key=lambda row: -float(row[-1]))
    columns = ["concept", "descriptions that speak of it", "more of them found first", "nats gained in all"]
    return Table(f"What each concept adds to {len(descriptions):,} descriptions", columns, rows)


def _without(concept: str, knowledge: KnowledgeBase, descriptions: Sequence[Description]) -> list[_Found]:
    """Match descriptions where nobody has heard of a concept."""

    def others(text: str) -> dict[str, str]:
        return {name: way for name, way in concepts(text).items() if name != concept}

    with patch("kb.reading.concepts", others):
        return list(_found(Matcher(knowledge), descriptions))


def _found(matcher: Matcher, descriptions: Sequence[Description]) -> Iterator[_Found]:
    for text, accept in descriptions:
        probabilities = matcher.probabilities(matcher.read(text))
        right = np.array([name in accept for name in matcher.ids] + [not accept])
        yield _Found(bool(right[probabilities.argmax()]), -float(np.log(probabilities[right].sum() + _TINY)))


if __name__ == "__main__":
    print(gains())
