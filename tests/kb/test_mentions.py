"""Reports that operators name: whose they are, and what is no report but a number."""

from __future__ import annotations

import pytest

from kb.load import load
from kb.match import Matcher
from kb.mentions import Mentions

FLAGSHIP = "qemu-bridged-network-loss"


@pytest.fixture(scope="module")
def mentions() -> Mentions:
    return Mentions(load().active)


@pytest.mark.parametrize(
    "text",
    [
        "is this LP 997978?",
        "lp#997978, again",
        "any news on launchpad bug #997978",
        "https://bugs.launchpad.net/ubuntu/+source/qemu-kvm/+bug/997978",
        "https://bugs.launchpad.net/bugs/997978, comment 12",
    ],
)
def test_a_report_is_known_however_it_is_written(mentions: Mentions, text: str) -> None:
    assert mentions.find(text) == {FLAGSHIP: "Launchpad bug 997978"}


@pytest.mark.parametrize("text", ["997978 packets dropped", "rx bytes: 997978", "bug 99797", "lp1 is out of paper", ""])
def test_a_number_that_nobody_calls_a_report_is_none(mentions: Mentions, text: str) -> None:
    assert mentions.find(text) == {}


def test_threads_and_commits_are_known_by_their_names(mentions: Mentions) -> None:
    for incident in load().active:
        for reference in incident.references:
            if reference.relation == "fix" and reference.tracker == "github-issue":
                repository, number = reference.id.split("#")
                assert incident.id in mentions.find(f"see https://github.com/{repository}/issues/{number}")
            if reference.relation == "fix" and reference.tracker.endswith("-commit"):
                assert incident.id in mentions.find(f"is {reference.id} in our build?")


def test_who_gives_the_number_of_a_report_is_led_to_its_incident() -> None:
    best = Matcher(load()).match("any news on launchpad 997978? still biting us").matches[0]
    assert best.id == FLAGSHIP
    assert best.because[0] == "Launchpad bug 997978"
