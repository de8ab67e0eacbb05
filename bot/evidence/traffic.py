"""What a capture holds, counted: the common ground of captures as text and as files.

Nothing grows with the capture's length: tallies are kept a pair of stations, and the number of pairs is bounded.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from kb.model import Vantage

MAX_PAIRS: Final = 20_000
"""Pairs of addresses that are told apart in one capture; more are counted together."""
MAX_NOTES: Final = 500
FULL_SIZE: Final = 1200
"""Bytes of TCP payload from which a segment counts as a large one, below every usual tunnel's room."""

ENOUGH: Final = 3
"""Questions that must stay without an answer before it means something; the first one of any kind may get lost."""

Pair = tuple[str, str]


@dataclass(slots=True)
class Tally:
    """How often, and from when to when, in seconds of the capture's own clock."""

    first: float
    last: float
    count: int = 1

    def add(self, time: float, count: int = 1) -> None:
        """Count more of the same."""
        self.first, self.last = min(self.first, time), max(self.last, time)
        self.count += count


class Reply(NamedTuple):
    """An ARP reply or announcement: who says to own an address."""

    time: float
    address: str
    mac: str


@dataclass(slots=True)
class Resent:
    """Segments of one direction of a TCP conversation that were sent more than once."""

    first: float
    sizes: Counter[int] = field(default_factory=Counter)
    most: int = 0
    """The largest number of times that one and the same segment was repeated."""


@dataclass
class Traffic:
    """One capture."""

    name: str
    interface: str = ""
    vantage: Vantage | None = None
    dated: bool = False
    """True when times count from 1970, false when they are seconds of an unknown day."""
    near: tuple[int, int] | None = None
    frames: int = 0
    payload: dict[Pair, Tally] = field(default_factory=dict)
    """Frames other than ARP and DHCP, by (sender, receiver) address."""
    arp_requests: dict[Pair, Tally] = field(default_factory=dict)
    """By (asker, wanted address)."""
    arp_replies: list[Reply] = field(default_factory=list)
    announcements: list[Reply] = field(default_factory=list)
    pings: dict[Pair, Tally] = field(default_factory=dict)
    pongs: dict[Pair, Tally] = field(default_factory=dict)
    calls: dict[Pair, Tally] = field(default_factory=dict)
    """TCP connections asked for."""
    accepts: dict[Pair, Tally] = field(default_factory=dict)
    """TCP connections accepted."""
    resent: dict[Pair, Resent] = field(default_factory=dict)
    macs: dict[str, Counter[str]] = field(default_factory=dict)
    """For an address, the MACs that sent with it."""
    bad_checksums: Counter[str] = field(default_factory=Counter)
    """By protocol: dhcpv4, dhcpv6, udp, tcp."""
    notes: Counter[str] = field(default_factory=Counter)
    """frag-needed, packet-too-big, stacked-vlan, bpdu, rarp, vrrp, igmp-query, oversize, vlan, icmp-unreachable."""
    mtus: set[int] = field(default_factory=set)
    """Next-hop MTUs that routers reported."""
    advertisers: set[str] = field(default_factory=set)
    """Sources of IPv6 router advertisements."""
    vrrp_sources: set[str] = field(default_factory=set)

    def tally(
        self, where: dict[Pair, Tally], pair: Pair, time: float, count: int = 1, first: float | None = None
    ) -> None:
        """Count a frame between two stations."""
        found = where.get(pair)
        if found is not None:
            found.add(time, count)
        elif len(where) < MAX_PAIRS:
            where[pair] = Tally(time if first is None else first, time, count)

    def reply(self, where: list[Reply], reply: Reply) -> None:
        """Keep an ARP reply, of the first ones."""
        if len(where) < MAX_NOTES * 4:
            where.append(reply)

    def repeat(self, pair: Pair, time: float, size: int, times: int = 1) -> None:
        """Count a segment that was sent again."""
        resent = self.resent.get(pair)
        if resent is None:
            if len(self.resent) >= MAX_PAIRS:
                return
            resent = self.resent[pair] = Resent(time)
        resent.first = min(resent.first, time)
        resent.sizes[size] += times
        resent.most = max(resent.most, times)

    def owns(self, address: str, mac: str) -> None:
        """Note which MAC sent with an address."""
        if address and mac and (address in self.macs or len(self.macs) < MAX_PAIRS):
            self.macs.setdefault(address, Counter())[mac] += 1

    @property
    def on_tap(self) -> bool:
        """True when the capture was taken on a guest's tap."""
        return is_tap(self.interface)

    @property
    def in_guest(self) -> bool:
        """True when the capture was taken inside a guest."""
        return self.vantage is Vantage.GUEST and not self.on_tap

    @property
    def reply_check(self) -> str:
        """The check that a missing reply speaks to: the tap's when it was missing there already."""
        return "reply-seen-on-tap" if self.on_tap else "reply-seen-in-guest"


_ENDPOINT: Final = re.compile(
    r"(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?:\.[\w-]{1,20})?$|([0-9a-fA-F:]{2,45}|.{1,60}?)(?:\.[\w-]{1,20})?$"
)


def without_port(end: str) -> str:
    """Return the address of an end as tcpdump writes it, such as `10.0.0.1.68` or `fe80::1.546`."""
    match = _ENDPOINT.match(end)
    return (match[1] or match[2] or end) if match else end


def is_tap(interface: str) -> bool:
    """Tell a guest's port on the host by its name."""
    return interface.startswith(("tap", "vnet", "macvtap", "vif", "qvo", "qvb", "qbr", "fwpr", "veth"))


def is_uplink(interface: str) -> bool:
    """Tell a host's physical port by its name, as far as names tell."""
    return interface.startswith(("bond", "eno", "enp", "ens", "eth", "em", "p1p", "p2p", "team"))


def is_bridge(name: str) -> bool:
    """Tell a bridge by its name."""
    return name.startswith(("br", "virbr", "vmbr", "docker")) and not name.startswith("brq-")
