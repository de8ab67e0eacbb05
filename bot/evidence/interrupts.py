"""`/proc/interrupts`, read twice or more: queues of a guest that get no interrupt, and storms of TLB shootdowns."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise
from statistics import median
from typing import ClassVar, Final

from bot.evidence.notebook import Line, Notebook
from kb.model import Vantage

_QUEUE: Final = re.compile(
    r"^\s*\d{1,5}:(?P<counts>(?:\s+\d{1,18}){1,1024})\s+\S.{0,80}?\s(?P<device>virtio\d{1,3})-(?P<way>input|output)"
    r"\.(?P<queue>\d{1,3})\s*$"
)
_SECOND: Final = re.compile(r"^(?P<time>\d\d:\d\d:\d\d) (?P<count>\d{1,15})$")
_ASKS: Final = re.compile(r"\bTLB\b|tlb-shootdowns|shootdown", re.I)
_ASKED: Final = 3
"""Frames that a guest must have sent meanwhile before silence means something."""
_SPIKE: Final = 50_000
_TIMES: Final = 50
"""A spike is this many shootdowns within one reading, and this many times the usual number."""
_ENOUGH: Final = 10
_MOST: Final = 100_000


class InterruptReader:
    """Remembers the counts, and judges at the end."""

    WORDS: ClassVar[tuple[str, ...]] = ()  # it reads commands, not logs

    def __init__(self, book: Notebook) -> None:
        self._book = book
        self._queues: dict[tuple[str, str, str], dict[tuple[str, str], list[int]]] = defaultdict(dict)
        self._asked = False
        self._shootdowns: list[tuple[int, Line]] = []

    def take(self, line: Line) -> bool:
        """Read one line; False when it counts no interrupts."""
        if line.mark:
            self._asked = bool(_ASKS.search(line.place.command))
            return False
        queue = _QUEUE.match(line.text[:2000])
        if queue:
            self._count(queue, line)
            return True
        second = _SECOND.match(line.text[:40]) if self._asked or _ASKS.search(line.place.file) else None
        if second and len(self._shootdowns) < _MOST:
            self._shootdowns.append((int(second["count"]), line))
        return second is not None

    def finish(self) -> None:
        """Judge the queues of each guest, and the shootdowns."""
        for (_, _, device), queues in self._queues.items():
            self._judge_queues(device, queues)
        if len(self._shootdowns) > _ENOUGH:
            self._judge_shootdowns()

    def _count(self, queue: re.Match[str], line: Line) -> None:
        if line.place.vantage is Vantage.HOST:
            return  # a hypervisor that is a guest itself
        device = self._queues[line.place.file, line.place.host, queue["device"]]
        if len(self._queues) < 100:
            counts = device.setdefault((queue["way"], queue["queue"]), [])
            counts.append(sum(map(int, queue["counts"].split())))

    def _judge_queues(self, device: str, queues: dict[tuple[str, str], list[int]]) -> None:
        grown = {
            way: sum(counts[-1] - counts[0] for (kind, _), counts in queues.items() if kind == way)
            for way in ("input", "output")
        }
        if all(len(counts) < 2 for counts in queues.values()):
            return
        because = f"{device}: {grown['input']} input interrupts between two readings, {grown['output']} of output"
        # The driver asks for few interrupts of its output, so that their absence shows nothing.
        if grown["input"] > 0:
            self._book.finding("guest-rx-counter", "moving", because)
        elif grown["output"] >= _ASKED:
            self._book.finding("guest-rx-counter", "rx-frozen", because)
            self._book.show(f"The receive queue of {device} got no interrupt while {grown['output']} came for sending.")

    def _judge_shootdowns(self) -> None:
        steps = [(after[0] - before[0], after[1]) for before, after in pairwise(self._shootdowns)]
        usual = max(median(step for step, _ in steps), 1)
        most, line = max(steps, key=lambda step: step[0])
        if most >= _SPIKE and most >= usual * _TIMES:
            self._book.finding("host-interrupts", "shootdown-spike", f"{most} TLB shootdowns up to {line.quote}")
            self._book.event(f"{most} TLB shootdowns since the reading before", line)
            self._book.show(f"TLB shootdowns jumped to {most} at {line.text[:8]}; {usual:.0f} are usual here.")
        elif most < _SPIKE / 10:
            self._book.finding("host-interrupts", "normal", f"at most {most} TLB shootdowns between readings")
