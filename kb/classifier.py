"""Which words tell one incident from its look-alikes, learned from the casebook's own sentences.

Multinomial logistic regression over the tokens of each sentence, pairs of neighbours and pieces of words, weighted by
their rarity, fitted by Nesterov's accelerated gradient ("A method for solving the convex programming problem with
convergence rate O(1/k²)", 1983). BM25 asks how much of a description an incident has; this asks which incident a word
speaks for when several have it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from kb.reading import PIECE

if TYPE_CHECKING:
    from scipy.sparse import csr_array

STEPS: Final = 30
STEP: Final = 0.1
"""How far each step follows the gradient at first; halved whenever that leads away, as with very many texts."""
WORSE: Final = 1.5
"""A loss this many times the lowest one means that the steps lead away; accelerated ones rise a little at times."""
DECAY: Final = 0.1
"""The weight of the penalty on large coefficients (L2), against one sentence."""
RECURRING: Final = 3
"""Texts that a pair or a piece must stand in to be learned: a phrase of one sentence says more of its author than of
the fault."""
PIECES_WEIGHT: Final = 0.5
"""What a piece of a word counts against a token."""

_TINY: Final = 1e-30
"""Keeps the logarithm of a probability finite."""

_Floats = NDArray[np.float32]


class Classifier:
    """Log probabilities of classes for texts, each given by its features: tokens, pairs of them, pieces of words."""

    def __init__(self, texts: Sequence[Collection[str]], classes: Sequence[int]) -> None:
        """Learn from the features of texts, and the number of the class of each, from 0 on."""
        frequency = Counter(feature for features in texts for feature in features)
        kept = sorted(name for name, count in frequency.items() if " " not in name or count >= RECURRING)
        self._columns = {name: column for column, name in enumerate(kept)}
        self._values = np.array([_value(name, frequency[name] / len(texts)) for name in kept], dtype=np.float32)
        self._coefficients = _fitted(self._rows(texts), np.asarray(classes, dtype=np.intp))

    def log_probabilities(self, features: Collection[str]) -> _Floats:
        """Return the log probability of each class for a text."""
        columns, values = self._vector(features)
        logits: _Floats = values @ self._coefficients[columns]
        logits -= np.logaddexp.reduce(logits)
        return logits

    def contributions(self, features: Collection[str], classes: NDArray[np.intp]) -> dict[str, list[float]]:
        """Return how far each known feature moves a text towards some classes, against the average class."""
        columns, values = self._vector(features)
        coefficients = self._coefficients[columns]
        moved = values[:, None] * (coefficients[:, classes] - coefficients.mean(axis=1, keepdims=True))
        return dict(zip((name for name in features if name in self._columns), moved.tolist(), strict=True))

    def _vector(self, features: Collection[str]) -> tuple[NDArray[np.intp], _Floats]:
        """Return the known features of a text as columns and their values, of length one together."""
        columns = np.array([self._columns[name] for name in features if name in self._columns], dtype=np.intp)
        values = self._values[columns]
        length = float(np.sqrt(values @ values))
        return columns, values / length if length else values

    def _rows(self, texts: Sequence[Collection[str]]) -> csr_array:
        """Return texts as the rows of a sparse matrix."""
        # scipy takes longer to import than a question takes to answer, and is needed only here.
        from scipy.sparse import csr_array

        vectors = [self._vector(features) for features in texts]
        starts = np.cumsum([0, *(len(columns) for columns, _ in vectors)])
        columns = np.concatenate([columns for columns, _ in vectors])
        values = np.concatenate([values for _, values in vectors])
        return csr_array((values, columns, starts), shape=(len(vectors), len(self._columns)))


def _value(name: str, share: float) -> float:
    """Return what a feature counts that stands in this share of all texts."""
    return math.sqrt(1 - math.log(share)) * (PIECES_WEIGHT if name.startswith(PIECE) else 1.0)


def _fitted(rows: csr_array, classes: NDArray[np.intp]) -> _Floats:
    """Return the coefficients, one row a feature and one column a class."""
    own = np.arange(rows.shape[0]), classes
    turned = rows.T.tocsr()
    best = ahead = safe = np.zeros((rows.shape[1], int(classes.max(initial=-1)) + 1), dtype=np.float32)
    pace, step, lowest = 1.0, STEP, math.inf
    for _ in range(STEPS):
        surplus = _softmax(rows @ ahead)
        loss = float(-np.log(surplus[own] + _TINY).sum() + DECAY / 2 * np.vdot(ahead, ahead))
        if loss > WORSE * lowest:
            best, ahead, pace, step = safe, safe, 1.0, step / 2
            continue
        if loss < lowest:
            safe, lowest = ahead, loss
        surplus[own] -= 1
        better = ahead - step * (turned @ surplus + DECAY * ahead)
        faster = (1 + math.sqrt(1 + 4 * pace * pace)) / 2
        ahead = better + (pace - 1) / faster * (better - best)
        best, pace = better, faster
    return safe


def _softmax(logits: _Floats) -> _Floats:
    odds: _Floats = np.exp(logits - logits.max(axis=1, keepdims=True))
    odds /= odds.sum(axis=1, keepdims=True)
    return odds
