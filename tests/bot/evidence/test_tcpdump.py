"""tcpdump's text in its usual forms, pasted and in bulk."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.evidence import read_evidence, read_text
from bot.evidence.notebook import Notebook
from bot.evidence.reading import Reading
from bot.evidence.traffic import Traffic
from kb.load import KnowledgeBase
from tests.bot.evidence.conftest import Outcomes

PLAIN = (
    "08:00:{second:02}.{micro:06} IP 10.5.0.{one}.443 > 10.5.0.{other}.50000: Flags [.], seq {start}:{stop}, "
    "ack 1, win 5, length 1000\n"
)


def traffic_of(knowledge: KnowledgeBase, blocks: list[bytes]) -> Traffic:
    reading = Reading(knowledge)
    reading.text("", blocks)
    return only(reading.book)


def only(book: Notebook) -> Traffic:
    assert len(book.traffic) == 1
    return book.traffic[0]


def lines(count: int) -> list[str]:
    return [
        PLAIN.format(
            second=index // 1000 % 60,
            micro=index % 1000,
            one=index % 7,
            other=index % 5,
            start=index * 1000,
            stop=index * 1000 + 1000,
        )
        for index in range(count)
    ]


def test_bulk_and_single_lines_count_alike(knowledge: KnowledgeBase) -> None:
    text = lines(3000)
    text[1500] = "08:00:01.500000 ARP, Request who-has 10.5.0.1 tell 10.5.0.2, length 28\n"
    text[2500] = text[100]
    bulk = traffic_of(knowledge, ["".join(text).encode()])
    single = traffic_of(knowledge, [line.encode() for line in text])
    assert bulk.frames == single.frames == 3000
    assert {pair: tally.count for pair, tally in bulk.payload.items()} == {
        pair: tally.count for pair, tally in single.payload.items()
    }
    assert {pair: tally.last for pair, tally in bulk.payload.items()} == pytest.approx(
        {pair: tally.last for pair, tally in single.payload.items()}
    )
    assert bulk.arp_requests.keys() == single.arp_requests.keys() == {("10.5.0.2", "10.5.0.1")}
    assert {pair: resent.sizes for pair, resent in bulk.resent.items()} == {
        pair: resent.sizes for pair, resent in single.resent.items()
    }


def test_offer_that_is_taken_up_at_once_is_no_repeated_question(knowledge: KnowledgeBase) -> None:
    asks = "IP 0.0.0.0.68 > 255.255.255.255.67: BOOTP/DHCP, Request from 52:54:00:00:00:01, length 300"
    answers = "IP 10.9.0.1.67 > 10.9.0.7.68: BOOTP/DHCP, Reply, length 300"
    text = f"08:00:01.100000 {asks}\n08:00:01.2 {answers}\n08:00:01.201000 {asks}\n08:00:01.202000 {answers}\n"
    (conversation,) = read_text(text.replace(".2 ", ".200000 "), knowledge).conversations
    assert [step.what for step in conversation.messages] == ["discover", "reply", "request", "reply"]


def test_line_numbers_stay_right_in_bulk(knowledge: KnowledgeBase, tmp_path: Path) -> None:
    text = lines(2000)
    text[1234] = (
        "08:00:01.300000 IP 0.0.0.0.68 > 255.255.255.255.67: BOOTP/DHCP, Request from 52:54:00:00:00:01, length 300\n"
    )
    text[1700] = (
        "08:00:01.800000 IP 0.0.0.0.68 > 255.255.255.255.67: BOOTP/DHCP, Request from 52:54:00:00:00:01, length 300\n"
    )
    path = tmp_path / "long.txt"
    path.write_text("".join(text))
    evidence = read_evidence([path], knowledge)
    assert [event.line for event in evidence.timeline] == [1235, 1701]


@pytest.mark.parametrize(
    "form",
    [
        "08:00:0{n}.1 IP 0.0.0.0.68 > 255.255.255.255.67: BOOTP/DHCP, Request from 52:54:00:00:00:01, length 300",
        "2026-03-01 08:00:0{n}.100000 IP 0.0.0.0.68 > 255.255.255.255.67: BOOTP/DHCP, Request from "
        "52:54:00:00:00:01, length 300",
        "08:00:0{n}.100000 52:54:00:00:00:01 > ff:ff:ff:ff:ff:ff, ethertype IPv4 (0x0800), length 342: "
        "0.0.0.0.68 > 255.255.255.255.67: BOOTP/DHCP, Request from 52:54:00:00:00:01, length 300",
        "08:00:0{n}.100000 IP (tos 0x0, ttl 64, id 0, offset 0, flags [none], proto UDP (17), length 328)\n    "
        "0.0.0.0.68 > 255.255.255.255.67: BOOTP/DHCP, Request from 52:54:00:00:00:01, length 300, xid 0x1",
        "08:00:0{n}.100000 vnet1 P   IP 0.0.0.0.68 > 255.255.255.255.67: BOOTP/DHCP, Request from "
        "52:54:00:00:00:01, length 300",
    ],
    ids=["short fraction", "dated", "with MACs", "verbose", "any interface"],
)
def test_unanswered_requests_are_seen_in_every_form(outcomes: Outcomes, form: str) -> None:
    text = "host1# tcpdump -ni vnet1 port 67 or port 68\n" + "\n".join(form.format(n=n) for n in (1, 3, 5, 7))
    assert outcomes(text.replace(".1 IP", ".100 IP"))["reply-seen-on-tap"] == "absent"


def test_interface_decides_where_the_capture_was_taken(outcomes: Outcomes) -> None:
    talk = "".join(
        f"08:00:0{n}.100000 IP 0.0.0.0.68 > 255.255.255.255.67: BOOTP/DHCP, Request from 52:54:00:00:00:01, "
        "length 300\n"
        for n in range(4)
    )
    assert "reply-seen-in-guest" in outcomes("[guest] # tcpdump -ni eth0\n" + talk)
    assert "reply-seen-on-tap" in outcomes("kvm7# tcpdump -ni tap3a -e\n" + talk)


def test_arp_request_that_nobody_answers_in_the_guest(outcomes: Outcomes) -> None:
    text = "guest# tcpdump -ni ens3 arp\n" + "".join(
        f"08:00:0{n}.100000 ARP, Request who-has 10.5.0.1 tell 10.5.0.9, length 28\n" for n in range(5)
    )
    assert outcomes(text)["reply-seen-in-guest"] == "absent"


def test_time_goes_on_after_midnight(knowledge: KnowledgeBase) -> None:
    text = b"23:59:59.900000 IP 10.5.0.1 > 10.5.0.2: ICMP echo request, id 1, seq 1, length 64\n"
    text += b"00:00:00.900000 IP 10.5.0.1 > 10.5.0.2: ICMP echo request, id 1, seq 2, length 64\n"
    tally = traffic_of(knowledge, [text]).pings["10.5.0.1", "10.5.0.2"]
    assert tally.last - tally.first == pytest.approx(1.0)


def test_two_routers_that_both_claim_to_be_master(outcomes: Outcomes) -> None:
    text = "".join(
        f"08:00:0{n}.{one}00000 IP 169.254.192.{one} > 224.0.0.18: VRRPv2, Advertisement, vrid 7, prio 50, "
        "authtype none, intvl 2s, length 20\n"
        for n in range(5)
        for one in (1, 2)
    )
    assert outcomes(text)["keepalived-transitions"] == "two-masters"


def test_announcements_of_a_migrated_guest_are_followed_to_the_uplink(outcomes: Outcomes) -> None:
    announcement = "08:00:01.100000 ARP, Reverse Request who-is 52:54:00:00:00:01 tell 52:54:00:00:00:01, length 46\n"
    on_tap = f"dst# tcpdump -ni vnet2 ether proto 0x8035\n{announcement}"
    assert (
        outcomes(on_tap + "dst# tcpdump -ni bond0 ether proto 0x8035\n0 packets captured\n")["rarp-on-migration"]
        == "on-port-not-uplink"
    )
    assert (
        outcomes(on_tap + f"dst# tcpdump -ni bond0 ether proto 0x8035\n{announcement}")["rarp-on-migration"]
        == "on-uplink"
    )
