"""Reports that operators name: whose they are, and what is no report but a number."""

from __future__ import annotations

import pytest

from kb.load import KnowledgeBase, load
from kb.mentions import Mentions

FLAGSHIP = "qemu-bridged-network-loss"


@pytest.fixture(scope="module")
def knowledge() -> KnowledgeBase:
    return load()


@pytest.fixture(scope="module")
def mentions(knowledge: KnowledgeBase) -> Mentions:
    return Mentions(knowledge.active)


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


def test_threads_and_commits_are_known_by_their_names(knowledge: KnowledgeBase, mentions: Mentions) -> None:
    fixes = [(one.id, fix) for one in knowledge.active for fix in one.references if fix.relation == "fix"]
    threads = [(name, fix.id.split("#")) for name, fix in fixes if fix.tracker == "github-issue"]
    commits = [(name, fix.id) for name, fix in fixes if fix.tracker.endswith("-commit")]
    assert threads
    assert commits
    for name, (repository, number) in threads:
        assert name in mentions.find(f"see https://github.com/{repository}/issues/{number}")
    for name, commit in commits:
        assert name in mentions.find(f"is {commit} in our build?")
