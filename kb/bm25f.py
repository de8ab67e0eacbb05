"""How much of a text each document has, by the rarity of the words they share.

BM25F (Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple weighted fields", CIKM 2004): a document is
its tokens, each counted by the weights of the fields that it stands in.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

SATURATION: Final = 4.0
"""BM25's k1: high, for a word that many phrasings of an incident share says more than one of a single phrasing."""
LENGTH: Final = 0.15
"""BM25's b."""


class Bm25f:
    """Documents, weighed once, to score any number of texts."""

    def __init__(self, documents: Sequence[Mapping[str, float]], others: Sequence[Mapping[str, float]] = ()) -> None:
        """Take for each document how much each of its tokens counts.

        Args:
            documents: those that a text is to be told apart among; how rare a token is follows from them alone.
            others: more documents, numbered after these. However many speak of a subject, it stays as telling.
        """
        everything = (*documents, *others)
        self._count = len(everything)
        self._unseen = _rarity_of(0, len(documents))
        self.rarity = _rarity(documents, others)
        """The inverse document frequency of each token, in nats."""
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, vector in enumerate(_weighed(everything, self.rarity)):
            for token, weight in vector:
                postings[token].append((number, weight))
        # A few flat arrays load many times as fast as two small ones for each token.
        ends = np.cumsum([0, *map(len, postings.values())]).tolist()
        self._spans = dict(zip(postings, map(slice, ends, ends[1:]), strict=False))
        flat = list(chain.from_iterable(postings.values()))
        self._places = np.array([place for place, _ in flat], dtype=np.int32)
        self._weights = np.array([weight for _, weight in flat], dtype=np.float32)

    def scores(self, tokens: Collection[str]) -> tuple[NDArray[np.float64], float]:
        """Return the score of each document for some tokens, and the sum of the tokens' rarities: the most there is."""
        scores = np.zeros(self._count)
        possible = 0.0
        for token in tokens:
            span = self._spans.get(token)
            if span is None:
                possible += self._unseen
            else:
                scores[self._places[span]] += self._weights[span]
                possible += self.rarity[token]
        return scores, max(possible, 1.0)

    def worth(self, token: str, documents: NDArray[np.intp]) -> list[float]:
        """Return what a token is worth in some documents: nothing where they do not have it."""
        span = self._spans.get(token)
        if span is None:
            return [0.0] * len(documents)
        places, weights = self._places[span], self._weights[span]
        found = np.minimum(np.searchsorted(places, documents), len(places) - 1)
        worth: list[float] = np.where(places[found] == documents, weights[found], 0.0).tolist()
        return worth


def _rarity(documents: Sequence[Mapping[str, float]], others: Iterable[Mapping[str, float]]) -> dict[str, float]:
    frequency = Counter(token for document in documents for token in document)
    frequency.update(dict.fromkeys(chain.from_iterable(others), 0))
    return {token: _rarity_of(having, len(documents)) for token, having in frequency.items()}


def _rarity_of(having: int, documents: int) -> float:
    return math.log(1 + (documents - having + 0.5) / (having + 0.5))


def _weighed(
    documents: Sequence[Mapping[str, float]], rarity: Mapping[str, float]
) -> Iterator[Iterator[tuple[str, float]]]:
    """Yield the tokens of each document, each with what it is worth there."""
    lengths = [sum(counts.values()) for counts in documents]
    mean = sum(lengths) / max(len(lengths), 1) or 1.0
    for counts, length in zip(documents, lengths, strict=True):
        room = SATURATION * (1 - LENGTH + LENGTH * length / mean)
        yield ((token, rarity[token] * count / (count + room)) for token, count in counts.items())
