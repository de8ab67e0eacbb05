"""Fit the matcher's weights on words that its index does not have: `python -m tests.bench.calibrate`.

That is half of the operators' own descriptions (`make bench` reports the other half), those retold from public reports,
and a fifth of the casebook's phrasings, kept out of the index.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from kb.load import load
from kb.match import WEIGHTS, Matcher, Scored, Weights, combine
from tests.bench.descriptions import OPERATORS, RETOLD, Description, halves, held_out, read

PHRASINGS_WEIGHT: Final = 0.1
"""What the phrasings count against the operators' own words: they were written to be found."""


class _Judged(NamedTuple):
    scored: Scored
    right: NDArray[np.bool_]
    known: bool


def fit() -> tuple[Weights, float]:
    """Return the weights of the highest likelihood, and the mean negative log likelihood that they reach."""
    knowledge = load()
    matcher = Matcher(knowledge)
    rest, phrasings = held_out(knowledge, 0)
    own = list(_judged(matcher, [*halves(OPERATORS)[0], *read(RETOLD)]))
    left_out = list(_judged(Matcher(rest), phrasings))
    prior = matcher.commonness

    def loss(values: NDArray[np.float64]) -> float:
        weights = Weights(*values)
        return _mean_surprise(weights, own, prior) + PHRASINGS_WEIGHT * _mean_surprise(weights, left_out, prior)

    found = minimize(
        loss, np.array(WEIGHTS), method="Nelder-Mead", options={"maxiter": 1500, "xatol": 1e-2, "fatol": 1e-4}
    )
    return Weights(*(float(round(value, 2)) for value in found.x)), float(found.fun)


def _judged(matcher: Matcher, descriptions: Sequence[Description]) -> Iterator[_Judged]:
    for text, accept in descriptions:
        right = np.array([name in accept for name in matcher.ids])
        yield _Judged(matcher.scores(matcher.read(text)), right, bool(accept))


def _mean_surprise(weights: Weights, judged: Sequence[_Judged], prior: NDArray[np.float64]) -> float:
    """Return the mean negative log likelihood of what is right."""
    return float(np.mean([_surprise(weights, one, prior) for one in judged]))


def _surprise(weights: Weights, one: _Judged, prior: NDArray[np.float64]) -> float:
    logits = combine(weights, one.scored, prior)
    right = logits[:-1][one.right] if one.known else logits[-1:]
    return float(np.logaddexp.reduce(logits) - np.logaddexp.reduce(right)) if right.size else 0.0


if __name__ == "__main__":
    weights, reached = fit()
    print(f"{weights}\nmean negative log likelihood {reached:.3f}")
