"""pcap and pcapng files -> batches of frames, as positions in a block of bytes.

Only the record headers are walked in Python; what is inside the frames is for numpy. The formats are those of
draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng. A damaged file gives the frames before the damage, and says so.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

LARGEST: Final = 1 << 18
"""Bytes of a frame or block beyond which a length is taken for damage; tcpdump's own limit for a frame."""
_LARGEST_BLOCK: Final = 1 << 24
_FILL: Final = 4 << 20
_SECTION: Final = 0x0A0D0D0A
_BYTE_ORDER: Final = 0x1A2B3C4D
_INTERFACES: Final = 256

Leave = Callable[[str], None]


@dataclass
class Interface:
    """What a capture file says of where it was taken."""

    link: int
    """The link type, by the registry of tcpdump.org/linktypes.html."""
    name: str = ""
    unit: float = 1e-6
    """Seconds of a tick of its clock."""


class Batch(NamedTuple):
    """Frames of one interface in one block."""

    interface: Interface
    block: bytes
    offsets: NDArray[np.int64]
    """Where the frames' data begin in the block."""
    captured: NDArray[np.int64]
    """Bytes of each frame that were kept."""
    lengths: NDArray[np.int64]
    """Bytes of each frame as it was on the wire."""
    times: NDArray[np.float64]
    """Seconds since 1970."""


def batches(blocks: Iterable[bytes], leave: Leave) -> Iterator[Batch]:
    """Yield the frames of a capture in the order of the file.

    Args:
        blocks: the file's bytes, in pieces of any size.
        leave: called with a sentence for everything that cannot be read.
    """
    filled = _fill(blocks)
    first = next(filled, b"")
    if first[:4] == b"\x0a\x0d\x0d\x0a":
        yield from _pcapng(first, filled, leave)
    else:
        yield from _pcap(first, filled, leave)


def _fill(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Join pieces to blocks that are worth the fixed cost of a batch."""
    held: list[bytes] = []
    size = 0
    for block in blocks:
        held.append(block)
        size += len(block)
        if size >= _FILL:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _pcap(first: bytes, rest: Iterator[bytes], leave: Leave) -> Iterator[Batch]:
    if len(first) < 24:
        leave("the capture ends within its header")
        return
    order = "<" if first[:1] in (b"\xd4", b"\x4d") else ">"
    link = struct.unpack_from(order + "I", first, 20)[0] & 0x0FFFFFFF
    interface = Interface(link, unit=1e-9 if b"\x3c" in first[:4] and b"\x4d" in first[:4] else 1e-6)
    length_at = struct.Struct(order + "I").unpack_from
    block, position, seen = first, 24, 0
    while True:
        offsets: list[int] = []
        note = offsets.append
        end = len(block) - 16
        damaged = False
        while position <= end:
            size = length_at(block, position + 8)[0]
            if size > LARGEST:
                damaged = True
                break
            following = position + 16 + size
            if following > end + 16:
                break
            note(position)
            position = following
        seen += len(offsets)
        if offsets:
            yield _pcap_batch(interface, block, offsets, order)
        if damaged:
            leave(f"frame {seen + 1} has an impossible length; it and what follows were not read")
            return
        more = next(rest, None)
        if more is None:
            if position < len(block):
                leave(f"the capture ends within frame {seen + 1}")
            return
        block, position = block[position:] + more, 0


def _pcap_batch(interface: Interface, block: bytes, offsets: list[int], order: str) -> Batch:
    starts = np.array(offsets, dtype=np.int64)
    headers = rows(block, starts, 16).view(order + "u4").astype(np.int64)
    times = headers[:, 0] + headers[:, 1] * interface.unit
    return Batch(interface, block, starts + 16, headers[:, 2], headers[:, 3], times)


def rows(block: bytes, starts: NDArray[np.int64], width: int) -> NDArray[np.uint8]:
    """Return the bytes from each start as one row of a table; what lies beyond the block is zero."""
    data = np.frombuffer(block, dtype=np.uint8)
    if len(data) < width or starts[-1] + width > len(data):
        data = np.concatenate([data, np.zeros(width, dtype=np.uint8)])
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(data, width)[starts])


@dataclass
class _Section:
    order: str = "<"
    interfaces: list[Interface] = field(default_factory=list)
    seen: int = 0


def _pcapng(first: bytes, rest: Iterator[bytes], leave: Leave) -> Iterator[Batch]:
    section = _Section()
    block, position = first, 0
    while True:
        found: dict[int, list[tuple[int, int, int, int]]] = {}
        position, damage = _walk(block, position, section, found)
        for number, frames in sorted(found.items()):
            yield _pcapng_batch(section.interfaces[number], block, frames)
        if damage:
            leave(f"after frame {section.seen}: {damage}; what follows was not read")
            return
        more = next(rest, None)
        if more is None:
            if position < len(block):
                leave(f"the capture ends within a block after frame {section.seen}")
            return
        block, position = block[position:] + more, 0


def _walk(
    block: bytes, position: int, section: _Section, found: dict[int, list[tuple[int, int, int, int]]]
) -> tuple[int, str]:
    """Walk whole blocks; return where the first incomplete one begins, and what is wrong with it if anything is."""
    end = len(block)
    enhanced = struct.Struct(section.order + "IIIIIII").unpack_from
    head = struct.Struct(section.order + "II").unpack_from
    while position + 12 <= end:
        kind, size = head(block, position)
        if kind == _SECTION:
            magic = struct.unpack_from("<I", block, position + 8)[0]
            section.order = "<" if magic == _BYTE_ORDER else ">"
            enhanced = struct.Struct(section.order + "IIIIIII").unpack_from
            head = struct.Struct(section.order + "II").unpack_from
            size = head(block, position)[1]
            if found:
                # Frames are numbered by the interfaces of their own section: hand them over before it ends.
                return position, ""
            section.interfaces = []
        if size < 12 or size % 4 or size > _LARGEST_BLOCK:
            return position, "a block has an impossible length"
        if position + size > end:
            break
        if kind == 6 and size >= 32:
            _, _, number, high, low, kept, length = enhanced(block, position)
            if kept > size - 32 or number >= len(section.interfaces):
                return position, "a frame does not fit its block"
            found.setdefault(number, []).append((position + 28, kept, length, high << 32 | low))
            section.seen += 1
        elif kind == 3 and size >= 16 and section.interfaces:
            length = head(block, position + 8)[0]
            found.setdefault(0, []).append((position + 12, min(length, size - 16), length, 0))
            section.seen += 1
        elif kind == 1 and size >= 20:
            if len(section.interfaces) >= _INTERFACES:
                return position, "it names more interfaces than any machine has"
            section.interfaces.append(_interface(block[position : position + size], section.order))
        position += size
    return position, ""


def _interface(block: bytes, order: str) -> Interface:
    interface = Interface(struct.unpack_from(order + "H", block, 8)[0])
    position = 16
    while position + 4 <= len(block) - 4:
        code, size = struct.unpack_from(order + "HH", block, position)
        value = block[position + 4 : position + 4 + size]
        if code == 2:
            interface.name = value.decode("utf-8", "replace").rstrip("\0")[:40]
        elif code == 9 and value:
            interface.unit = 2.0 ** -(value[0] & 0x7F) if value[0] & 0x80 else 10.0 ** -min(value[0], 18)
        elif code == 0:
            break
        position += 4 + size + -size % 4
    return interface


def _pcapng_batch(interface: Interface, block: bytes, frames: list[tuple[int, int, int, int]]) -> Batch:
    offsets, kept, lengths, ticks = zip(*frames, strict=True)
    times = np.array(ticks, dtype=np.float64) * interface.unit
    return Batch(
        interface,
        block,
        np.array(offsets, dtype=np.int64),
        np.array(kept, dtype=np.int64),
        np.array(lengths, dtype=np.int64),
        times,
    )
