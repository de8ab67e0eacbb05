"""Let tokens that are spelt alike count for each other.

Every token is a unit vector of its character n-grams, and two texts are compared by all pairs of their tokens at once:
the soft cosine of G. Sidorov et al., "Soft similarity and soft cosine measure" (2014), with the n-grams that P. McNamee
and J. Mayfield, "Character n-gram tokenization for European language text retrieval" (2004), found to do the work of
stemming and spelling correction. N-grams are kept for the vocabulary only, so that a million documents cost nothing.
"""

from array import array
from collections.abc import Iterable
from typing import Final, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from kb.index.arrays import spans

_SIZES: Final = (3, 4)
_LONGEST: Final = 32
_BUCKETS: Final = 1 << 16  # few enough to stay in a processor's cache, enough for the n-grams of a language


class Spelling(NamedTuple):
    """Hashed n-grams of a vocabulary: those of token `t` are `gram[start[t]:start[t + 1]]`."""

    start: npt.NDArray[np.int64]
    gram: npt.NDArray[np.int32]

    def likeness(self, query: Iterable[tuple[str, float]], tokens: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return how much the spelling of each token says about a query of weighted tokens, from 0 to 1."""
        weighted = [(_grams(token), weight) for token, weight in query]
        grams = [gram for own, _ in weighted for gram in own]
        parts = [weight / len(own) ** 0.5 for own, weight in weighted for _ in own]
        wanted = np.bincount(np.array(grams, np.int64), parts, _BUCKETS).astype(np.float32)
        wanted /= max(float(np.sqrt(np.einsum("g,g", wanted, wanted))), 1e-12)
        first, last = self.start[tokens], self.start[tokens + 1]
        sizes = last - first
        sums = np.add.reduceat(wanted[self.gram[spans(first, last)]], np.cumsum(sizes) - sizes)
        return np.asarray(sums / np.sqrt(sizes), np.float64)


def learn_spelling(tokens: Iterable[str]) -> Spelling:
    """Cut the tokens of a vocabulary into n-grams."""
    gram, ends = array("i"), array("q", [0])
    for token in tokens:
        gram.extend(_grams(token))
        ends.append(len(gram))
    return Spelling(np.array(ends, np.int64), np.array(gram, np.int32))


def _grams(token: str) -> list[int]:
    """Return the buckets of a token's n-grams; its ends count as a sign, so that none is without."""
    padded = f" {token[:_LONGEST]} "
    cuts = [padded[at : at + size] for size in _SIZES for at in range(len(padded) - size + 1)]
    return [crc32(cut.encode("utf-8", "replace")) % _BUCKETS for cut in cuts]
