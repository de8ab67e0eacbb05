"""Times as logs and captures write them, brought onto one axis.

Many stamps say less than a moment: syslog leaves the year out, tcpdump the date. A `Clock` remembers what other lines
say and fills it in afterwards, so it must have seen all the text before moments are asked of it. Zones are left as they
are written, for half of the sources write none; the offset between two clocks is estimated from what they both saw.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_MONTH: Final = "|".join(_MONTHS)
_TIME: Final = r"(?P<h>[01]\d|2[0-3]):(?P<m>[0-5]\d):(?P<s>[0-5]\d|60)(?:[.,](?P<f>\d{1,9}))?"
_FORMS: Final = (
    re.compile(rf"\[?(?P<year>(?:19|20)\d\d)-(?P<month>[01]\d)-(?P<day>[0-3]\d)[T _]{_TIME}(?:Z|[+-]\d\d:?\d\d)?\]?"),
    re.compile(
        rf"\[?(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?(?P<name>{_MONTH}) {{1,2}}(?P<day>\d{{1,2}}) {_TIME}(?: "
        rf"(?P<year>(?:19|20)\d\d))?\]?"
    ),
    re.compile(rf"\[?(?P<year>(?:19|20)\d\d)/(?P<month>[01]\d)/(?P<day>[0-3]\d) {_TIME}\]?"),
    re.compile(_TIME),
)
_LIKELY: Final = re.compile(r"[\[<]?(?:\d\d|[A-Z][a-z]{2} )")
_YEAR_ANYWHERE: Final = re.compile(r"\b(20[0-4]\d)-[01]\d-[0-3]\d\b")
_LEAP_YEAR: Final = 2000
_DAY: Final = 86400.0


class Stamp(NamedTuple):
    """A time as it was written; year and date are None where it has none."""

    seconds: float
    """Seconds of the day."""
    year: int | None
    date: tuple[int, int] | None
    """Month and day."""
    near: tuple[int, int] | None
    """The date of the last dated line before it, for a stamp without one."""
    written: str


class Clock:
    """Reads stamps and, once everything is read, places them on one axis."""

    def __init__(self) -> None:
        self._year: int | None = None
        self._near: tuple[int, int] | None = None
        self._first: tuple[int, int] | None = None

    def read(self, text: str) -> tuple[Stamp, int] | None:
        """Return the stamp at the start of a line and where the text after it begins, or None."""
        if not _LIKELY.match(text):
            return None
        for form in _FORMS:
            match = form.match(text)
            if match:
                stamp = self._stamp(match)
                return None if stamp is None else (stamp, match.end())
        return None

    def notice_year(self, text: str) -> None:
        """Learn the year from a full date anywhere in a line."""
        match = _YEAR_ANYWHERE.search(text, 0, 400)
        if match:
            self._year = int(match[1])

    def at_epoch(self, seconds: float) -> Stamp:
        """Return the stamp of a capture's time, which is counted from 1970."""
        try:
            moment = datetime.fromtimestamp(seconds, UTC)
        except (ValueError, OverflowError, OSError):
            return Stamp(seconds % _DAY, None, None, None, f"{seconds:.6f}")
        self._remember((moment.month, moment.day), moment.year)
        return Stamp(
            seconds % _DAY, moment.year, (moment.month, moment.day), None, moment.strftime("%Y-%m-%d %H:%M:%S.%f")
        )

    def place(self, stamp: Stamp) -> float:
        """Return the moment of a stamp in seconds since 1970, as far as its date is known."""
        where = stamp.date or stamp.near or self._first
        if where is None:
            return stamp.seconds
        try:
            day = date(stamp.year or self._year or _LEAP_YEAR, *where)
        except ValueError:  # the 29th of February of a year that was guessed
            day = date(_LEAP_YEAR, *where)
        return (day.toordinal() - date(1970, 1, 1).toordinal()) * _DAY + stamp.seconds

    def _stamp(self, match: re.Match[str]) -> Stamp | None:
        parts = match.groupdict()
        fraction = float(f"0.{parts['f']}") if parts["f"] else 0.0
        seconds = int(parts["h"]) * 3600 + int(parts["m"]) * 60 + int(parts["s"]) + fraction
        if "day" not in parts:
            return Stamp(seconds, None, None, self._near, match[0])
        month = _MONTHS[parts["name"]] if "name" in parts else int(parts["month"])
        year = int(parts["year"]) if parts["year"] else None
        try:
            date(year or _LEAP_YEAR, month, int(parts["day"]))
        except ValueError:
            return None
        where = (month, int(parts["day"]))
        self._remember(where, year)
        return Stamp(seconds, year, where, None, match[0].strip("[]"))

    def _remember(self, where: tuple[int, int], year: int | None) -> None:
        self._near = where
        self._first = self._first or where
        self._year = year or self._year
