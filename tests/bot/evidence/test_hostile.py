"""Damaged, lying and endless input: a partial answer that says what was not read, never an error."""

from __future__ import annotations

import gzip
import random
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.evidence import Evidence, files, read_evidence, read_text
from bot.evidence.reading import BLOCK
from kb.load import KnowledgeBase
from tests.bot.evidence import frames

SHARED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
GOOD = frames.pcap([(1_780_000_000 + step, frames.dhcp("discover")) for step in range(6)])
GOOD_NG = frames.pcapng([(1_780_000_000 + step, frames.dhcp("discover")) for step in range(6)], "vnet0")


def read(tmp_path: Path, knowledge: KnowledgeBase, data: bytes, name: str = "upload") -> Evidence:
    path = tmp_path / name
    path.write_bytes(data)
    return read_evidence([path], knowledge)


@SHARED
@given(data=st.binary(max_size=3000))
def test_any_bytes_give_an_answer(tmp_path: Path, knowledge: KnowledgeBase, data: bytes) -> None:
    read(tmp_path, knowledge, data)


@SHARED
@given(data=st.binary(max_size=2000))
def test_any_bytes_after_a_captures_magic_give_an_answer(tmp_path: Path, knowledge: KnowledgeBase, data: bytes) -> None:
    read(tmp_path, knowledge, GOOD[:24] + data)
    read(tmp_path, knowledge, GOOD_NG[:60] + data)
    read(tmp_path, knowledge, b"\x0a\x0d\x0d\x0a" + data)


@SHARED
@given(place=st.integers(24, len(GOOD) - 1), value=st.integers(0, 255), good=st.sampled_from([GOOD, GOOD_NG]))
def test_any_damaged_byte_gives_an_answer(
    tmp_path: Path, knowledge: KnowledgeBase, place: int, value: int, good: bytes
) -> None:
    place %= len(good)
    read(tmp_path, knowledge, good[:place] + bytes([value]) + good[place + 1 :])


@SHARED
@given(text=st.text(max_size=2000))
def test_any_text_gives_an_answer(knowledge: KnowledgeBase, text: str) -> None:
    read_text(text, knowledge)


@SHARED
@given(st.data())
def test_lines_of_known_forms_in_any_order_and_cut_anywhere_give_an_answer(
    knowledge: KnowledgeBase, data: st.DataObject
) -> None:
    from tests.bot.evidence.test_readers import FAULTS

    lines = [line for _, _, text in FAULTS.values() for line in text.splitlines()]
    chosen = data.draw(st.lists(st.sampled_from(lines), max_size=30))
    cut = [line[: data.draw(st.integers(0, len(line)))] for line in chosen]
    read_text("\n".join(cut), knowledge)


def test_impossible_frame_length_is_said(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    data = bytearray(GOOD)
    second = 24 + 16 + len(frames.dhcp("discover"))
    data[second + 8 : second + 12] = b"\xff\xff\xff\x7f"
    assert "frame 2 has an impossible length" in read(tmp_path, knowledge, bytes(data)).unread[0]


def test_damaged_compression_leaves_what_came_before(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    chance = random.Random(5)
    text = b"Mar  1 02:03:04 h kernel: nf_conntrack: table full, dropping packet\n" * 20_000 + chance.randbytes(BLOCK)
    packed = bytearray(gzip.compress(text))
    packed[-800:-400] = bytes(400)
    evidence = read(tmp_path, knowledge, bytes(packed))
    assert evidence.findings["conntrack-count"].outcome == "full"
    assert any("damaged compression" in sentence for sentence in evidence.unread)


def test_compression_bomb_is_cut(tmp_path: Path, knowledge: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_UNPACKED", 8 << 20)
    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join(packer.compress(b"\n" * BLOCK) for _ in range(64)) + packer.flush()
    assert any("unpacks to more than 8 MB" in sentence for sentence in read(tmp_path, knowledge, packed).unread)


def test_endless_line_is_cut(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    after = b"\nMar  1 02:03:04 h kernel: nf_conntrack: table full, dropping packet\n"
    evidence = read(tmp_path, knowledge, b"x" * (3 * BLOCK) + after)
    assert any("longer than" in sentence for sentence in evidence.unread)
    assert evidence.findings["conntrack-count"].outcome == "full"


def test_other_formats_are_named(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    assert "a zip archive" in read(tmp_path, knowledge, b"PK\x03\x04" + bytes(100)).unread[0]
    assert "neither text nor a capture" in read(tmp_path, knowledge, bytes(range(32)) * 9).unread[0]
    assert "empty" in read(tmp_path, knowledge, b"").unread[0]


def test_file_that_cannot_be_opened_is_said(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    assert "cannot be read" in read_evidence([tmp_path / "missing"], knowledge).unread[0]


def test_invalid_utf8_is_read_around(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    evidence = read(
        tmp_path,
        knowledge,
        b"caf\xe9 \xff\nMar  1 02:03:04 h\xff kernel: nothing\n[1.000001] nf_conntrack: table full\n",
    )
    assert evidence.findings["conntrack-count"].outcome == "full"


def test_number_of_events_is_bounded_and_said(knowledge: KnowledgeBase) -> None:
    lines = "".join(
        f"Mar  1 02:{n // 60 % 60:02}:{n % 60:02} h kernel: nf_conntrack: table full, dropping packet\n"
        for n in range(3000)
    )
    evidence = read_text(lines, knowledge)
    assert len(evidence.timeline) == 2000
    assert "beyond the first 2000" in evidence.unread[0]
