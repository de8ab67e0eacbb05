"""Which concepts of the trade a text speaks of, however it says them, and which it denies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.concepts import SLACK, concepts, vocabulary


def test_every_way_of_the_vocabulary_finds_its_concept() -> None:
    unreachable = [
        f"{concept}: {way!r}" for concept, ways in vocabulary().items() for way in ways if concept not in concepts(way)
    ]
    assert not unreachable, "\n".join(unreachable)


def test_no_concept_lists_a_way_twice() -> None:
    assert all(len(ways) == len(set(ways)) for ways in vocabulary().values())


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("THE GUEST IS DEAF", "deaf"),
        ("after we had restarted the agent", "cure-agent-restart"),
        ("the agent was restarted", "cure-agent-restart"),
        ("the guest ist nicht erreichbar", "unreachable"),
        ("虚拟机收不到包", "deaf"),
        ("packets get lost", "packet-loss"),
        ("only some guests hang", "only-some"),
    ],
)
def test_a_concept_is_heard_in_any_case_order_inflection_and_language(text: str, concept: str) -> None:
    assert concept in concepts(text)


@pytest.mark.parametrize("text", ["the network is not slow", "it was never really slow", "neither deaf nor slow"])
def test_what_is_denied_is_not_spoken_of(text: str) -> None:
    assert "slow" not in concepts(text)


def test_a_denial_ends_with_its_clause() -> None:
    assert "slow" in concepts("it is not deaf, but slow")
    assert "deaf" not in concepts("it is not deaf, but slow")


def test_a_denial_that_is_part_of_a_way_does_not_undo_it() -> None:
    assert {"unreachable", "deaf"} <= concepts("there is no connectivity, the guest cannot receive").keys()


def test_the_words_of_a_way_stand_close_together() -> None:
    near, far = ("word " * SLACK, "word " * (SLACK + 3))
    assert "packet-loss" in concepts(f"packet {near}loss")
    assert "packet-loss" not in concepts(f"packet {far}loss")


def test_the_words_of_a_way_stand_in_one_clause() -> None:
    assert "packet-loss" in concepts("it loses a packet")
    assert "packet-loss" not in concepts("the team loses. A packet came by mail")


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("the guest is up", "only-some"),
        ("the guest is not slow", "deaf"),
        ("what is the time", "timeout"),
        ("it happens now", "intermittent"),
        ("the ping is slow", "cure-ping-out"),
    ],
)
def test_small_words_count_where_a_way_would_say_something_else_without_them(text: str, concept: str) -> None:
    assert concept not in concepts(text)


def test_a_concept_comes_with_the_way_it_was_said() -> None:
    assert concepts("they say the rx is frozen")["deaf"] == "rx frozen"


@given(st.text())
def test_no_text_raises_and_every_concept_is_one_of_the_vocabulary(text: str) -> None:
    for concept, way in concepts(text).items():
        assert way in vocabulary()[concept]
