"""Lengths of time as people write them: `30 min`, `36h`, `2 days`, `at once`, `unknown`."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_WRITTEN = re.compile(
    r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)\s*", re.IGNORECASE
)


def parse_duration(text: str) -> timedelta:
    """Read a length of time such as `30 min`, `1.5h` or `2 days`; `at once` is no time at all.

    Raises:
        ValueError: the text is not a number with a unit.
    """
    if text.strip().lower().replace("-", " ") == "at once":
        return timedelta(0)
    match = _WRITTEN.fullmatch(text)
    if not match:
        raise ValueError(
            f"{text!r} is no length of time; write a number and a unit, such as '30 min', '2 h' or '3 days'"
        )
    return timedelta(seconds=float(match[1]) * _UNITS[match[2][0].lower()])


def format_duration(length: timedelta) -> str:
    """Write a length of time for people, in the largest unit that keeps two digits of it: `2.3 h`, `48 h`, `5 days`."""
    seconds = length.total_seconds()
    if seconds == 0:
        return "at once"
    for unit, size, enough in (("days", 86400, 3 * 86400), ("h", 3600, 2 * 3600), ("min", 60, 120)):
        if seconds >= enough:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
