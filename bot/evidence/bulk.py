"""Long files of tcpdump's text -> tallies, a block at a time.

One split by a regular expression takes all plain payload lines out in C; what remains are the telling ones (ARP, DHCP,
ICMP, SYN, VLAN …), which are read like pasted lines. That is what makes 50 MB/s possible in Python.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from functools import lru_cache
from typing import Final

from bot.evidence.traffic import Traffic, without_port

_DAY: Final = 86400.0
_EPOCH: Final = date(1970, 1, 1).toordinal()
_PLAIN: Final = re.compile(
    rb"^(\d\d\d\d-\d\d-\d\d )?(\d\d:\d\d:\d\d\.\d+) "
    rb"(?:IP6? |[0-9a-f:]{17} > [0-9a-f:]{17}, ethertype IPv[46] \(0x[0-9a-f]{4}\), length \d+: |\S{1,20} +(?:In"
    rb"|Out|B|M) +IP6? )"
    rb"(?:\([^\n]{1,200}\)\n +)?(([^ \n]+ > [^ \n]+): "
    rb"(?:Flags \[[.PFRUEWe]{1,8}\],(?: cksum 0x[0-9a-f]+ \((?:correct|incorrect -> 0x[0-9a-f]+)\),)?"
    rb"(?: seq \d+:\d+,)?|(?:\[udp sum ok\])? ?UDP, length ))[^\n]*\n",
    re.MULTILINE,
)
_STAMPED: Final = re.compile(rb"^(?:\d\d\d\d-\d\d-\d\d )?\d\d:\d\d:\d\d\.\d{6} ", re.MULTILINE)
_RANGE: Final = re.compile(rb" seq (\d+):(\d+)")
_LOOKED_AT: Final = 1 << 16


def dense(block: bytes) -> bool:
    """Tell by its beginning whether most of a block is packets."""
    head = block[:_LOOKED_AT]
    return len(_STAMPED.findall(head)) * 10 >= head.count(b"\n") * 4 > 0 and b" > " in head


class Bulk:
    """Takes the plain lines out of blocks."""

    def __init__(self) -> None:
        self.time = 0.0
        self._seen: Counter[bytes] = Counter()

    def take(self, block: bytes, traffic: Traffic) -> list[tuple[int, bytes]]:
        """Count a block's plain lines; return the other lines, each piece with the number of lines before it.

        Args:
            block: whole lines.
            traffic: where to count.
        """
        columns = _PLAIN.split(block)
        rests, days, times, segments, flows = (columns[start::5] for start in range(5))
        if times:
            self._count(traffic, days, times, flows)
            self._repeats(traffic, segments)
        # A packet that tcpdump -v printed on two lines takes two numbers.
        lines_each = 2 if block.count(b"\n    ") * 3 > block.count(b"\n") else 1
        left, before = [], 0
        for index, rest in enumerate(rests):
            if rest:
                left.append((index * lines_each + before, rest))
                before += rest.count(b"\n")
        return left

    def _count(self, traffic: Traffic, days: list[bytes], times: list[bytes], flows: list[bytes]) -> None:
        traffic.frames += len(times)
        counts = Counter(flows)
        last = dict(zip(flows, range(len(flows)), strict=True))
        pairs = {flow: _pair(flow) for flow in counts}
        first: dict[bytes, int] = {}
        if any(pair not in traffic.payload for pair in pairs.values()):
            first = dict(zip(reversed(flows), range(len(flows) - 1, -1, -1), strict=True))
        for flow, index in last.items():
            stop = _seconds(traffic, days[index], times[index])
            begun = first.get(flow)
            start = stop if begun is None else _seconds(traffic, days[begun], times[begun])
            if begun is not None and (tally := traffic.payload.get(pairs[flow])):
                tally.first = min(tally.first, start)
            traffic.tally(traffic.payload, pairs[flow], stop, counts[flow], start)
        self.time = _seconds(traffic, days[-1], times[-1])

    def _repeats(self, traffic: Traffic, segments: list[bytes]) -> None:
        """Find segments that were sent again: the same ends and sequence numbers, in this block or the one before."""
        seen = Counter(segments)
        again = {segment for segment, count in seen.items() if count > 1} | (seen.keys() & self._seen.keys())
        for segment in again:
            sequence = _RANGE.search(segment)
            # Lines without a sequence range, such as plain acknowledgements, are alike without being repetitions.
            if sequence:
                size = (int(sequence[2]) - int(sequence[1])) % 2**32
                times = seen[segment] - (segment not in self._seen)
                traffic.repeat(_pair(segment), self.time, size, times)
        self._seen = seen


@lru_cache(maxsize=1 << 15)
def _pair(flow: bytes) -> tuple[str, str]:
    """Return the two addresses of `10.0.0.1.443 > 10.0.0.2.50000: …`, without ports."""
    sender, _, rest = flow.decode("ascii", "replace").partition(" > ")
    return without_port(sender), without_port(rest.partition(": ")[0])


def _seconds(traffic: Traffic, day: bytes | None, time: bytes) -> float:
    seconds = int(time[:2]) * 3600 + int(time[3:5]) * 60 + float(time[6:])
    if not day:
        return seconds
    traffic.dated = True
    return _day(day) + seconds


@lru_cache(maxsize=64)
def _day(day: bytes) -> float:
    try:
        return (date.fromisoformat(day[:10].decode()).toordinal() - _EPOCH) * _DAY
    except ValueError:
        return 0.0
