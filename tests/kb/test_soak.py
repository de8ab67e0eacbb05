"""Soak arithmetic, held against its definitions by simulation and by closed forms."""

from __future__ import annotations

import math
import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.duration import format_duration, parse_duration
from kb.errors import InputError
from kb.soak import confidence_after, estimate_mean, soak_time

HOUR = timedelta(hours=1)


def test_a_known_mean_asks_for_minus_the_logarithm_of_the_doubt() -> None:
    assert soak_time(HOUR, 0.99) / HOUR == pytest.approx(math.log(100))


@given(mean=st.floats(1, 1e6), confidence=st.floats(0.01, 0.9999), failures=st.none() | st.integers(1, 1000))
def test_confidence_after_is_the_inverse_of_soak_time(mean: float, confidence: float, failures: int | None) -> None:
    length = timedelta(seconds=mean)
    try:
        run = soak_time(length, confidence, failures)
    except InputError:
        return  # longer than any calendar: one failure and very little doubt
    assert confidence_after(length, run, failures) == pytest.approx(confidence, abs=1e-4)


@given(st.floats(0.5, 0.999), st.integers(1, 200))
def test_an_estimated_mean_asks_for_more_than_a_known_one(confidence: float, failures: int) -> None:
    assert soak_time(HOUR, confidence, failures) > soak_time(HOUR, confidence)


def test_the_soak_of_an_estimated_mean_holds_its_confidence_in_simulation() -> None:
    """Estimate from five failures, soak a system that is still broken: about one run in twenty passes wrongly."""
    chance = random.Random(7)
    passed = 0
    for _ in range(20_000):
        times = [timedelta(seconds=chance.expovariate(1 / 1800)) for _ in range(5)]
        mean = sum(times, timedelta()) / 5
        passed += chance.expovariate(1 / 1800) > soak_time(mean, 0.95, 5).total_seconds()
    assert passed / 20_000 == pytest.approx(0.05, abs=0.006)


def test_the_interval_of_the_mean_covers_the_truth_as_often_as_it_says() -> None:
    chance = random.Random(11)
    covered = 0
    for _ in range(4_000):
        estimate = estimate_mean([timedelta(seconds=chance.expovariate(1 / 600)) for _ in range(4)], 0.9)
        covered += estimate.low.total_seconds() <= 600 <= estimate.high.total_seconds()
    assert covered / 4_000 == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize(
    ("mean", "confidence", "failures"),
    [(timedelta(0), 0.9, None), (HOUR, 0.0, None), (HOUR, 1.0, None), (HOUR, 0.9, 0)],
)
def test_values_out_of_range_are_refused(mean: timedelta, confidence: float, failures: int | None) -> None:
    with pytest.raises(InputError):
        soak_time(mean, confidence, failures)


def test_no_observed_failure_gives_no_estimate() -> None:
    with pytest.raises(InputError):
        estimate_mean([])


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30 min", 1800), ("1.5h", 5400), ("2 days", 172800), ("45s", 45), ("at once", 0), ("1 week", 604800)],
)
def test_lengths_of_time_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "30", "min", "-3 h", "3 parsecs", "1e3 h"])
def test_other_texts_are_no_length_of_time(text: str) -> None:
    with pytest.raises(ValueError, match="no length of time"):
        parse_duration(text)


def test_lengths_of_time_are_written_in_a_unit_that_fits() -> None:
    lengths = [timedelta(seconds=5), timedelta(minutes=30), timedelta(hours=48), timedelta(days=9), timedelta(0)]
    assert [format_duration(length) for length in lengths] == ["5 s", "30 min", "48 h", "9 days", "at once"]
