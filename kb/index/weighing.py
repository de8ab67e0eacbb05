"""Weigh a token in a document by the fields it stands in.

BM25F (S. Robertson, H. Zaragoza, M. Taylor, "Simple BM25 extension to multiple weighted fields", CIKM 2004): the counts
of the fields are weighted and added *before* they saturate, so that a word in title and text is not paid twice.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from kb.index.arrays import spans
from kb.index.collect import Counts

_SATURATION: Final = 1.2
_LENGTH_SHARE: Final = 0.75
_CHUNK: Final = 4_000_000


class Entries(NamedTuple):
    """The tokens of some documents: the place of the document among them, the token, its gain, and that by field."""

    place: npt.NDArray[np.int64]
    token: npt.NDArray[np.int32]
    gain: npt.NDArray[np.float64]
    by_field: npt.NDArray[np.float64]


class Weighing(NamedTuple):
    """The counts of a collection, and what one count is worth in each field of each document.

    `idf[t]` is the weight of a token, `worth[d, f]` that of a field with its length normalised; the others are those of
    `Counts`.
    """

    start: npt.NDArray[np.int64]
    token: npt.NDArray[np.int32]
    times: npt.NDArray[np.uint8]
    worth: npt.NDArray[np.float32]
    idf: npt.NDArray[np.float32]

    @classmethod
    def of(cls, counts: Counts, weights: Sequence[float]) -> Self:
        """Weigh counts by the weight of each field, in the order of the fields."""
        documents = len(counts.ids)
        mean = counts.length.sum(axis=0) / np.maximum((counts.length > 0).sum(axis=0), 1)
        relative = counts.length / np.maximum(mean, 1)
        worth = np.array(weights) / (1 - _LENGTH_SHARE + _LENGTH_SHARE * relative)
        holders = np.bincount(counts.token, minlength=len(counts.tokens))
        idf = np.log(1 + (documents - holders + 0.5) / (holders + 0.5))
        return cls(counts.start, counts.token, counts.times, worth.astype(np.float32), idf.astype(np.float32))

    def gains(self) -> npt.NDArray[np.float32]:
        """Return the gain of every entry of the collection, from 0 to 1."""
        owner = np.repeat(np.arange(len(self.worth), dtype=np.int32), np.diff(self.start))
        gains = np.empty(len(self.token), np.float32)
        for begin in range(0, len(gains), _CHUNK):
            part = slice(begin, begin + _CHUNK)
            amount = np.einsum("ef,ef->e", self.times[part].astype(np.float32), self.worth[owner[part]])
            gains[part] = amount / (_SATURATION + amount)
        return gains

    def entries(self, documents: npt.NDArray[np.int64]) -> Entries:
        """Return what some documents hold, one document after the other."""
        first, last = self.start[documents], self.start[documents + 1]
        own = spans(first, last)
        place = np.repeat(np.arange(len(documents)), last - first)
        parts = self.times[own] * self.worth[documents][place]
        amount = parts.sum(axis=1, dtype=np.float64)
        return Entries(place, self.token[own], amount / (_SATURATION + amount), parts / (_SATURATION + amount)[:, None])
