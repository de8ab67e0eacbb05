"""Matching the real casebook: hostile text, noise, typos, and the honest answer that it is none of these."""

from __future__ import annotations

import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.concepts import vocabulary
from kb.load import load
from kb.match import Matcher
from kb.model import Commonness
from kb.text import words
from kb.typos import Speller
from tests.bench.descriptions import OPERATORS, halves, pasted
from tests.kb.made import make_incident, make_knowledge

DEAF = "one virtio guest stopped receiving after the nightly backup, its console works and only a reboot helps"
FLAGSHIP = "qemu-bridged-network-loss"


@cache
def matcher() -> Matcher:
    return Matcher(load())


def first(text: str) -> str:
    return matcher().match(text).matches[0].id


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=2000))
def test_no_text_raises_and_probabilities_sum_to_one(text: str) -> None:
    found = matcher().match(text)
    assert sum(match.probability for match in found.matches) + found.none == pytest.approx(1, abs=1e-6)
    assert [match.probability for match in found.matches] == sorted(
        (m.probability for m in found.matches), reverse=True
    )


@pytest.mark.parametrize(
    "text", ["vm gone " * 130_000, "x" * 1_000_000, "\u0301" * 300_000, "a?b! " * 200_000, "断网" * 300_000]
)
def test_a_megabyte_of_text_is_answered(text: str) -> None:
    assert matcher().match(text).matches


def test_the_best_matches_say_which_words_of_the_description_earned_them() -> None:
    best = matcher().match(DEAF).matches[0]
    assert best.id == FLAGSHIP
    assert best.because
    assert {"backup", "receiving", "reboot"} & set(best.because)


def test_a_reason_is_a_word_of_the_description_or_a_way_of_the_vocabulary() -> None:
    ways = {way for ways in vocabulary().values() for way in ways}
    for description in halves(OPERATORS)[0][:80]:
        for match in matcher().match(description.text).matches[:3]:
            # A misspelt word is named as it was understood.
            understood = {*words(description.text), *words(matcher().speller.correct(description.text))}
            assert {*match.because, *match.against} <= understood | ways


def test_who_gives_the_number_of_a_report_is_led_to_its_incident() -> None:
    best = matcher().match("any news on launchpad 997978? still biting us").matches[0]
    assert best.id == FLAGSHIP
    assert best.because[0] == "Launchpad bug 997978"


def test_what_an_incident_lacks_speaks_against_it() -> None:
    found = {match.id: match for match in matcher().match(f"{DEAF}, bnx2x firmware").matches[:5]}
    assert "bnx2x" in found[FLAGSHIP].against


def test_case_and_order_of_sentences_do_not_change_the_first_match() -> None:
    for description in [one for one in halves(OPERATORS)[0] if one.known][:60]:
        sentences = [sentence for sentence in description.text.split(". ") if sentence]
        shuffled = ". ".join(random.Random(4).sample(sentences, len(sentences)))
        assert first(shuffled.upper()) == first(". ".join(sentences))


def test_a_long_paste_of_other_things_leaves_the_incident_in_the_first_three() -> None:
    """A thread with its pleasantries, its side subjects and another program's log, and the description in its midst."""
    described = [one for one in halves(OPERATORS)[0] if one.known][:60]
    best = [matcher().match(one.text).matches[:3] for one in pasted(described)]
    lost = [
        one for one, three in zip(described, best, strict=True) if first(one.text) not in {match.id for match in three}
    ]
    assert len(lost) <= 6


def test_misspelt_words_are_forgiven() -> None:
    assert first("one virtoi guest stoped reciving after the nigthly bakcup, only a reboott helps") == FLAGSHIP


def test_an_identifier_is_never_corrected() -> None:
    """vnet7 is no typo of vnet8, and eth0 none of eth1."""
    text = "vnet77 br-xyz nf_conntrackk 10.0.0.99 qemu-9.2.3"
    assert matcher().speller.correct(text) == text


@pytest.mark.parametrize("text", ["it doesn't, it couldn’t, it hadn't", "it doesnt, it cant, it wont, it isnt"])
def test_a_denial_is_never_corrected(text: str) -> None:
    """Who writes "cant ping" does not mean "can ping"."""
    assert matcher().speller.correct(text) == text


def test_a_word_with_a_syllable_before_it_is_no_slip() -> None:
    texts = ["a responsive guest", "it is responsive", "responsive again"]
    assert Speller(texts).correct("unresponsive, resposnive") == "unresponsive, responsive"


def test_of_several_words_that_may_be_meant_the_commonest_is() -> None:
    """Short words are corrected as well: "pinq" is nearer to "ping" than to nothing, and so is "pimg"."""
    texts = ["ping the guest", "ping it", "pint of milk", "pint of ale", "ping again"]
    assert Speller(texts).correct("pinq pimg") == "ping ping"


def test_only_words_that_the_casebook_does_not_have_are_corrected() -> None:
    assert matcher().speller.correct("the bakcup and the backup of a zebra") == "the backup and the backup of a zebra"


@pytest.mark.parametrize(
    "text", ["the printer is out of paper", "disk full, no space left on device", "lunch at noon?", "asdfgh"]
)
def test_what_is_not_of_the_casebook_is_none_of_it(text: str) -> None:
    assert matcher().match(text).none > 0.5


def test_of_two_alike_the_more_common_comes_first() -> None:
    rare, common = make_incident("rare", {}), make_incident("common", {})
    alike = {"title": "Twin fault of the zorble", "symptoms": rare.symptoms}
    rare = rare.model_copy(update=alike | {"how_common": Commonness.RARE})
    common = common.model_copy(update=alike | {"how_common": Commonness.COMMON})
    knowledge = make_knowledge([], {"rare": {}, "common": {}})
    knowledge.incidents.update(rare=rare, common=common)  # type: ignore[attr-defined]
    assert Matcher(knowledge).match("the zorble has a twin fault").matches[0].id == "common"


def test_an_empty_casebook_matches_nothing() -> None:
    found = Matcher(make_knowledge([], {})).match(DEAF)
    assert (found.matches, found.none) == ((), 1)
