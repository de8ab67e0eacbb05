"""Files -> the reading: what kind of file it is, decompressed within bounds, and what cannot be read said."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, cast

from bot.evidence.reading import BLOCK, Reading

_GZIP: Final = b"\x1f\x8b"
_PCAP: Final = (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x0a\x0d\x0d\x0a")
_OTHER: Final = {
    b"PK\x03\x04": "a zip archive",
    b"\xfd7zXZ": "an xz file",
    b"BZh": "a bzip2 file",
    b"\x28\xb5\x2f\xfd": "a zstd file",
    b"\x7fELF": "a program",
    b"%PDF": "a PDF",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
}
MAX_UNPACKED: Final = 4 << 30
"""Bytes that a compressed file may unpack to before the rest is left unread."""
MAX_RATIO: Final = 200
"""How many times larger than the file its content may be, beyond the first 64 MB; logs compress by 10 to 40."""


def read_file(path: Path, reading: Reading) -> None:
    """Read one file into a reading, as far as it can be read."""
    book = reading.book
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            stream = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if packed else raw
            blocks = _blocks(stream, path, reading, packed)
            first = next(blocks, b"")
            kind = next((name for magic, name in _OTHER.items() if first.startswith(magic)), None)
            if kind:
                book.leave(f"{path.name} is {kind}, which is not read; unpack it or paste the text")
            elif first.startswith(_PCAP):
                # numpy is needed for captures only.
                from bot.evidence.capture import read_capture

                read_capture(path.name, _chain(first, blocks), book)
            elif _binary(first):
                book.leave(f"{path.name} is neither text nor a capture in pcap or pcapng format")
            elif first:
                reading.text(path.name, _chain(first, blocks))
            else:
                book.leave(f"{path.name} is empty")
    except OSError as error:
        book.leave(f"{path.name} cannot be read: {error.strerror or error}")


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _blocks(stream: IO[bytes], path: Path, reading: Reading, packed: bool) -> Iterator[bytes]:
    limit = min(MAX_UNPACKED, (64 << 20) + path.stat().st_size * MAX_RATIO) if packed else None
    done = 0
    while True:
        try:
            block = stream.read(BLOCK)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            reading.book.leave(f"{path.name}: damaged compression after {done} bytes ({error})")
            return
        if not block:
            return
        done += len(block)
        yield block
        if limit is not None and done >= limit:
            reading.book.leave(f"{path.name} unpacks to more than {limit >> 20} MB; the rest was not read")
            return


def _binary(block: bytes) -> bool:
    """Tell binary data from text: text has next to no control characters, in whatever encoding."""
    head = block[:4096]
    control = sum(byte < 9 or 13 < byte < 27 for byte in head)
    return control > len(head) * 0.1
