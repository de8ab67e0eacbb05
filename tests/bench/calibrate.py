"""Fit the matcher's weights on operators' own words, which its index does not have: `python -m tests.bench.calibrate`.

Half of them are fitted; the other half is what `make bench` reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from kb.load import load
from kb.match import WEIGHTS, Matcher, Weights, combine
from kb.reading import read
from tests.bench.descriptions import Description, operators


class _Scored(NamedTuple):
    scores: NDArray[np.float64]
    possible: float
    right: NDArray[np.bool_]
    known: bool


def fit() -> tuple[Weights, float]:
    """Return the weights of the highest likelihood, and the mean negative log likelihood that they reach."""
    matcher = Matcher(load())
    scored = _score(matcher, operators()[0])
    prior = matcher.commonness

    def loss(values: NDArray[np.float64]) -> float:
        return float(np.mean([_surprise(Weights(*values), one, prior) for one in scored]))

    found = minimize(
        loss, np.array(WEIGHTS), method="Nelder-Mead", options={"maxiter": 1500, "xatol": 1e-3, "fatol": 1e-5}
    )
    return Weights(*(float(round(value, 2)) for value in found.x)), float(found.fun)


def _score(matcher: Matcher, descriptions: Sequence[Description]) -> list[_Scored]:
    rows = []
    for text, accept in descriptions:
        scores, possible = matcher.scores(read(text))
        right = np.array([name in accept for name in matcher.ids])
        rows.append(_Scored(scores, possible, right, bool(accept)))
    return rows


def _surprise(weights: Weights, one: _Scored, prior: NDArray[np.float64]) -> float:
    """Return the negative log likelihood of what is right."""
    logits, none = combine(weights, one.scores, one.possible, prior)
    number = len(prior)
    right = logits[:number][one.right] if one.known else np.append(logits[number:], none)
    return float(np.logaddexp.reduce(np.append(logits, none)) - np.logaddexp.reduce(right)) if right.size else 0.0


if __name__ == "__main__":
    weights, reached = fit()
    print(f"{weights}\nmean negative log likelihood {reached:.3f}")
