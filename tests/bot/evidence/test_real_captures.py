"""Faults made on purpose in network namespaces, with real programs, and what Blip reads from what they leave.

Each scenario runs once, all side by side, and takes half a minute. On a machine without the means the tests are
skipped with the reason; under continuous integration that would hide a loss, so there they fail instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path

import pytest

from bot.evidence import Evidence, read_evidence
from bot.evidence.report import weigh
from kb.load import KnowledgeBase
from tests.captures.lab import missing
from tests.captures.make import make_all
from tests.captures.scenarios import SCENARIOS

_MUST_RUN = os.environ.get("CI") == "true"
Made = Mapping[str, Future[Path]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    reason = missing()
    if reason and not _MUST_RUN:
        pytest.skip(f"real captures cannot be made here: {reason}")
    assert not reason
    futures = make_all(tmp_path_factory.mktemp("captures"), list(SCENARIOS))
    yield futures
    for future in futures.values():
        future.exception()


def evidence_of(made: Made, name: str, knowledge: KnowledgeBase) -> Evidence:
    try:
        folder = made[name].result()
    except NotImplementedError as error:
        if _MUST_RUN:
            raise
        pytest.skip(str(error))
    return read_evidence(sorted(folder.iterdir()), knowledge)


def outcomes(evidence: Evidence) -> dict[str, str]:
    return {check: finding.outcome for check, finding in evidence.findings.items()}


def first_suspects(evidence: Evidence, knowledge: KnowledgeBase, count: int) -> list[str]:
    return [name for name, _ in weigh(evidence, knowledge).ranked(count)]


def test_the_issue_is_read_from_its_captures_and_logs(made: Made, knowledge: KnowledgeBase) -> None:
    evidence = evidence_of(made, "the_issue", knowledge)
    assert evidence.conversations[0].signature
    assert {
        "last-packet-before-renewal": "traffic-stopped-first",
        "reply-seen-on-tap": "present",
        "reply-seen-in-guest": "absent",
        "tap-tx-drops": "keeps-growing",
        "dhcp-server-log": "answers",
    }.items() <= outcomes(evidence).items()
    assert first_suspects(evidence, knowledge, 1) == ["qemu-bridged-network-loss"]


def test_the_issue_is_read_from_the_two_logs_alone(made: Made, knowledge: KnowledgeBase) -> None:
    folder = made["the_issue"].result()
    evidence = read_evidence([folder / "vm1-dhclient.log", folder / "dnsmasq.log"], knowledge)
    assert evidence.conversations[0].signature
    assert outcomes(evidence)["reply-seen-in-guest"] == "absent"


def test_dead_server_is_told_from_the_issue(made: Made, knowledge: KnowledgeBase) -> None:
    evidence = evidence_of(made, "server_dead", knowledge)
    assert {"reply-seen-on-tap": "absent", "dhcp-server-process": "not-running"}.items() <= outcomes(evidence).items()
    assert not any(conversation.signature for conversation in evidence.conversations)
    assert first_suspects(evidence, knowledge, 1) == ["dhcp-server-process-dead"]


def test_bad_checksums_are_told_from_the_issue(made: Made, knowledge: KnowledgeBase) -> None:
    evidence = evidence_of(made, "bad_checksum", knowledge)
    assert {
        "reply-seen-in-guest": "bad-checksum",
        "failing-protocol": "dhcpv4",
        "checksum-fill-rule": "missing",
    }.items() <= outcomes(evidence).items()
    assert first_suspects(evidence, knowledge, 1) == ["vhost-dhcp-checksum-unfilled"]


def test_bridge_netfilter_is_told_from_a_dead_server(made: Made, knowledge: KnowledgeBase) -> None:
    evidence = evidence_of(made, "bridge_netfilter", knowledge)
    assert {"bridge-netfilter": "on-and-dropping", "reply-seen-on-tap": "absent"}.items() <= outcomes(evidence).items()
    assert first_suspects(evidence, knowledge, 1) == ["bridge-nf-call-guest-drops"]


def test_black_hole_lets_small_packets_pass(made: Made, knowledge: KnowledgeBase) -> None:
    evidence = evidence_of(made, "mtu_black_hole", knowledge)
    assert {"what-still-works": "small-packets", "largest-ping": "tunnel-size"}.items() <= outcomes(evidence).items()
    assert "gre-vxlan-mtu-blackhole" in first_suspects(evidence, knowledge, 3)


def test_duplicate_mac_is_seen_on_the_bridge(made: Made, knowledge: KnowledgeBase) -> None:
    evidence = evidence_of(made, "duplicate_mac", knowledge)
    assert outcomes(evidence)["duplicate-mac"] == "duplicate"
    assert first_suspects(evidence, knowledge, 1) == ["duplicate-mac-after-clone"]


def test_full_connection_table_spares_what_is_open(made: Made, knowledge: KnowledgeBase) -> None:
    evidence = evidence_of(made, "conntrack_full", knowledge)
    assert {"conntrack-count": "full", "what-still-works": "established-connections"}.items() <= outcomes(
        evidence
    ).items()
    assert first_suspects(evidence, knowledge, 1) == ["nf-conntrack-table-full"]
