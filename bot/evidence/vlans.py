"""`bridge vlan show`, as text or JSON -> whether the guests' ports have the VLANs that their bridge carries."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import ClassVar, Final

from bot.evidence.notebook import Line, Notebook
from bot.evidence.traffic import is_bridge, is_uplink

_HEAD: Final = re.compile(r"^port\s+vlan(?:-id| ids?)\s*$")
_ROW: Final = re.compile(
    r"^(?P<port>[\w.@-]{1,20})?\s+(?P<first>\d{1,4})(?:-(?P<last>\d{1,4}))?"
    r"(?P<flags>(?: PVID)?(?: Egress Untagged)?)\s*$"
)
_JSON: Final = re.compile(
    r'"ifname": ?"(?P<port>[^"]{1,20})"|"vlan": ?(?P<first>\d{1,4})|"vlanEnd": ?(?P<last>\d{1,4})|"(?P<pvid>PVID)"'
)
_ASKS: Final = re.compile(r"^bridge\b.{0,40}\bvlan\b")
_MASTER: Final = re.compile(r"^\d{1,5}: (?P<port>[\w.-]{1,20})(?:@\w{1,20})?: <.{0,200}\bmaster (?P<bridge>\S{1,20})")
_GUESTS: Final = ("vnet", "tap", "fwpr", "vif")
"""How ports of guests begin. Those of containers are made anew all the time, on bridges that look at no VLAN."""
_DEFAULT: Final = {1}
_PORTS: Final = 2000


@dataclass
class _Port:
    name: str
    vlans: set[int] = field(default_factory=set)
    pvid: int | None = None
    last: int = 0
    bridge: str = ""

    def add(self, first: int, last: int) -> None:
        """Add a VLAN or a range of them."""
        self.vlans.update(range(first, min(last, 4094) + 1))
        self.last = first

    def __str__(self) -> str:
        return f"{self.name}: VLAN {_ranges(self.vlans)}, PVID {self.pvid or 'none'}"


class VlanReader:
    """Remembers the VLANs of each port, and judges the ports of a machine together."""

    WORDS: ClassVar[tuple[str, ...]] = ()  # it reads commands, not logs

    def __init__(self, book: Notebook) -> None:
        self._book = book
        self._machines: dict[tuple[str, str], dict[str, _Port]] = defaultdict(dict)
        self._bridges: dict[tuple[str, str, str], str] = {}
        self._port: _Port | None = None
        self._table = False
        self._json = False

    def take(self, line: Line) -> bool:
        """Read one line; False when it is no row of a VLAN table."""
        if line.mark or line.stamp is not None or line.program:
            self._port, self._table = None, False
            self._json = bool(line.mark and _ASKS.match(line.place.command))
            return False
        text = line.text[:4000]
        if _HEAD.match(text):
            self._port, self._table = None, True
            return True
        if (self._json or '"vlans"' in text) and self._tokens(line, text):
            return True
        master = _MASTER.match(text[:400])
        if master and len(self._bridges) < _PORTS:
            self._bridges[line.place.file, line.place.host, master["port"]] = master["bridge"]
        row = _ROW.match(text[:80])
        if row and row["port"] and (self._table or row["flags"]):
            self._port = self._begin(line, row["port"])
        elif not row or self._port is None:
            # What -d and -s print between the rows is indented.
            self._table = self._table and text[:1].isspace()
            self._port = self._port if text[:1].isspace() else None
            return False
        self._port.add(int(row["first"]), int(row["last"] or row["first"]))
        self._port.pvid = int(row["first"]) if "PVID" in row["flags"] else self._port.pvid
        return True

    def finish(self) -> None:
        """Judge the guests' ports by the other ports of their machine."""
        right = []
        for machine, ports in self._machines.items():
            for port in ports.values():
                port.bridge = self._bridges.get((*machine, port.name), "")
            for port in ports.values():
                if not port.name.startswith(_GUESTS) or not port.vlans:
                    continue
                others = [other for other in ports.values() if other is not port and _together(port, other)]
                fault = _fault(port, others)
                if fault:
                    self._book.show(fault)
                    self._book.finding("bridge-vlan-table", "wrong-or-missing", fault)
                elif port.vlans != _DEFAULT and any(is_uplink(other.name) for other in others):
                    right.append(str(port))
        if self._book.found("bridge-vlan-table") is None:
            for quote in right:
                self._book.finding("bridge-vlan-table", "right", quote)

    def _begin(self, line: Line, name: str) -> _Port:
        ports = self._machines[line.place.file, line.place.host]
        port = _Port(name)
        if len(self._machines) * len(ports) < _PORTS:
            ports[name] = port
        return port

    def _tokens(self, line: Line, text: str) -> bool:
        found = False
        for token in _JSON.finditer(text):
            found = True
            if token["port"]:
                self._port = self._begin(line, token["port"])
            elif self._port is None:
                continue
            elif token["pvid"]:
                self._port.pvid = self._port.last
            elif token["first"]:
                self._port.add(int(token["first"]), int(token["first"]))
            else:
                self._port.add(self._port.last, int(token["last"]))
        return found


def _together(port: _Port, other: _Port) -> bool:
    """Tell whether two ports may be on the same bridge; the table itself does not say it."""
    return not port.bridge or not other.bridge or port.bridge == other.bridge


def _fault(port: _Port, others: list[_Port]) -> str:
    """Say what is wrong with a guest's port, judged by the ports around it; empty when nothing is."""
    if port.vlans == _DEFAULT:
        elsewhere = _ranges({vlan for other in others for vlan in other.vlans} - _DEFAULT)
        told = f"{port.name} is in VLAN 1 only, as every fresh port is, while other ports carry {elsewhere}."
        return told if elsewhere else ""
    uplinks = [other for other in others if is_uplink(other.name)]
    carried = {vlan for other in others if other in uplinks or is_bridge(other.name) for vlan in other.vlans}
    lost = port.vlans - carried - _DEFAULT
    if uplinks and lost:
        return f"VLAN {_ranges(lost)} of {port.name} is missing on {', '.join(other.name for other in uplinks[:4])}."
    return ""


def _ranges(vlans: set[int]) -> str:
    """Write VLANs as people do: `1, 100-103`."""
    runs: list[list[int]] = []
    for vlan in sorted(vlans):
        if runs and vlan == runs[-1][1] + 1:
            runs[-1][1] = vlan
        else:
            runs.append([vlan, vlan])
    return ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in runs[:8])
