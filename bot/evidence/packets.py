"""The IPv4 packets of a batch as columns, and tallies by their addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from bot.evidence.frames import Bytes, Frames, Mask, Numbers, Times, number, transport
from bot.evidence.traffic import Pair, Tally, Traffic

_MIX: Final = np.uint64(0x9E3779B97F4A7C15)


@dataclass
class Packets:
    """The columns of the IPv4 packets in one batch."""

    inner: Bytes
    """From the transport header on."""
    source: Numbers
    target: Numbers
    source_port: Numbers
    target_port: Numbers
    protocol: Numbers
    """-1 for what is not the first fragment, and so has no transport header."""
    size: Numbers
    """Bytes after the IP header."""
    times: Times

    @classmethod
    def of(cls, frames: Frames, chosen: Numbers) -> Packets:
        """Take the chosen frames' packets apart."""
        network = frames.network[chosen]
        inner = transport(network)
        total = number(network, 2, 2)
        # A sender that leaves segmenting to hardware writes no total length.
        total = np.where(total > 0, total, frames.batch.lengths[chosen] - frames.network_at[chosen])
        return cls(
            inner,
            number(network, 12, 4),
            number(network, 16, 4),
            number(inner, 0, 2),
            number(inner, 2, 2),
            np.where(number(network, 6, 2) & 0x1FFF == 0, network[:, 9].astype(np.int64), -1),
            total - (network[:, 0] & 0x0F).astype(np.int64) * 4,
            frames.batch.times[chosen],
        )

    def holds(self, protocol: int) -> Mask:
        """Return which packets carry a protocol."""
        chosen: Mask = self.protocol == protocol
        return chosen

    def count(self, where: dict[Pair, Tally], mask: Mask, traffic: Traffic) -> None:
        """Tally some packets by their addresses."""
        for pair, tally in tallies(self.source, self.target, self.times, mask):
            traffic.tally(where, pair, tally.last, tally.count, tally.first)

    @property
    def flow(self) -> Numbers:
        """A number for the four ends of each packet's flow."""
        ends = (self.source.astype(np.uint64) << np.uint64(32) | self.target.astype(np.uint64)) * _MIX
        ports = (self.source_port << 16 | self.target_port).astype(np.uint64) * _MIX
        return (ends ^ ports).astype(np.int64)


def tallies(source: Numbers, target: Numbers, times: Times, mask: Mask) -> Iterator[tuple[Pair, Tally]]:
    """Yield each pair of addresses among the chosen frames with its first and last time and its count."""
    chosen = np.flatnonzero(mask)
    if not len(chosen):
        return
    keys = source[chosen].astype(np.uint64) << np.uint64(32) | target[chosen].astype(np.uint64)
    pairs, first, counts = np.unique(keys, return_index=True, return_counts=True)
    last = len(keys) - 1 - np.unique(keys[::-1], return_index=True)[1]
    for key, start, stop, count in zip(pairs.tolist(), first, last, counts.tolist(), strict=True):
        yield (
            (dotted(key >> 32), dotted(key & 0xFFFFFFFF)),
            Tally(float(times[chosen[start]]), float(times[chosen[stop]]), count),
        )


def dotted(value: int) -> str:
    """Write an IPv4 address from its number."""
    return f"{value >> 24}.{value >> 16 & 255}.{value >> 8 & 255}.{value & 255}"
