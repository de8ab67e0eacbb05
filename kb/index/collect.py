"""Count the tokens of a stream of documents, field by field, in arrays.

A million reports are counted in Python time that grows with their words, so the loop per word is a dictionary look-up
that runs in C, and everything else happens on batches of documents in NumPy.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from kb.index.arrays import StringCollector, Strings, spans
from kb.text import expand, words

_BATCH_WORDS: Final = 1_000_000
_BATCH_DOCUMENTS: Final = 20_000
_MAX_COUNT: Final = 255


class Document(NamedTuple):
    """A text to be found again: its name, and its fields by theirs."""

    id: str
    fields: Mapping[str, str]


class Counts(NamedTuple):
    """How often each token stands in each field of each document.

    Document `d` owns the entries `start[d]:start[d + 1]`; entry `e` says that token `token[e]` stands `times[e, f]`
    times (255 at most) in field `f`. `length[d, f]` counts the tokens of the field.
    """

    ids: Strings
    tokens: list[str]
    start: npt.NDArray[np.int64]
    token: npt.NDArray[np.int32]
    times: npt.NDArray[np.uint8]
    length: npt.NDArray[np.int32]


def collect(documents: Iterable[Document], fields: Sequence[str]) -> Counts:
    """Count the tokens of documents, read once from first to last and never held together.

    Raises:
        ValueError: A document has a field that is not among `fields`: a misspelt name would hide its text.
    """
    known = frozenset(fields)
    lexicon, ids = _Lexicon(), StringCollector()
    batch, batches = _Batch(len(fields)), []
    for document in documents:
        if not known.issuperset(document.fields):
            raise ValueError(f"document {document.id!r}: fields {sorted(document.fields)}, expected {sorted(known)}")
        ids.add(document.id)
        for field in fields:
            batch.add(map(lexicon.__getitem__, words(document.fields.get(field, ""))))
        if batch.is_full:
            batches.append(batch.counted(lexicon))
            batch = _Batch(len(fields))
    batches.append(batch.counted(lexicon))
    sizes, token, count, length = (np.concatenate(column) for column in zip(*batches, strict=True))
    start = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
    return Counts(ids.strings(), list(lexicon.tokens), start, token, count, length)


class _Lexicon(dict[str, int]):
    """Numbers of the words seen so far, and for each number the numbers of its tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens: dict[str, int] = {}
        self.parts = array("i")
        self.ends = array("q", [0])

    def __missing__(self, word: str) -> int:
        number = len(self.ends) - 1
        self.parts.extend([self.tokens.setdefault(token, len(self.tokens)) for token in expand(word)])
        self.ends.append(len(self.parts))
        self[word] = number
        return number


_Columns = tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.uint8], npt.NDArray[np.int32]]


class _Batch:
    """The word numbers of some documents, until they are counted together."""

    def __init__(self, fields: int) -> None:
        self._fields = fields
        self._words = array("i")
        self._ends = array("q", [0])

    def add(self, numbers: Iterable[int]) -> None:
        self._words.extend(numbers)
        self._ends.append(len(self._words))

    @property
    def is_full(self) -> bool:
        return len(self._words) >= _BATCH_WORDS or len(self._ends) > _BATCH_DOCUMENTS * self._fields

    def counted(self, lexicon: _Lexicon) -> _Columns:
        """Return entries per document, their tokens, their counts, and tokens per field of each document."""
        words_, ends = np.array(self._words, np.int64), np.array(self._ends, np.int64)
        word_ends, parts = np.array(lexicon.ends, np.int64), np.array(lexicon.parts, np.int64)
        sizes = word_ends[words_ + 1] - word_ends[words_]
        token = parts[spans(word_ends[words_], word_ends[words_ + 1])]
        lengths = np.diff(np.concatenate(([0], np.cumsum(sizes)))[ends])
        slot = np.repeat(np.arange(len(lengths)), lengths)
        documents = len(lengths) // self._fields
        # One sorted key a token makes equal (document, token, field) neighbours: counting becomes a comparison.
        width = max(1, len(lexicon.tokens))
        keys = np.sort((slot // self._fields * width + token) * self._fields + slot % self._fields)
        first = _firsts(keys)
        amount = np.minimum(np.diff(np.concatenate((first, [len(keys)]))), _MAX_COUNT)
        pairs, field = np.divmod(keys[first], self._fields)
        entry = _firsts(pairs)
        count = np.zeros((len(entry), self._fields), np.uint8)
        rows = np.repeat(np.arange(len(entry)), np.diff(np.concatenate((entry, [len(pairs)]))))
        count[rows, field] = amount
        document, token = np.divmod(pairs[entry], width)
        return (
            np.bincount(document, minlength=documents),
            token.astype(np.int32),
            count,
            lengths.reshape(documents, self._fields).astype(np.int32),
        )


def _firsts(ordered: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return where each run of equal numbers begins."""
    return np.flatnonzero(np.diff(ordered, prepend=-1))
