"""TCP segments of a capture -> those that were sent again, found for a whole batch at a time."""

from __future__ import annotations

from typing import Final

import numpy as np

from bot.evidence.frames import Mask, Numbers

_FLOWS: Final = 100_000
_SEGMENTS: Final = 50_000
_APART: Final = 1 << 34


class SegmentMemory:
    """Remembers how far each flow has sent. A segment that ends no further than that is a repetition."""

    def __init__(self) -> None:
        self._flows: dict[int, tuple[int, int]] = {}
        self._again: dict[tuple[int, int], int] = {}
        self.full = False

    def repeated(self, flow: Numbers, sequence: Numbers, size: Numbers) -> Mask:
        """Return which segments were sent before.

        Args:
            flow: a number that stands for the four ends of each segment's flow.
            sequence: the sequence numbers as they are on the wire.
            size: bytes of payload, all more than zero.
        """
        order = np.argsort(flow, kind="stable")
        flows = flow[order]
        first = np.concatenate([[True], flows[1:] != flows[:-1]])
        starts = np.flatnonzero(first)
        group = np.cumsum(first) - 1
        names = flows[starts].tolist()
        opening = sequence[order][starts].tolist()
        states = [self._flows.get(name, (base, 0)) for name, base in zip(names, opening, strict=True)]
        bases = np.array([base for base, _ in states], dtype=np.int64)
        reached = np.array([furthest for _, furthest in states], dtype=np.int64)
        # Sequence numbers wrap at 2**32; a distance from the flow's first one, taken as signed, does not for 2 GB.
        distance = (sequence[order] - bases[group]) & 0xFFFFFFFF
        distance = np.where(distance > 0x7FFFFFFF, distance - (1 << 32), distance)
        end = distance + size[order]
        lifted = np.maximum(end, np.where(first, reached[group], end)) + group * _APART
        running = np.maximum.accumulate(lifted) - group * _APART
        before = np.where(first, reached[group], np.concatenate([[0], running[:-1]]))
        again = np.empty(len(flow), dtype=bool)
        again[order] = end <= before
        self._keep(names, bases, running[np.concatenate([starts[1:], [len(flows)]]) - 1])
        return again

    def _keep(self, names: list[int], bases: Numbers, furthest: Numbers) -> None:
        for name, base, end in zip(names, bases.tolist(), furthest.tolist(), strict=True):
            if end > 1 << 30:
                # Long before the distance wraps, the flow's base moves on.
                base, end = (base + end) & 0xFFFFFFFF, 0
            if name in self._flows or len(self._flows) < _FLOWS:
                self._flows[name] = (base, end)
            else:
                self.full = True

    def count(self, flow: int, sequence: int) -> int:
        """Count one repetition of a segment; return how often it was repeated by now."""
        key = (flow, sequence)
        if key in self._again or len(self._again) < _SEGMENTS:
            self._again[key] = self._again.get(key, 0) + 1
        return self._again.get(key, 1)
