"""Captures as files: the formats, what the frames show, and where the capture was taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.evidence import Evidence, read_evidence
from kb.load import KnowledgeBase
from tests.bot.evidence import frames

START = 1_780_000_000.0


def read(tmp_path: Path, knowledge: KnowledgeBase, data: bytes, name: str = "capture.pcap") -> Evidence:
    path = tmp_path / name
    path.write_bytes(data)
    return read_evidence([path], knowledge)


def outcome(evidence: Evidence, check: str) -> str | None:
    finding = evidence.findings.get(check)
    return finding.outcome if finding else None


def lonely_questions() -> list[tuple[float, bytes]]:
    return [(START + step * 4, frames.dhcp("discover")) for step in range(4)]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nano", [False, True])
def test_pcap_of_either_byte_order_and_precision_is_read(
    tmp_path: Path, knowledge: KnowledgeBase, order: str, nano: bool
) -> None:
    evidence = read(tmp_path, knowledge, frames.pcap(lonely_questions(), order, nano), "tap12.pcap")
    assert outcome(evidence, "reply-seen-on-tap") == "absent"
    assert evidence.timeline[0].stamp.startswith("2026-05-28 ")


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcapng_says_by_its_interface_where_it_was_taken(tmp_path: Path, knowledge: KnowledgeBase, order: str) -> None:
    evidence = read(tmp_path, knowledge, frames.pcapng(lonely_questions(), "vnet4", order))
    assert outcome(evidence, "reply-seen-on-tap") == "absent"
    assert "vnet4" in evidence.shows[0]


def test_gzip_of_a_capture_is_read_like_the_capture(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    import gzip

    evidence = read(tmp_path, knowledge, gzip.compress(frames.pcap(lonely_questions())), "vnet4.pcap.gz")
    assert outcome(evidence, "reply-seen-on-tap") == "absent"


def test_bad_checksum_counts_in_the_guests_capture(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    talk = [
        (START + step * 4 + late, frame)
        for step in range(4)
        for late, frame in ((0, frames.dhcp("discover")), (0.01, frames.dhcp("offer", address="10.9.0.7", bad=True)))
    ]
    assert outcome(read(tmp_path, knowledge, frames.pcap(talk), "guest.pcap"), "reply-seen-in-guest") == "bad-checksum"


def test_bad_checksum_on_the_senders_side_is_no_fault(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    talk = [
        (START, frames.dhcp("discover")),
        (START + 0.01, frames.dhcp("offer", address="10.9.0.7", bad=True)),
        (START + 0.02, frames.dhcp("request", address="10.9.0.7")),
        (START + 0.03, frames.dhcp("ack", address="10.9.0.7", bad=True)),
    ]
    evidence = read(tmp_path, knowledge, frames.pcapng(talk, "br-int"))
    assert outcome(evidence, "reply-seen-in-guest") is None
    assert outcome(evidence, "failing-protocol") is None


def test_traffic_that_stops_before_the_renewal_is_lined_up(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    talk = [(START + step, frames.icmp("10.9.0.1", "10.9.0.7")) for step in range(10)]
    talk += [(START + 20 + step * 5, frames.dhcp("request", address="10.9.0.7")) for step in range(4)]
    talk += [(START + 21 + step * 5, frames.arp(1, frames.GUEST_MAC, "10.9.0.7", "10.9.0.1")) for step in range(4)]
    evidence = read(tmp_path, knowledge, frames.pcap(sorted(talk)), "guest-eth0.pcap")
    assert outcome(evidence, "last-packet-before-renewal") == "traffic-stopped-first"
    assert outcome(evidence, "reply-seen-in-guest") == "absent"
    assert any("11.0 s before" in sentence for sentence in evidence.shows)


def test_traffic_that_outlives_the_renewals_clears_the_path(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    talk = [(START + step, frames.icmp("10.9.0.1", "10.9.0.7")) for step in range(60)]
    talk += [(START + 20.5 + step * 5, frames.dhcp("request", address="10.9.0.7")) for step in range(4)]
    evidence = read(tmp_path, knowledge, frames.pcap(sorted(talk)), "guest-eth0.pcap")
    assert outcome(evidence, "last-packet-before-renewal") == "traffic-until-expiry"


def test_large_segments_sent_again_and_again_show_a_black_hole(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    talk = [(START + step * 0.5, frames.icmp("10.9.0.1", "10.9.0.7", 0)) for step in range(40)]
    talk += [(START + 1 + 2**step, frames.tcp("10.9.0.7", "10.9.0.1", 5000, 1448)) for step in range(4)]
    evidence = read(tmp_path, knowledge, frames.pcap(sorted(talk)), "vnet0.pcap")
    assert outcome(evidence, "what-still-works") == "small-packets"


def test_reported_mtu_is_found(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    report = frames.icmp("10.9.0.254", "10.9.0.7", 3, 4, b"\0\0\x05\x78")
    evidence = read(tmp_path, knowledge, frames.pcap([(START, report)]))
    assert outcome(evidence, "frag-needed") == "arrives"
    assert "1400" in evidence.findings["frag-needed"].because[0]


def test_single_lost_segment_is_no_black_hole(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    talk = [(START + step / 10, frames.tcp("10.9.0.7", "10.9.0.1", 1448 * step, 1448)) for step in range(200)]
    talk += [(START + 5.05, frames.tcp("10.9.0.7", "10.9.0.1", 1448 * 20, 1448))]
    talk += [(START + step / 10 + 0.01, frames.tcp("10.9.0.1", "10.9.0.7", 1, 0)) for step in range(200)]
    evidence = read(tmp_path, knowledge, frames.pcap(sorted(talk)), "vnet0.pcap")
    assert outcome(evidence, "what-still-works") is None


def test_sequence_numbers_that_wrap_are_no_repetition(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    talk = [
        (START + step / 10, frames.tcp("10.9.0.7", "10.9.0.1", 2**32 - 20_000 + 1448 * step, 1448))
        for step in range(60)
    ]
    talk += [(START + step / 10 + 0.01, frames.tcp("10.9.0.1", "10.9.0.7", 1, 0)) for step in range(80)]
    evidence = read(tmp_path, knowledge, frames.pcap(sorted(talk)), "vnet0.pcap")
    assert outcome(evidence, "what-still-works") is None


def test_two_owners_of_an_address_are_named(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    talk = [
        (START, frames.arp(1, frames.GUEST_MAC, "10.9.0.7", "10.9.0.1")),
        (START + 0.1, frames.arp(2, frames.SERVER_MAC, "10.9.0.1", "10.9.0.7", frames.GUEST_MAC)),
        (START + 0.2, frames.arp(2, "52:54:00:cc:00:03", "10.9.0.1", "10.9.0.7", frames.GUEST_MAC)),
    ]
    evidence = read(tmp_path, knowledge, frames.pcap(talk))
    assert outcome(evidence, "arp-replies") == "two-owners"


def test_one_mac_with_two_names_is_a_duplicate(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    talk = [(START + step, frames.dhcp("discover", host=name)) for step, name in enumerate(("red", "blue", "red"))]
    assert outcome(read(tmp_path, knowledge, frames.pcap(talk)), "duplicate-mac") == "duplicate"


def test_machine_that_was_renamed_once_is_no_duplicate(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    talk = [(START + step, frames.dhcp("discover", host=name)) for step, name in enumerate(("red", "red", "blue"))]
    assert outcome(read(tmp_path, knowledge, frames.pcap(talk)), "duplicate-mac") is None


def test_stacked_vlan_tags_are_seen_through(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    inside = frames.dhcp("discover")[14:]
    tagged = frames.ethernet(frames.GUEST_MAC, "ff:ff:ff:ff:ff:ff", 0x0800, inside, (100, 200))
    evidence = read(tmp_path, knowledge, frames.pcap([(START + step * 4, tagged) for step in range(4)]), "vnet0.pcap")
    assert outcome(evidence, "vlan-stacking") == "stacked"
    assert outcome(evidence, "reply-seen-on-tap") == "absent"


def test_unread_link_type_is_said(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    evidence = read(tmp_path, knowledge, frames.pcap(lonely_questions(), link=105))
    assert "link type 105" in evidence.unread[0]


def test_capture_that_ends_in_a_frame_is_read_up_to_there(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    evidence = read(tmp_path, knowledge, frames.pcap(lonely_questions())[:-20], "vnet0.pcap")
    assert outcome(evidence, "reply-seen-on-tap") == "absent"
    assert "ends within frame 4" in evidence.unread[0]


def test_healthy_traffic_shows_no_fault(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    from bot.evidence.report import abnormal

    talk = [
        (START, frames.dhcp("request", address="10.9.0.7")),
        (START + 0.01, frames.dhcp("ack", address="10.9.0.7")),
        (START + 1, frames.arp(1, frames.GUEST_MAC, "10.9.0.7", "10.9.0.1")),
        (START + 1.1, frames.arp(2, frames.SERVER_MAC, "10.9.0.1", "10.9.0.7", frames.GUEST_MAC)),
    ]
    talk += [(START + 2 + step, frames.icmp("10.9.0.7", "10.9.0.1")) for step in range(10)]
    talk += [(START + 2.01 + step, frames.icmp("10.9.0.1", "10.9.0.7", 0)) for step in range(10)]
    evidence = read(tmp_path, knowledge, frames.pcap(sorted(talk)), "vnet0.pcap")
    assert abnormal(evidence, knowledge) == []
