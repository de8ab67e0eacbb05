"""Traffic -> what it shows: who fell silent and when, what was asked and not answered, what was sent again.

A capture is judged by where it was taken. A reply that is missing on the tap is missing in the guest too; one that is
there on the tap need not have reached the guest. A bad checksum counts only where the frame is received, because a
sender with checksum offload records its own frames before the checksum is filled in.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from bot.evidence.arp import judge_arp
from bot.evidence.clock import Stamp
from bot.evidence.conversation import repeats
from bot.evidence.model import DhcpMessage
from bot.evidence.notebook import Notebook, Weight
from bot.evidence.traffic import ENOUGH, FULL_SIZE, Pair, Traffic, is_bridge, is_uplink

_DAY: Final = 86400.0
_SETTLING: Final = 2.0
"""Seconds of silence that count as a stop."""


def judge(book: Notebook) -> None:
    """Write down what every capture shows."""
    for traffic in book.traffic:
        dhcp = [message for _, message in book.dhcp if message.side == "wire" and _belongs(message, traffic)]
        _judge_dhcp(book, traffic, dhcp)
        judge_arp(book, traffic)
        _judge_stop(book, traffic, dhcp)
        _judge_sizes(book, traffic)
        _judge_calls(book, traffic)
        _judge_notes(book, traffic)
    _judge_migration(book)


def _belongs(message: DhcpMessage, traffic: Traffic) -> bool:
    return (message.source, message.interface, message.vantage) == (traffic.name, traffic.interface, traffic.vantage)


def _stamp(traffic: Traffic, book: Notebook, time: float) -> Stamp:
    if traffic.dated:
        return book.clock.at_epoch(time)
    seconds = time % _DAY
    hours, rest = divmod(int(seconds), 3600)
    return Stamp(seconds, None, None, traffic.near, f"{hours:02}:{rest // 60:02}:{rest % 60 + seconds % 1:09.6f}")


def _judge_dhcp(book: Notebook, traffic: Traffic, dhcp: list[DhcpMessage]) -> None:
    questions = [message for message in dhcp if message.what in ("discover", "request")]
    replies = [message for message in dhcp if message.what in ("offer", "ack", "nak", "reply")]
    bad = [message for message in replies if message.bad_checksum]
    where = traffic.interface or traffic.name
    if len(questions) >= ENOUGH and not replies:
        book.show(f"{len(questions)} DHCP requests and not one reply were seen on {where}.")
        for message in questions[:ENOUGH]:
            book.finding(traffic.reply_check, "absent", message.quote, Weight.LINED_UP)
    elif replies:
        received = traffic.in_guest or (_could_be_guest(traffic) and repeats(dhcp) >= 2)
        if bad and received and len(bad) * 2 >= len(replies):
            book.show(
                f"{len(bad)} of {len(replies)} DHCP replies arrived with a bad UDP checksum; the client drops "
                "such replies."
            )
            for message in bad[:2]:
                book.finding("reply-seen-in-guest", "bad-checksum", message.quote, Weight.LINED_UP)
                book.finding("failing-protocol", "dhcpv4", message.quote, Weight.LINED_UP)
        elif traffic.in_guest:
            book.finding("reply-seen-in-guest", "intact", replies[0].quote, Weight.LINED_UP)
        elif traffic.on_tap:
            book.finding("reply-seen-on-tap", "present", replies[0].quote, Weight.LINED_UP)
    _judge_names(book, dhcp)


def _judge_names(book: Notebook, dhcp: list[DhcpMessage]) -> None:
    """Find a MAC that asks for addresses under several names by turns; a machine that was renamed changes only once."""
    names: dict[str, list[str]] = defaultdict(list)
    for message in dhcp:
        if message.mac and message.host and message.from_client and message.host not in names[message.mac][-1:]:
            names[message.mac].append(message.host)
    for mac, turns in names.items():
        hosts = sorted(set(turns))
        if len(turns) > len(hosts):
            because = f"{mac} asks for an address as {' and as '.join(hosts[:4])}"
            book.finding("duplicate-mac", "duplicate", because, Weight.LINED_UP)
            book.show(f"{len(hosts)} machines with different names ask for addresses with the one MAC {mac}.")


def _could_be_guest(traffic: Traffic) -> bool:
    """Tell whether a capture from nobody knows where may come from a guest: its interface has no host's name."""
    return traffic.vantage is None and not traffic.on_tap and not is_bridge(traffic.interface)


def _judge_stop(book: Notebook, traffic: Traffic, dhcp: list[DhcpMessage]) -> None:
    """Line up the last payload that a client received with its first DHCP request that nobody answered."""
    if traffic.on_tap and not traffic.in_guest:
        return
    clients = {message.mac for message in dhcp if message.mac and message.from_client}
    for mac in clients:
        talk = [message for message in dhcp if message.mac == mac and message.time is not None]
        unanswered = _first_unanswered(talk)
        address = _address_of(traffic, mac, talk)
        if unanswered is None or unanswered.time is None or not address:
            continue
        inbound = [tally for pair, tally in traffic.payload.items() if pair[1] == address and pair[0] != address]
        heard = [tally for tally in inbound if tally.count >= ENOUGH]
        if not heard:
            continue
        last = max(tally.last for tally in inbound)
        stamp = _stamp(traffic, book, last)
        book.event_at(stamp, f"last frame that {address} received", traffic.name, 0)
        gap = unanswered.time - last
        if gap >= _SETTLING or (gap > 0 and _asked_in_vain(traffic, address, last)):
            sentence = (
                f"The last frame for {address} came at {stamp.written}, {gap:.1f} s before the first DHCP "
                f"request that got no answer ({unanswered.stamp})."
            )
            book.show(sentence)
            book.finding("last-packet-before-renewal", "traffic-stopped-first", sentence, Weight.LINED_UP)
            book.finding("reply-seen-in-guest", "absent", sentence, Weight.LINED_UP)
        elif last - unanswered.time >= _SETTLING:
            sentence = (
                f"Frames for {address} still came at {stamp.written}, after the first DHCP request that "
                f"got no answer ({unanswered.stamp})."
            )
            book.show(sentence)
            book.finding("last-packet-before-renewal", "traffic-until-expiry", sentence, Weight.LINED_UP)


def _first_unanswered(talk: list[DhcpMessage]) -> DhcpMessage | None:
    """Return the first request after the last answer, when there are enough of them to mean something."""
    waiting: list[DhcpMessage] = []
    for message in talk:
        if message.what in ("discover", "request"):
            waiting.append(message)
        elif message.what in ("offer", "ack", "nak", "reply"):
            waiting.clear()
    return waiting[0] if len(waiting) >= 2 else None


def _address_of(traffic: Traffic, mac: str, talk: list[DhcpMessage]) -> str:
    known = [message.address for message in talk if message.address and message.address != "0.0.0.0"]  # noqa: S104
    if known:
        return known[0]
    owned = [address for address, macs in traffic.macs.items() if mac in macs and address != "0.0.0.0"]  # noqa: S104
    return owned[0] if owned else ""


def _asked_in_vain(traffic: Traffic, address: str, since: float) -> bool:
    return any(asker == address and tally.last > since for (asker, _), tally in traffic.arp_requests.items()) or any(
        pair[0] == address and tally.last > since for pair, tally in traffic.payload.items()
    )


def _judge_sizes(book: Notebook, traffic: Traffic) -> None:
    """Find conversations in which large segments are sent again and again while small ones pass."""
    for pair, resent in traffic.resent.items():
        large = sum(count for size, count in resent.sizes.items() if size >= FULL_SIZE)
        back = traffic.payload.get((pair[1], pair[0]))
        if large < ENOUGH or large < 0.8 * resent.sizes.total() or back is None or back.last <= resent.first + 1:
            continue
        size = min(size for size in resent.sizes if size >= FULL_SIZE)
        if resent.most < 2:
            continue
        told = (
            f"A router reported the next MTU as {min(traffic.mtus)}."
            if traffic.mtus
            else "No router said that fragmentation was needed."
        )
        sentence = (
            f"Segments of {size} bytes and more from {pair[0]} to {pair[1]} were sent {resent.most + 1} "
            "times over, while smaller ones were answered."
        )
        book.show(f"{sentence} {told}")
        book.event_at(
            _stamp(traffic, book, resent.first), f"large segments of {pair[0]} are sent again", traffic.name, 0
        )
        book.finding("what-still-works", "small-packets", sentence, Weight.LINED_UP)
        if traffic.mtus:
            book.finding("frag-needed", "arrives", told, Weight.LINED_UP)
        return


def _judge_calls(book: Notebook, traffic: Traffic) -> None:
    """Find pairs where new connections stay without an answer while an old one goes on."""
    for pair, calls in traffic.calls.items():
        back: Pair = (pair[1], pair[0])
        accepted = traffic.accepts.get(back)
        answers = traffic.payload.get(back)
        late = calls.last if accepted is None else accepted.last
        refused = calls.count - (accepted.count if accepted else 0)
        if (
            refused >= ENOUGH
            and answers
            and answers.last > calls.first + _SETTLING
            and answers.count > ENOUGH
            and late < calls.last + _DAY
        ):
            goes_on = answers.last >= calls.last - _SETTLING
            if goes_on and (accepted is None or calls.last - accepted.last > _SETTLING):
                sentence = (
                    f"{refused} attempts of {pair[0]} to open a connection to {pair[1]} got no answer, "
                    "while connections between the two went on."
                )
                book.show(sentence)
                book.finding("what-still-works", "established-connections", sentence, Weight.LINED_UP)
                return


def _judge_notes(book: Notebook, traffic: Traffic) -> None:
    notes = traffic.notes
    where = traffic.interface or traffic.name
    if notes["stacked-vlan"]:
        book.finding("vlan-stacking", "stacked", f"{notes['stacked-vlan']} frames with two VLAN tags on {where}")
        book.show(f"Frames on {where} carry two VLAN tags.")
    if notes["bpdu"] and traffic.on_tap:
        book.show(f"{notes['bpdu']} spanning tree frames were seen on {where}.")
    if len(traffic.advertisers) > 1:
        book.finding(
            "router-advertisements",
            "from-several-hosts",
            f"router advertisements from {', '.join(sorted(traffic.advertisers)[:4])}",
        )
    if traffic.mtus:
        book.finding("frag-needed", "arrives", f"ICMP: fragmentation needed, next MTU {min(traffic.mtus)}, on {where}")
    masters = [
        source
        for source in traffic.vrrp_sources
        if any(pair[0] == source and tally.count >= ENOUGH for pair, tally in traffic.payload.items())
    ]
    if len(masters) > 1:
        book.finding(
            "keepalived-transitions", "two-masters", f"VRRP advertisements from {', '.join(sorted(masters)[:4])}"
        )
        book.show(f"{len(masters)} routers advertise themselves as VRRP master at once.")
    if notes["igmp-query"] and traffic.in_guest:
        book.finding("igmp-queries-in-guest", "arrive", f"{notes['igmp-query']} IGMP queries on {where}")
    if traffic.bad_checksums["dhcpv6"] and traffic.in_guest:
        book.finding(
            "failing-protocol",
            "dhcpv6",
            f"{traffic.bad_checksums['dhcpv6']} DHCPv6 messages with a bad checksum on {where}",
        )
        book.finding(
            "reply-seen-in-guest",
            "bad-checksum",
            f"{traffic.bad_checksums['dhcpv6']} DHCPv6 messages with a bad checksum",
        )


def _judge_migration(book: Notebook) -> None:
    """Follow the RARP announcements of a migrated guest from its port to the uplink."""
    host = [traffic for traffic in book.traffic if not traffic.in_guest]
    announced = [traffic for traffic in host if traffic.notes["rarp"]]
    uplinks = [traffic for traffic in host if is_uplink(traffic.interface)]
    for traffic in announced:
        because = f"{traffic.notes['rarp']} RARP frames on {traffic.interface or traffic.name}"
        if traffic in uplinks:
            book.finding("rarp-on-migration", "on-uplink", because, Weight.LINED_UP)
        elif traffic.on_tap and uplinks and not any(uplink in announced for uplink in uplinks):
            book.show(f"RARP announcements of the guest are on {traffic.interface} and not on {uplinks[0].interface}.")
            book.finding(
                "rarp-on-migration", "on-port-not-uplink", f"{because}, none on {uplinks[0].interface}", Weight.LINED_UP
            )
