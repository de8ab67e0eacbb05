"""Interfaces and their counters: `ip link`, `ip -s link`, `ip addr`, `ip neigh`, ifconfig, `tc -s qdisc`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar, Final

from bot.evidence.notebook import Line, Notebook
from bot.evidence.traffic import is_bridge, is_tap, is_uplink
from kb.model import Vantage

_HEAD: Final = re.compile(
    r"^\d{1,5}: (?P<name>[\w.@:-]{1,40}?)(?:@\w{1,20})?: <(?P<flags>[\w,-]{0,200})>(?P<rest>.{0,400})"
)
_IFCONFIG: Final = re.compile(r"^(?P<name>[a-z][\w.-]{0,20}):? {1,10}(?:flags=|Link encap:)")
_COUNTS: Final = re.compile(r"^\s+(?P<way>RX|TX):? +(?:bytes|packets)\b")
_NUMBERS: Final = re.compile(r"^\s+\d+(?: +\d+){3,8}\s*$")
_OLD_COUNTS: Final = re.compile(
    r"^\s+(?P<way>RX|TX) packets[: ](?P<packets>\d+)(?:.{0,40}?errors[: ]\d+ +dropped[: ](?P<dropped>\d+))?"
)
_NEW_DROPS: Final = re.compile(r"^\s+(?P<way>RX|TX) errors \d+ +dropped (?P<dropped>\d+)")
_NAME_IN_COMMAND: Final = re.compile(r"\b(?:dev |show |ifconfig )(?:dev )?(?P<name>[a-z][\w.-]{2,20})\b")
_ADDRESS: Final = re.compile(r"^\s+inet (?:addr:)?(?P<address>\d{1,3}(?:\.\d{1,3}){3})")
_DADFAILED: Final = re.compile(r"\bdadfailed\b")
_LLADDR: Final = re.compile(r"link/ether (?P<mac>[0-9a-f:]{17})")
_QDISC: Final = re.compile(r"^qdisc (?P<kind>\w+) \S+ dev (?P<name>\S{1,20})")
_BACKLOG: Final = re.compile(r"backlog \S{1,20} (?P<packets>\d{1,9})p")
_BURST: Final = re.compile(r"\b(?:tbf|police|policing)\b.{0,120}?burst (?P<size>\d{1,9})(?P<unit>Kb|Mb|b|kb)?\b")
_NEIGHBOUR: Final = re.compile(
    r"^(?P<address>[0-9a-f.:]{3,45}) dev (?P<name>\S{1,20})(?: lladdr (?P<mac>[0-9a-f:]{17}))?(?: \w+)* +"
    r"(?P<state>REACHABLE|STALE|DELAY|PROBE|FAILED|INCOMPLETE|PERMANENT|NOARP)"
)
_NEUTRON_TAP: Final = re.compile(r"tap[0-9a-f]{8}-")
_FEW: Final = 1e-4
"""The share of dropped packets that every busy tap has now and then."""
_MANY: Final = 1e-2
_ASKED: Final = 3


@dataclass
class _Counters:
    packets: int
    dropped: int
    quote: str


@dataclass
class _Interface:
    name: str
    place: tuple[str, str]
    flags: str = ""
    rest: str = ""
    addresses: list[str] = field(default_factory=list)
    macs: list[str] = field(default_factory=list)
    rx: list[_Counters] = field(default_factory=list)
    tx: list[_Counters] = field(default_factory=list)
    guest: bool = False
    quote: str = ""

    def count(self, way: str, packets: int, dropped: int) -> None:
        """Keep one reading of the counters of one direction."""
        series = self.rx if way == "RX" else self.tx
        if len(series) < 1000:
            series.append(_Counters(packets, dropped, f"{self.name} {way} {packets} packets, {dropped} dropped"))

    @property
    def master(self) -> str:
        match = re.search(r"\bmaster (\S+)", self.rest)
        return match[1] if match else ""


class LinkReader:
    """Remembers what it saw of each interface, and judges at the end."""

    WORDS: ClassVar[tuple[str, ...]] = ()  # it reads commands, not logs

    def __init__(self, book: Notebook) -> None:
        self._book = book
        self._interfaces: dict[tuple[str, str, str], _Interface] = {}
        self._current: _Interface | None = None
        self._way = ""
        self._fields: list[str] = []
        self._qdisc = ""
        self._neighbours = 0

    def take(self, line: Line) -> bool:
        """Read one line; False when it is not about an interface."""
        text = line.text[:600]
        if line.mark:
            self._start(line)
            return False
        if line.stamp is not None or line.program:
            return False
        return (
            self._head(line, text)
            or self._counters(line, text)
            or self._address(line, text)
            or self._queues(line, text)
            or self._neighbour(line, text)
        )

    def finish(self) -> None:
        """Judge each interface."""
        for interface in self._interfaces.values():
            if is_tap(interface.name) and not interface.guest:
                self._judge_drops(interface)
                self._judge_bridge(interface)
            elif len(interface.rx) > 1 and len(interface.tx) > 1 and interface.guest:
                self._judge_guest(interface)
            for mac in interface.macs:
                if interface.guest:
                    self._book.finding(
                        "mac-first-octet", "odd" if int(mac[:2], 16) & 1 else "even", f"{interface.name} {mac}"
                    )
        self._judge_addresses()

    def _start(self, line: Line) -> None:
        self._current, self._way, self._qdisc = None, "", ""
        named = _NAME_IN_COMMAND.search(line.place.command)
        if named and re.match(r"(?:ip|ifconfig|watch)\b", line.place.command):
            # A cut-out such as `ip -s link show vnet2 | sed -n 3,6p` leaves the head with the name out.
            self._current = self._interface(named["name"], line)

    def _interface(self, name: str, line: Line) -> _Interface:
        key = (line.place.file, line.place.host, name)
        if key not in self._interfaces and len(self._interfaces) < 5000:
            self._interfaces[key] = _Interface(name, key[:2], guest=line.place.vantage is Vantage.GUEST)
        return self._interfaces.get(key, _Interface(name, key[:2]))

    def _head(self, line: Line, text: str) -> bool:
        head = _HEAD.match(text)
        if head:
            current = self._interface(head["name"], line)
            addresses = line.place.command.startswith("ip a")
            if current.macs and not addresses and is_bridge(current.name):
                current.flags = head["flags"]
            current.flags, current.rest, current.quote = head["flags"], head["rest"], line.quote
            self._current, self._way = current, ""
            return True
        head = _IFCONFIG.match(text)
        if head:
            self._current, self._way = self._interface(head["name"], line), ""
            return True
        return False

    def _counters(self, line: Line, text: str) -> bool:
        if self._current is None:
            return False
        counts = _COUNTS.match(text)
        if counts and "packets:" not in text and not re.match(r"^\s+\w+ packets \d", text):
            self._way, self._fields = counts["way"], text.replace(":", " ").split()[1:]
            return True
        if self._way and _NUMBERS.match(text):
            values = dict(zip(self._fields, map(int, text.split()[:12]), strict=False))
            self._current.count(self._way, values.get("packets", 0), values.get("dropped", 0))
            self._way = ""
            return True
        old = _OLD_COUNTS.match(text)
        if old:
            self._current.count(old["way"], int(old["packets"][:18]), int((old["dropped"] or "0")[:18]))
            return True
        new = _NEW_DROPS.match(text)
        if new:
            series = self._current.rx if new["way"] == "RX" else self._current.tx
            if series:
                series[-1].dropped, series[-1].quote = int(new["dropped"][:18]), line.quote
            return True
        return False

    def _address(self, line: Line, text: str) -> bool:
        if self._current is None:
            return False
        if _DADFAILED.search(text):
            self._book.finding("ipv6-address-state", "dad-failed", line.quote)
            return True
        found = _ADDRESS.match(text)
        if found:
            self._current.addresses.append(found["address"]) if len(self._current.addresses) < 50 else None
            return True
        mac = _LLADDR.search(text)
        if mac:
            if mac[1] not in self._current.macs and len(self._current.macs) < 10:
                self._current.macs.append(mac[1])
            if is_bridge(self._current.name) and len(self._current.macs) > 1:
                self._book.finding("bridge-mac", "changes", f"{self._current.name}: {', '.join(self._current.macs)}")
            self._book.fact("mac", mac[1])
            return True
        return False

    def _queues(self, line: Line, text: str) -> bool:
        burst = _BURST.search(text)
        if burst:
            size = int(burst["size"]) * {"kb": 1024, "mb": 1024**2}.get((burst["unit"] or "b").lower(), 1)
            self._book.finding("qos-burst", "below-frame-size" if size < 1514 else "ample", line.quote)
        qdisc = _QDISC.match(text)
        if qdisc:
            self._qdisc = qdisc["name"]
            return True
        backlog = _BACKLOG.search(text) if self._qdisc else None
        if backlog:
            if is_tap(self._qdisc) and int(backlog["packets"]) >= 400:
                self._book.finding("tap-tx-drops", "keeps-growing", f"{self._qdisc}: {line.quote}")
                self._book.show(
                    f"The queue of {self._qdisc} towards the guest holds {backlog['packets']} packets: nobody "
                    "takes them."
                )
            return True
        return bool(burst)

    def _neighbour(self, line: Line, text: str) -> bool:
        match = _NEIGHBOUR.match(text)
        if match is None:
            return False
        self._neighbours += 1
        if match["state"] in ("FAILED", "INCOMPLETE"):
            self._book.show(f"{match['address']} has no known MAC on {match['name']} ({match['state']}).")
        return True

    # Judging ---------------------------------------------------------------------------------------------------------

    def _judge_drops(self, interface: _Interface) -> None:
        """Weigh drops towards the guest: growth between two readings, or the share of a single one."""
        if not interface.tx:
            return
        last = interface.tx[-1]
        if len(interface.tx) > 1:
            grown = last.dropped - interface.tx[0].dropped
            sent = last.packets - interface.tx[0].packets
            because = f"{interface.tx[0].quote}; later {last.quote}"
            if grown > 0 and grown >= sent * _MANY:
                self._book.finding("tap-tx-drops", "keeps-growing" if grown > sent else "only-under-load", because)
                self._book.show(
                    f"{interface.name} dropped {grown} of the frames for the guest between two readings and "
                    f"delivered {sent}."
                )
            else:
                self._book.finding("tap-tx-drops", "none", because)
            return
        share = last.dropped / max(last.packets + last.dropped, 1)
        if share <= _FEW:
            self._book.finding("tap-tx-drops", "none", last.quote)
        elif share >= _MANY and last.dropped >= 100:
            self._book.finding("tap-tx-drops", "keeps-growing", last.quote)
            self._book.show(f"{interface.name} dropped {last.dropped} frames for the guest ({share:.0%} of all).")

    def _judge_bridge(self, interface: _Interface) -> None:
        if not interface.flags:
            return
        attached = bool(interface.master) or interface.name.startswith(("macvtap", "veth", "qv"))
        # The tap of a DHCP namespace looks like a guest's and belongs to no bridge that is visible there.
        if interface.name.startswith(("tap", "vnet")) and (attached or not _NEUTRON_TAP.match(interface.name)):
            self._book.finding("tap-on-bridge", "attached" if attached else "detached", interface.quote)
            if not attached:
                self._book.show(f"{interface.name} belongs to no bridge.")

    def _judge_guest(self, interface: _Interface) -> None:
        received = interface.rx[-1].packets - interface.rx[0].packets
        sent = interface.tx[-1].packets - interface.tx[0].packets
        # A guest at rest neither sends nor receives; only one that asks and hears nothing is deaf.
        if received > 0 or sent >= _ASKED:
            because = f"{interface.rx[0].quote}; later {interface.rx[-1].quote}; sent {sent} meanwhile"
            self._book.finding("guest-rx-counter", "moving" if received > 0 else "rx-frozen", because)

    def _judge_addresses(self) -> None:
        """Find addresses that stand on a port of a bridge, where they do not work."""
        by_place: dict[tuple[str, str], list[_Interface]] = {}
        for interface in self._interfaces.values():
            by_place.setdefault(interface.place, []).append(interface)
        for members in by_place.values():
            ports = [
                item
                for item in members
                if item.master and is_uplink(item.name) and not item.guest and "SLAVE" not in item.flags
            ]
            bridges = [item for item in members if is_bridge(item.name)]
            for port in ports:
                if port.addresses and port.master != "ovs-system":
                    self._book.finding("host-address-place", "on-port", f"{port.quote} inet {port.addresses[0]}")
                elif any(bridge.addresses for bridge in bridges):
                    self._book.finding("host-address-place", "on-bridge", f"{port.name} is a port of {port.master}")
