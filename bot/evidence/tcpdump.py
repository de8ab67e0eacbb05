"""tcpdump's text -> traffic.

Two ways lead to the same counts: pasted lines are read here, one by one; of a long file the plain payload lines are
counted in bulk, and only the telling ones come here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from bot.evidence.bulk import Bulk
from bot.evidence.clock import Stamp
from bot.evidence.model import DhcpMessage
from bot.evidence.notebook import Line, Notebook
from bot.evidence.traffic import MAX_PAIRS, Reply, Traffic, without_port

_DAY: Final = 86400.0
_MAC: Final = r"(?:[0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}"
_HEAD: Final = re.compile(
    rf"(?:(?P<interface>[\w.@-]{{1,20}}) +(?:In|Out|B|M|P|Bcast|Mcast) +)?"
    rf"(?:(?P<from>{_MAC})(?: \(oui [^)]{{1,40}}\))? > (?P<to>{_MAC}|Broadcast)(?: \(oui [^)]{{1,40}}\))?, "
    rf"(?P<frame>.{{0,200}}?length \d+: ?))?"
    rf"(?P<protocol>IP6?|ARP|arp|RARP|Reverse|rarp|STP|802\.1[dwQ]|vlan|LLC|LLDPv?\d?)?\b"
)
_SHAPE: Final = re.compile(
    r"^(?:\d\d\d\d-\d\d-\d\d )?\d\d:\d\d:\d\d\.\d{3,9} .{0,200}?(?:IP6?|ARP|arp|RARP|STP|802\.1|ethertype|LLC|LLDP"
    r"|vlan)"
)
_ENDS: Final = re.compile(r"(?P<from>[^\s>,]{1,80}) > (?P<to>[^\s>,]{1,80}): ?")
_ARP: Final = re.compile(
    rf"(?:[Rr]equest )?who-(?:has) (?P<wanted>[\w.:-]{{1,60}})(?: \({_MAC}\)| \(Broadcast\))?(?: \(oui "
    rf"[^)]{{1,40}}\))?,? tell (?P<asker>[\w.:-]{{1,60}}?)[,\s]"
    rf"|(?:[Rr]eply )(?P<owner>[\w.:-]{{1,60}}) is-at (?P<mac>{_MAC})"
    rf"|(?P<probe>Probe|Announcement) (?P<announced>[\w.:-]{{1,60}})"
)
_REVERSE: Final = re.compile(rf"who-is (?P<mac>{_MAC})", re.I)
_TCP_SEQ: Final = re.compile(r"Flags \[[^\]]{1,8}\],.{0,60}? seq (\d{1,10}):(\d{1,10})")
_DHCP: Final = re.compile(
    rf"BOOTP/DHCP, (?P<way>Request|Reply)(?: from (?P<mac>{_MAC}))?.{{0,80}}?(?:xid (?P<xid>0x[0-9a-f]+))?(?:,|$)"
)
_XID: Final = re.compile(r"xid (0x[0-9a-f]{1,8})")
_DETAIL: Final = re.compile(
    r"^\s+(?P<name>Your-IP|Server-IP|Client-IP|Client-Ethernet-Address|(?:DHCP-Message|Server-ID|Requested-IP"
    r"|Hostname)(?: Option)?(?: \(\d+\)| \d+)?"
    r", length \d+:)\s?(?P<value>.{0,80})"
)
_TYPES: Final = {
    "discover": "discover",
    "offer": "offer",
    "request": "request",
    "ack": "ack",
    "nack": "nak",
    "nak": "nak",
    "decline": "decline",
    "release": "release",
    "inform": "inform",
}
_PMTU: Final = re.compile(r"need to frag \(mtu (\d{1,5})\)|packet too big, mtu (\d{1,5})")
_BAD: Final = re.compile(r"bad udp cksum|bad cksum|\(incorrect|cksum 0x[0-9a-f]{1,4} \(incorrect")
_INTERFACE: Final = re.compile(r"(?:-[a-zA-Z]*i ?|--interface[= ])([\w.@:-]{1,40})")
_AT_ONCE: Final = 0.3
"""Seconds within which a client that has no address yet takes up an offer. Asking anew it waits longer, so without -v
this tells the two kinds of question apart."""
_SUMMARY: Final = re.compile(r"\d{1,9} packets? captured$")
_LISTENING: Final = re.compile(r"(?:tcpdump: )?listening on ([\w.@:-]{1,40})")


class TcpdumpReader:
    """Reads tcpdump's lines, one capture a place (file, machine and command)."""

    def __init__(self, book: Notebook) -> None:
        self._book = book
        self._captures: dict[tuple[str, str, str], Traffic] = {}
        self._current: Traffic | None = None
        self._pending: DhcpMessage | None = None
        self._pending_stamp: Stamp | None = None
        self._line: Line | None = None
        self._time = 0.0
        self._replied = float("-inf")
        self._seen: dict[tuple[str, str, str], int] = {}
        self._bulk = Bulk()

    def take(self, line: Line) -> bool:
        """Read one line; False when it is none of tcpdump's."""
        text = line.text
        if _SUMMARY.match(text):
            # A capture that saw nothing says something too: it was looking.
            self._open(line)
            return True
        listening = _LISTENING.search(text, 0, 200) if "listening on" in text else None
        if listening:
            self._open(line).interface = listening[1]
            return True
        if line.stamp is not None and not line.program and _SHAPE.match(text[text.find(line.stamp.written) :]):
            self._flush()
            self._packet(line, line.stamp)
            return True
        if self._line is not None and text[:1].isspace() and line.place == self._line.place:
            return self._continued(line)
        self._flush()
        self._line = None
        return False

    def finish(self) -> None:
        """Write down the last message."""
        self._flush()

    def block(self, block: bytes, line: Line) -> list[tuple[int, bytes]]:
        """Count the plain lines of a long file's block; return the others, each piece with the lines before it.

        Args:
            block: whole lines.
            line: a line that says where the block comes from.
        """
        left = self._bulk.take(block, self._open(line))
        self._time = max(self._time, self._bulk.time)
        return left

    # A single line ---------------------------------------------------------------------------------------------------

    def _open(self, line: Line) -> Traffic:
        key = (line.place.file, line.place.host, line.place.command)
        traffic = self._captures.get(key)
        if traffic is None:
            interface = _INTERFACE.search(line.place.command) if "tcpdump" in line.place.command else None
            name = line.source
            traffic = Traffic(name, interface[1] if interface else named_interface(line.place.file), line.place.vantage)
            if len(self._captures) < 200:
                self._captures[key] = traffic
                self._book.traffic.append(traffic)
        self._current = traffic
        return traffic

    def _packet(self, line: Line, stamp: Stamp) -> None:
        traffic = self._open(line)
        traffic.frames += 1
        if stamp.date is not None:
            traffic.dated = True
            time = self._book.clock.place(stamp)
        else:
            traffic.near = traffic.near or stamp.near
            time = stamp.seconds
            if self._time - time > _DAY / 2:
                time += _DAY * ((self._time - time) // _DAY + 1)
        self._time, self._line = time, line
        rest = line.text[line.text.find(stamp.written) + len(stamp.written) :].lstrip()
        head = _HEAD.match(rest)
        if head is None:
            return
        if head["interface"] and not traffic.interface:
            traffic.interface = head["interface"]
        if rest.count("802.1Q", 0, 400) + rest.count("vlan ", 0, 400) > 0:
            traffic.notes["vlan"] += 1
            if len(re.findall(r"\bvlan \d+", rest[:400])) > 1:
                traffic.notes["stacked-vlan"] += 1
        protocol = head["protocol"] or ""
        if protocol in ("STP", "802.1d", "802.1w") or "STP 802.1" in rest[:200]:
            traffic.notes["bpdu"] += 1
        elif _REVERSE.search(rest, 0, 300):
            traffic.notes["rarp"] += 1
            self._book.event(f"RARP announcement seen on {traffic.interface or 'the capture'}", line)
        elif protocol in ("ARP", "arp") or "who-has" in rest or " is-at " in rest:
            self._arp(traffic, rest, (head["from"] or "").lower())
        else:
            self._ends(traffic, rest[head.end() :], line, (head["from"] or "").lower())

    def _continued(self, line: Line) -> bool:
        traffic = self._current
        if traffic is None or self._line is None:
            return False
        if self._pending is not None and self._detail(line.text):
            return True
        if _ENDS.match(line.text.strip()):
            self._ends(traffic, line.text.strip(), replace(line, stamp=self._line.stamp), "")
        return True

    def _ends(self, traffic: Traffic, rest: str, line: Line, mac: str) -> None:
        ends = _ENDS.search(rest, 0, 400)
        if ends is None:
            return
        pair = without_port(ends["from"]), without_port(ends["to"])
        body = rest[ends.end() :]
        if mac:
            traffic.owns(pair[0], mac)
        if "BOOTP/DHCP" in body:
            self._dhcp(traffic, pair, body, line)
            return
        self._notice(traffic, pair, body)
        traffic.tally(traffic.payload, pair, self._time)
        segment = _TCP_SEQ.search(body, 0, 200)
        if segment:
            key = (ends["from"], ends["to"], f"{segment[1]}:{segment[2]}")
            size = (int(segment[2]) - int(segment[1])) % 2**32
            self._seen[key] = self._seen.get(key, 0) + 1
            if self._seen[key] > 1:
                traffic.repeat(pair, self._time, size)
                traffic.resent[pair].most = max(traffic.resent[pair].most, self._seen[key] - 1)
            elif len(self._seen) > MAX_PAIRS:
                self._seen.clear()

    def _notice(self, traffic: Traffic, pair: tuple[str, str], body: str) -> None:
        if "ICMP" in body[:60]:
            if "echo request" in body:
                traffic.tally(traffic.pings, pair, self._time)
            elif "echo reply" in body:
                traffic.tally(traffic.pongs, pair, self._time)
            elif "unreachable" in body or "too big" in body:
                mtu = _PMTU.search(body, 0, 300)
                traffic.notes["frag-needed" if mtu else "icmp-unreachable"] += 1
                if mtu:
                    traffic.mtus.add(int(mtu[1] or mtu[2]))
            elif "router advertisement" in body:
                traffic.advertisers.add(pair[0])
        elif "VRRP" in body[:40]:
            traffic.notes["vrrp"] += 1
            traffic.vrrp_sources.add(pair[0])
        elif "igmp query" in body[:60]:
            traffic.notes["igmp-query"] += 1
        elif body.startswith("Flags [S"):
            traffic.tally(traffic.accepts if body.startswith("Flags [S.") else traffic.calls, pair, self._time)
        if _BAD.search(body, 0, 200):
            traffic.bad_checksums["tcp" if "Flags [" in body else "dhcpv6" if "dhcp6" in body else "udp"] += 1

    def _arp(self, traffic: Traffic, rest: str, sender: str) -> None:
        arp = _ARP.search(rest, 0, 400)
        if arp is None:
            return
        if arp["owner"]:
            traffic.reply(traffic.arp_replies, Reply(self._time, arp["owner"], arp["mac"].lower()))
            traffic.owns(arp["owner"], arp["mac"].lower())
        elif arp["announced"] or arp["asker"] == arp["wanted"]:
            if arp["probe"] != "Probe":
                traffic.reply(traffic.announcements, Reply(self._time, arp["announced"] or arp["asker"], sender))
        else:
            traffic.tally(traffic.arp_requests, (arp["asker"], arp["wanted"]), self._time)
            traffic.owns(arp["asker"], sender)

    # DHCP ------------------------------------------------------------------------------------------------------------

    def _dhcp(self, traffic: Traffic, pair: tuple[str, str], body: str, line: Line) -> None:
        found = _DHCP.search(body, 0, 300)
        if found is None:
            return
        self._flush()
        bad = bool(_BAD.search(body, 0, 120))
        if bad:
            traffic.bad_checksums["dhcpv4" if found["way"] == "Reply" else "sent"] += 1
        xid = _XID.search(body, 0, 300)
        what = "reply" if found["way"] == "Reply" else "discover" if pair[0] == "0.0.0.0" else "request"  # noqa: S104
        mac = (found["mac"] or "").lower()
        if what == "reply":
            self._replied = self._time
        elif what == "discover" and self._time - self._replied < _AT_ONCE:
            what = "request"
        self._pending_stamp = line.stamp
        self._pending = DhcpMessage(
            self._time,
            line.stamp.written if line.stamp else "",
            "wire",
            what,
            line.source,
            line.number,
            mac=mac,
            address=pair[1]
            if what == "reply" and pair[1] != "255.255.255.255"
            else pair[0]
            if what == "request"
            else "",
            server=pair[0] if what == "reply" else pair[1],
            interface=traffic.interface,
            xid=xid[1] if xid else "",
            bad_checksum=bad,
            vantage=line.place.vantage,
            quote=line.quote,
        )

    def _detail(self, text: str) -> bool:
        detail = _DETAIL.match(text)
        if detail is None or self._pending is None:
            return False
        name, value = detail["name"].partition(" ")[0], detail["value"].strip().strip('"')
        if name == "DHCP-Message" and value.lower() in _TYPES:
            self._pending = replace(self._pending, what=_TYPES[value.lower()])
        elif name == "Your-IP":
            self._pending = replace(self._pending, address=value)
        elif name == "Client-Ethernet-Address":
            self._pending = replace(self._pending, mac=self._pending.mac or value.lower())
        elif name == "Server-ID" and self._pending.from_client:
            self._pending = replace(self._pending, note="selecting")
        elif name == "Server-ID":
            self._pending = replace(self._pending, server=value)
        elif name == "Hostname":
            self._pending = replace(self._pending, host=value)
        elif name == "Requested-IP":
            self._pending = replace(self._pending, address=value)
        return True

    def _flush(self) -> None:
        if self._pending is not None:
            self._book.message(self._pending_stamp, self._pending)
        self._pending = None


def named_interface(file: str) -> str:
    """Guess the interface from a file's name such as `vnet3.txt` or `tap9f01c2aa-71.pcap`."""
    stem = file.rpartition("/")[2].partition(".")[0]
    return stem if re.fullmatch(r"(?:tap|vnet|veth|qvo|qvb|qbr|vif|br|bond|eth|ens|enp|eno)[\w-]{1,20}", stem) else ""
