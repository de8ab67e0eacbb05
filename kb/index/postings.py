"""Look up which documents hold a token, the most telling first."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

_LONG: Final = 4_096
_MOST_READ: Final = 1_000_000
_BLOCK: Final = 16


class Postings(NamedTuple):
    """For each token the documents that hold it, and how much it says about each, between 0 and 1.

    Token `t` owns `document[start[t]:start[t + 1]]`. Long lists are in falling order of gain, so that reading only
    their head loses least (V. N. Anh, A. Moffat, "Pruned query evaluation using pre-computed impacts", SIGIR 2006).
    """

    start: npt.NDArray[np.int64]
    document: npt.NDArray[np.int32]
    gain: npt.NDArray[np.float32]

    def best(
        self, tokens: npt.NDArray[np.int64], weights: npt.NDArray[np.float64], documents: int, amount: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Return the documents with the greatest sum of weighted gains, in order of their number, and those sums.

        The rarest tokens are read first and whole; common ones give way when together they are longer than a query
        may take.

        Raises:
            IndexError: A list names a document that there is not.
        """
        found: list[npt.NDArray[np.int32]] = [np.zeros(0, np.int32)]
        gains: list[npt.NDArray[np.float32]] = [np.zeros(0, np.float32)]
        left = _MOST_READ
        for at in np.argsort(-weights, kind="stable"):
            begin, end = int(self.start[tokens[at]]), int(self.start[tokens[at] + 1])
            end = min(end, begin + left)
            left -= end - begin
            found.append(self.document[begin:end])
            gains.append(self.gain[begin:end] * np.float32(weights[at]))
        holders = np.concatenate(found)
        if len(holders) and holders.max() >= documents:
            raise IndexError(f"document {holders.max()} of {documents}")
        scores = np.asarray(np.bincount(holders, np.concatenate(gains), documents), np.float64)
        best = top(scores, amount)
        return best, scores[best]


def invert(
    start: npt.NDArray[np.int64], token: npt.NDArray[np.int32], gain: npt.NDArray[np.float32], vocabulary: int
) -> Postings:
    """Turn the tokens of each document into the documents of each token."""
    # Only building needs scipy, and importing it takes longer than answering a question.
    from scipy import sparse

    documents = len(start) - 1
    turned = sparse.csr_array((gain, token, start), shape=(documents, vocabulary)).tocsc()
    first, document, gain = turned.indptr.astype(np.int64), turned.indices.astype(np.int32), turned.data
    for long in np.flatnonzero(np.diff(first) > _LONG):
        own = slice(first[long], first[long + 1])
        order = np.argsort(-gain[own], kind="stable")
        document[own], gain[own] = document[own][order], gain[own][order]
    return Postings(first, document, gain)


def top(scores: npt.NDArray[np.float64], amount: int) -> npt.NDArray[np.int64]:
    """Return where the greatest positive scores are, in rising order of place.

    Equal scores at the end of the list go to the first places, so that the answer is always the same.
    """
    places = np.flatnonzero(scores > 0)
    blocks = len(scores) // _BLOCK
    if blocks > amount:
        # As many blocks as wanted reach this floor, hence as many scores do: the rest cannot be among the best.
        floor = _greatest(scores[: blocks * _BLOCK].reshape(blocks, _BLOCK).max(axis=1), amount)
        places = np.flatnonzero((scores >= floor) & (scores > 0))
    if len(places) <= amount:
        return places
    last = _greatest(scores[places], amount)
    above, equal = places[scores[places] > last], places[scores[places] == last]
    return np.sort(np.concatenate((above, equal[: amount - len(above)])))


def _greatest(scores: npt.NDArray[np.float64], rank: int) -> float:
    """Return the score that stands at a rank, counted from 1."""
    return float(np.partition(scores, len(scores) - rank)[len(scores) - rank])
