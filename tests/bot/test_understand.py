"""Answers are understood however they are given; what is no answer is not taken for one."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from bot.understand import Understanding
from kb.load import KnowledgeBase
from tests.bench.answers import ANSWERS, answers


@pytest.fixture(scope="module")
def understanding(knowledge: KnowledgeBase) -> Understanding:
    return Understanding(knowledge)


def found(understanding: Understanding, check: str, text: str) -> str | None:
    return understanding.read(text, check).findings.get(check)


@pytest.mark.parametrize(
    ("check", "text", "outcome"),
    [
        ("reverse-path-counter", "yes", "rising"),
        ("reverse-path-counter", "nope", "static"),
        ("uplink-lro", "yep, it is", "on"),
        ("uplink-lro", "non", "off"),
        ("igmp-queries-in-guest", "none at all", "none"),
        ("what-recovers", "nothing so far", "nothing-yet"),
        ("foreign-unicast", "0 packets captured", "not-seen"),
    ],
)
def test_a_yes_or_no_is_enough_where_the_question_can_be_answered_by_it(
    understanding: Understanding, check: str, text: str, outcome: str
) -> None:
    assert found(understanding, check, text) == outcome


@pytest.mark.parametrize(
    ("check", "text", "outcome"),
    [
        ("agent-restart-loss", "yes, but only later, when the stale flows go", "blip-elsewhere"),
        ("reply-seen-in-guest", "yes, although the checksum is wrong", "bad-checksum"),
        ("reply-seen-on-tap", "no, the guest is silent", "guest-silent"),
        ("client-identity", "no they are distinct", "different"),
    ],
)
def test_what_follows_a_yes_or_no_counts_more_than_it(
    understanding: Understanding, check: str, text: str, outcome: str
) -> None:
    assert found(understanding, check, text) == outcome


@pytest.mark.parametrize(
    ("check", "text", "outcome"),
    [
        ("tap-tx-drops", "the counter isn't moving", "none"),
        ("uplink-lro", "it isn't on", "off"),
        ("agent-alive", "they are not alive", "dead"),
        ("conntrack-count", "not full by any means", "ample"),
        ("dhcp-server-process", "it doesn't run any more", "not-running"),
    ],
)
def test_a_negated_outcome_is_not_that_outcome(
    understanding: Understanding, check: str, text: str, outcome: str
) -> None:
    assert found(understanding, check, text) == outcome


@pytest.mark.parametrize(
    ("check", "text", "outcome"),
    [
        ("tap-tx-drops", "it keeps growning", "keeps-growing"),
        ("guest-os", "windwos", "windows"),
        ("bond-mode", "lacp with a port chanel", "active-backup-or-lacp"),
        ("bridge-port-state", "immediatly", "forwarding-at-once"),
    ],
)
def test_a_misspelt_answer_is_understood(understanding: Understanding, check: str, text: str, outcome: str) -> None:
    assert found(understanding, check, text) == outcome


@pytest.mark.parametrize(
    ("check", "text", "outcome"),
    [
        ("scope", "einzelne: nur eine", "one-guest"),
        ("bridge-mac", "reste la même", "constant"),
        ("loss-pattern", "manchmal", "intermittent"),
    ],
)
def test_some_answers_in_other_languages_are_understood(
    understanding: Understanding, check: str, text: str, outcome: str
) -> None:
    assert found(understanding, check, text) == outcome


@pytest.mark.parametrize(
    ("check", "text", "outcome"),
    [
        ("qemu-version", "7.2.11", "3-1-to-9-1"),
        ("qemu-version", "10.0.8", "newer-than-9-2"),
        ("dnsmasq-version", "2.86", "2-61-or-newer"),
        ("mac-first-octet", "57:54:00:3c:00:01", "odd"),
        ("boot-success-rate", "7 of 20", "some"),
        ("boot-success-rate", "20 of 20", "all"),
    ],
)
def test_a_bare_value_is_read_as_if_it_stood_after_its_name(
    understanding: Understanding, check: str, text: str, outcome: str
) -> None:
    assert found(understanding, check, text) == outcome


def test_pasted_output_decides_right_after_its_question_but_not_when_it_shows_two_outcomes(
    understanding: Understanding, knowledge: KnowledgeBase
) -> None:
    answered = "ARP, Reply 192.0.2.1 is-at 52:54:00:00:00:01, length 28"
    assert found(understanding, "reply-seen-on-tap", answered) == "present"
    both = "port 1: hairpin on\nport 2: hairpin off"
    assert understanding.answer(knowledge.checks["hairpin-mode"], both) is None


@pytest.mark.parametrize(
    ("check", "text", "outcome"),
    [
        ("guest-mac-port", "behind vnet12", "on-tap"),
        ("guest-mac-port", "it points at enp3s0f1", "on-uplink"),
        ("host-address-place", "it's on vmbr7", "on-bridge"),
    ],
)
def test_the_name_of_a_device_says_what_it_is(
    understanding: Understanding, check: str, text: str, outcome: str
) -> None:
    assert found(understanding, check, text) == outcome


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("only this one, the other nine on hv02 are ok", "one-guest"),
        ("all vms of compute7 at once", "all-guests-of-host"),
        ("pve2 and everything on it", "host-and-guests"),
    ],
)
def test_the_name_of_a_host_says_what_it_is(understanding: Understanding, text: str, outcome: str) -> None:
    assert found(understanding, "scope", text) == outcome


def test_words_of_several_wordings_together_speak_for_their_outcome(understanding: Understanding) -> None:
    """No single wording has all of these words, and none of its siblings has any of them."""
    text = "announced by the single active master node, always the same one"
    assert found(understanding, "garp-sources", text) == "one"


def test_an_answer_and_a_further_fact_are_both_taken(understanding: Understanding) -> None:
    understood = understanding.read("it never recovers. also, the replies are on the tap", "loss-pattern")
    assert understood.findings == {"loss-pattern": "lasting", "reply-seen-on-tap": "present"}
    assert understood.volunteered == {"reply-seen-on-tap"}


@pytest.mark.parametrize(
    "text",
    [
        "no idea",
        "what do you mean by that?",
        "let me ask the network team",
        "hold on, I'll look it up",
        "not sure, maybe tomorrow",
        "keine Ahnung",
        "is that safe?",
        "our lunch was good",
    ],
)
@pytest.mark.parametrize("check", ["reply-seen-on-tap", "tap-tx-drops", "guest-rx-counter", "uplink-lro", "viommu"])
def test_what_is_no_answer_is_not_taken_for_one(understanding: Understanding, check: str, text: str) -> None:
    assert found(understanding, check, text) is None


@pytest.mark.parametrize("text", ["I can't run that", "permission denied", "we don't have a shell there", "no access"])
def test_a_check_that_cannot_be_run_is_waved_aside(understanding: Understanding, text: str) -> None:
    assert understanding.read(text, "nic-backend").skipped


def test_somebody_who_only_puts_an_answer_off_keeps_the_check(understanding: Understanding) -> None:
    understood = understanding.read("give me a minute", "nic-backend")
    assert not understood.skipped
    assert not understood.findings


def test_an_excuse_does_not_hide_the_answer_beside_it(understanding: Understanding) -> None:
    assert found(understanding, "scope", "not sure about the rest, but only this vm is affected") == "one-guest"


def test_one_word_in_a_long_tale_does_not_answer(understanding: Understanding) -> None:
    assert found(understanding, "nic-model", "virtio") == "virtio"
    tale = (
        "our storage people had moved the rack over to the new cooling loop when somebody read in a forum that virtio "
        "drivers were rewritten by a company which we have never heard of before last winter"
    )
    assert found(understanding, "nic-model", tale) is None


def test_who_goes_on_with_their_tale_does_not_answer(understanding: Understanding) -> None:
    """But an answer may have a tale after it."""
    tale = (
        "I also looked at the bridge with a colleague while the guest was being restarted for the second time, and the "
        "dmesg of the host stays silent all the while"
    )
    assert found(understanding, "what-recovers", tale) is None
    assert found(understanding, "what-recovers", f"Only a reboot of the guest. {tale}") == "guest-reboot"


def test_a_single_word_is_a_fact_only_after_its_question(understanding: Understanding) -> None:
    assert found(understanding, "loss-pattern", "sometimes") == "intermittent"
    assert not understanding.read("sometimes", None).findings


def test_a_plain_yes_without_a_question_says_nothing(understanding: Understanding) -> None:
    assert not understanding.read("yes", None).findings
    assert not understanding.read("nothing", None).findings


def test_the_held_out_answers_cover_every_outcome_of_every_check(knowledge: KnowledgeBase) -> None:
    given = answers()
    assert len({answer.id for answer in given}) == len(given)
    covered = {(answer.check, answer.outcome) for answer in given}
    missing = {(check.id, name) for check in knowledge.checks.values() for name in check.outcomes} - covered
    assert not missing
    meant = Counter(answer.check for answer in given if answer.outcome)
    assert min(meant[name] for name in knowledge.checks) >= 4
    assert all(set(json.loads(line)) == {"id", "check", "text", "outcome"} for line in _lines(ANSWERS))


def test_most_held_out_answers_are_understood_and_few_wrongly(understanding: Understanding) -> None:
    """The floor under the figures of `python -m tests.bench.answers`."""
    results = [(answer.outcome, found(understanding, answer.check, answer.text)) for answer in answers()]
    meant = [(outcome, read) for outcome, read in results if outcome is not None]
    none = [read for outcome, read in results if outcome is None]
    assert sum(outcome == read for outcome, read in meant) >= 0.83 * len(meant)
    assert sum(read not in (None, outcome) for outcome, read in meant) <= 0.04 * len(meant)
    assert sum(read is not None for read in none) <= 0.05 * len(none)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()
