"""The casebook's expressions, found in text as fast as their fixed words allow."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.load import BUILT_IN, KnowledgeBase, read_directories
from kb.signals import Recogniser, fixed_words, recognise


@pytest.fixture(scope="module")
def knowledge() -> KnowledgeBase:
    return read_directories([BUILT_IN])[0]


def test_every_signal_is_found_in_its_example(knowledge: KnowledgeBase) -> None:
    for incident in knowledge.active:
        for signal in incident.signals:
            found = {match.id for match in recognise(knowledge, signal.example) if match.kind == "signal"}
            assert incident.id in found, signal.pattern


def test_line_and_number_are_given(knowledge: KnowledgeBase) -> None:
    found = recognise(knowledge, "nothing\n  x nf_conntrack: table full, dropping packet  \n")
    outcome = next(match for match in found if match.id == "host-kernel-log")
    assert (outcome.outcome, outcome.number) == ("conntrack-full", 2)
    assert outcome.line == "x nf_conntrack: table full, dropping packet"


def test_checks_can_be_left_out(knowledge: KnowledgeBase) -> None:
    found = Recogniser(knowledge, {"host-kernel-log"}).recognise("nf_conntrack: table full, dropping packet")
    assert "host-kernel-log" not in {match.id for match in found}


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (r"(?:nf|ip)_conntrack: .{0,9}table full", "IP_conntrack: table FULL"),
        (r"Reset adapter|transmit queue \d+", "Transmit queue 3"),
        (r"(?:neighbou?r) table overflow", "neighbor table overflow"),
        (r"^\d+ bad", "3 bad"),
        (r"own address(?: as source)?", "own address"),
        (r"(?:abcdef){1,3}x?", "abcdef"),
    ],
)
def test_fixed_words_are_in_every_match(pattern: str, line: str) -> None:
    assert re.search(pattern, line, re.IGNORECASE)
    words = fixed_words(pattern)
    assert not words or any(word in line.lower() for word in words)


@settings(max_examples=50, deadline=None)
@given(line=st.text(max_size=300))
def test_prefilter_changes_no_result(knowledge: KnowledgeBase, line: str) -> None:
    text = line.replace("\n", " ").replace("\r", " ")
    expected = {
        incident.id
        for incident in knowledge.active
        for signal in incident.signals
        if re.search(signal.pattern, text[:1000], re.IGNORECASE)
    }
    found = {match.id for match in Recogniser(knowledge).recognise_line(text, 1) if match.kind == "signal"}
    assert found == expected
