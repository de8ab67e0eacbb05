"""How long an intermittent fault must stay away before a fix counts.

Failures without memory come after exponentially distributed times: a system that fails after `mean` on average
survives a run of length t with probability exp(-t / mean). A clean run of a fix is evidence only as far as the broken
system would have been unlikely to survive it.

When the mean itself was estimated from n observed failures, the ratio of a new run to the estimate follows an
F distribution with 2 and 2n degrees of freedom (Lawless, "Statistical Models and Methods for Lifetime Data", 2003,
chapter 4), which for 2 numerator degrees has the closed form used here. No run is long enough to make up for n = 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from kb.errors import InputError


class MeanEstimate(NamedTuple):
    """A mean time to failure with its exact two-sided confidence interval."""

    mean: timedelta
    low: timedelta
    high: timedelta
    failures: int


def soak_time(mean: timedelta, confidence: float, failures: int | None = None) -> timedelta:
    """Return how long a clean run must be so that a still broken system would have failed with this confidence.

    Args:
        mean: mean time to failure of the broken system.
        confidence: between 0 and 1, exclusive.
        failures: the number of failures that `mean` was estimated from; None when it is taken as known.

    Raises:
        InputError: a value is out of range.
    """
    _require(mean, confidence, failures)
    doubt = 1 - confidence
    if failures is None:
        return _seconds(-mean.total_seconds() * math.log(doubt))
    return _seconds(mean.total_seconds() * failures * (doubt ** (-1 / failures) - 1))


def confidence_after(mean: timedelta, run: timedelta, failures: int | None = None) -> float:
    """Return the confidence that a clean run of this length gives: the inverse of `soak_time`.

    Raises:
        InputError: a value is out of range.
    """
    _require(mean, 0.5, failures)
    if run < timedelta(0):
        raise InputError("a run cannot be shorter than nothing")
    ratio = run / mean
    if failures is None:
        return -math.expm1(-ratio)
    return 1 - (1 + ratio / failures) ** -failures


def estimate_mean(times: Sequence[timedelta], confidence: float = 0.95) -> MeanEstimate:
    """Estimate the mean time to failure from observed times, each of a run that ended in failure.

    Twice the total time over the mean follows a chi-squared distribution with 2n degrees of freedom (Epstein and Sobel,
    "Life Testing", Journal of the American Statistical Association 48, 1953), which makes the interval exact.

    Raises:
        InputError: no times, or one that is not positive.
    """
    if not times or min(times) <= timedelta(0):
        raise InputError("the mean needs at least one time to failure, each longer than nothing")
    # scipy takes a quarter of a second to import, which no other command should pay.
    from scipy.special import chdtri

    total, count = sum(times, timedelta(0)).total_seconds(), len(times)
    tail = (1 - confidence) / 2
    low, high = 2 * total / float(chdtri(2 * count, tail)), 2 * total / float(chdtri(2 * count, 1 - tail))
    return MeanEstimate(_seconds(total / count), _seconds(low), _seconds(high), count)


def _require(mean: timedelta, confidence: float, failures: int | None) -> None:
    if mean <= timedelta(0):
        raise InputError("the mean time to failure must be longer than nothing")
    if not 0 < confidence < 1:
        raise InputError("confidence lies between 0 and 100 %, both excluded")
    if failures is not None and failures < 1:
        raise InputError("an estimated mean needs at least one observed failure")


def _seconds(value: float) -> timedelta:
    try:
        return timedelta(seconds=value)
    except OverflowError as error:
        raise InputError("no run is that long; observe more failures or ask for less confidence") from error
