"""Bring documents and queries that share meaning but few words close together.

Latent semantic analysis: the strongest directions of a weighted term-document matrix merge words that keep the same
company (S. Deerwester et al., "Indexing by latent semantic analysis", JASIS 1990). The directions come from a
randomised singular value decomposition (N. Halko, P. G. Martinsson, J. A. Tropp, "Finding structure with randomness",
SIAM Review 2011), of a sample when there are many documents: other documents are folded in.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_RANK: Final = 256  # within the 200 to 500 that the literature found best for large collections
_DOCUMENTS_A_DIRECTION: Final = 4  # fewer would give each document a direction of its own
_SAMPLE: Final = 16_384
_OVERSAMPLE: Final = 16
_ROUNDS: Final = 2
_CHUNK: Final = 16_384
_FULL: Final = 127.0


class Latent(NamedTuple):
    """Directions of meaning: `row[t]` names the line of `terms` for token `t` (-1: none).

    `documents[d]` is the unit vector of a document in steps of `scale[d]`: a quarter of the memory, and far finer than
    the differences that decide a rank.
    """

    row: npt.NDArray[np.int32]
    terms: Floats
    documents: npt.NDArray[np.int8]
    scale: Floats

    def query(self, tokens: npt.NDArray[np.int64], weights: npt.NDArray[np.float64]) -> Floats:
        """Return the unit vector of weighted tokens, all zeros when none of them has a meaning here."""
        rows = self.row[tokens]
        vector = np.einsum("t,tk->k", weights[rows >= 0].astype(np.float32), self.terms[rows[rows >= 0]])
        return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), np.float32)

    def nearness(self, vector: Floats, documents: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return the cosine of some documents to a query vector."""
        # Not a matrix product: its library would start threads for so little and wait for them on a busy machine.
        steps = np.einsum("dk,k->d", self.documents[documents].astype(np.float32), vector)
        return np.asarray(steps * self.scale[documents], np.float64)


def fit_latent(start: npt.NDArray[np.int64], token: npt.NDArray[np.int32], weight: Floats, vocabulary: int) -> Latent:
    """Find the directions of documents given as rows of token weights, and place every document among them.

    Document `d` owns `token[start[d]:start[d + 1]]` with their weights. The same documents give the same result.
    """
    # Only building needs scipy, and importing it takes longer than answering a question.
    from scipy import sparse

    matrix = sparse.csr_array((weight, token, start), shape=(len(start) - 1, vocabulary))
    amount = matrix.shape[0]
    rank = min(_RANK, amount // _DOCUMENTS_A_DIRECTION)
    sample = matrix[np.linspace(0, amount - 1, min(amount, _SAMPLE)).astype(np.int64)] if amount else matrix
    used = np.flatnonzero(np.bincount(sample.indices, minlength=vocabulary) > 1)
    row = np.full(vocabulary, -1, np.int32)
    row[used] = np.arange(len(used))
    terms = _directions(_unit_rows(sample[:, used]), rank)
    documents, scale = np.zeros((amount, terms.shape[1]), np.int8), np.zeros(amount, np.float32)
    for begin in range(0, amount, _CHUNK):
        vectors = matrix[begin : begin + _CHUNK][:, used] @ terms
        peak = np.maximum(np.abs(vectors).max(axis=1, initial=0), 1e-12)
        steps = np.rint(vectors * (_FULL / peak)[:, None]).astype(np.int8)
        documents[begin : begin + _CHUNK] = steps
        norm = np.sqrt(np.einsum("ij,ij->i", steps, steps, dtype=np.float32))
        scale[begin : begin + _CHUNK] = 1 / np.maximum(norm, 1)
    return Latent(row, terms, documents, scale)


def _unit_rows(matrix: Any) -> Any:
    from scipy import sparse

    norms = np.sqrt(matrix.multiply(matrix).sum(axis=1))
    return sparse.csr_array(sparse.diags_array((1 / np.maximum(norms, 1e-12)).astype(np.float32)) @ matrix)


def _directions(matrix: Any, rank: int) -> Floats:
    """Return the strongest right singular vectors of a matrix, as columns."""
    width = min(rank + _OVERSAMPLE, *matrix.shape)
    if rank == 0 or width == 0:
        return np.zeros((matrix.shape[1], 0), np.float32)
    basis = np.random.default_rng(0).standard_normal((matrix.shape[1], width), np.float32)
    for _ in range(_ROUNDS):
        basis, _ = np.linalg.qr(matrix.T @ np.linalg.qr(matrix @ basis)[0])
    projected = matrix @ basis
    strength, mixing = np.linalg.eigh(projected.T @ projected)
    strongest = np.argsort(-strength, kind="stable")[:rank]
    return np.ascontiguousarray(basis @ mixing[:, strongest], np.float32)
