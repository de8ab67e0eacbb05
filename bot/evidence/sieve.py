"""Long logs -> the lines of them that some reader may use, a block at a time.

A system's log is mostly about other things. Every line that a reader uses holds one of a few hundred words, so numpy
looks up the first letters of all of them at once, at every place of a block. Lines without a time of their own are
always kept: they belong to commands, and mean something only together.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

_DATED: Final = re.compile(
    rb"^(?:<\d{1,3}>)?(?:(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\[ {0,8}\d+\.\d{3,6}\]"
    rb"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?!\.\d+ (?:IP|ARP|RARP|STP|[0-9a-f]{2}:|\S{1,20} +(?:In|Out|B|M|P) )))",
    re.MULTILINE,
)
"""A line of a log; tcpdump's lines, which may have a date too, are none."""
_NEWLINE: Final = 10
_LETTERS: Final = 4
_BITS: Final = 20
_SPREAD: Final = np.uint32(0x9E3779B1)


class Sieve:
    """Lets through the lines that hold a word."""

    def __init__(self, words: Iterable[str]) -> None:
        """Take words of at least four letters, in lower case."""
        self._words: dict[bytes, list[bytes]] = defaultdict(list)
        self._begins = np.zeros(1 << _BITS, dtype=bool)
        for word in words:
            letters = word.encode()
            self._words[letters[:_LETTERS]].append(letters)
            self._begins[_slots(letters)[0]] = True

    def take(self, block: bytes) -> list[tuple[int, bytes]]:
        """Return the lines of a block that are to be read, each piece with the number of lines before it.

        Args:
            block: whole lines.
        """
        ends = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == _NEWLINE)
        kept = np.ones(len(ends), dtype=bool)
        kept[_lines(ends, [match.start() for match in _DATED.finditer(block)])] = False
        kept[_lines(ends, self._found(block.lower()))] = True
        kept[:1] = True  # so that the days go on where nothing is said
        edges = np.flatnonzero(np.diff(kept, prepend=False, append=False)).tolist()
        starts = [0, *(ends + 1).tolist()]
        runs = zip(edges[::2], edges[1::2], strict=True)
        return [(first, block[starts[first] : starts[last]]) for first, last in runs]

    def _found(self, folded: bytes) -> list[int]:
        """Return where words begin."""
        places = np.flatnonzero(self._begins[_slots(folded)]).tolist()
        words, none = {run: tuple(words) for run, words in self._words.items()}, ()
        return [
            place for place in places if folded.startswith(words.get(folded[place : place + _LETTERS], none), place)
        ]


def _slots(letters: bytes) -> NDArray[np.uint32]:
    """Return for every place where the table has the run of letters that begins there."""
    # The runs overlap; numpy reads them where they are.
    runs: NDArray[np.uint32] = np.ndarray((len(letters) - _LETTERS + 1,), dtype="<u4", buffer=letters, strides=(1,))
    return runs * _SPREAD >> np.uint32(32 - _BITS)


def _lines(ends: NDArray[np.int64], places: list[int]) -> NDArray[np.int64]:
    """Return the numbers of the lines that hold these places."""
    return np.searchsorted(ends, np.asarray(places, dtype=np.int64))
