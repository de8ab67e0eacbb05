"""Linux bridges: `bridge link/fdb/vlan`, `brctl show/showmacs/showstp`, multicast snooping."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import ClassVar, Final

from bot.evidence.notebook import Line, Notebook
from bot.evidence.traffic import is_tap, is_uplink

_MAC: Final = r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}"
_FDB: Final = re.compile(rf"^(?P<mac>{_MAC}) dev (?P<port>\S{{1,20}})(?P<rest>.{{0,120}})$")
_SHOWMACS: Final = re.compile(rf"^\s*(?P<number>\d+)\s+(?P<mac>{_MAC})\s+(?P<local>yes|no)\s+(?P<age>[\d.]+)\s*$")
_STATE: Final = re.compile(
    r"^\d+: (?P<port>[\w.-]{1,20})(?:@\S+)?: <.{0,120}state (?P<state>disabled|listening|learning|forwarding|blocking)"
)
_MASTER: Final = re.compile(r"\bmaster (\S{1,20})")
_SHOW_HEAD: Final = re.compile(r"^bridge name\s+bridge id\s+STP enabled\s+interfaces")
_SHOW_ROW: Final = re.compile(
    r"^(?:(?P<bridge>[\w.-]{1,20})\s+[0-9a-f]{4}\.[0-9a-f]{12}\s+(?:yes|no))?(?:\s+(?P<port>[\w.@-]{1,20}))?\s*$"
)
_HAIRPIN: Final = re.compile(r"\bhairpin (?P<state>on|off)\b")
_SNOOPING: Final = re.compile(
    r"mcast_snooping (?P<snooping>[01]).{0,200}?mcast_querier (?P<querier>[01])|multicast_(?P<name>snooping"
    r"|querier)\s*[:=]?\s*(?P<value>[01])\s*$"
)
_SETTING: Final = re.compile(r"/bridge/multicast_(snooping|querier)\b")
_VLAN_FILTERING: Final = re.compile(r"vlan_filtering (?P<on>[01])")
_GUEST_PREFIXES: Final = ("52:54:00", "fa:16:3e", "00:16:3e", "bc:24:11")
"""What libvirt, OpenStack, Xen and Proxmox give guests."""


class BridgeReader:
    """Remembers where MACs were learned, and judges at the end."""

    WORDS: ClassVar[tuple[str, ...]] = ()  # it reads commands, not logs

    def __init__(self, book: Notebook) -> None:
        self._book = book
        self._learned: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
        self._listed = ""
        self._multicast: dict[str, tuple[int, str]] = {}
        self._asked: list[str] = []

    def take(self, line: Line) -> bool:
        """Read one line; False when it is not about a bridge."""
        if line.mark:
            self._asked = _SETTING.findall(line.place.command)
            self._listed = ""
            return False
        if line.stamp is not None or line.program:
            return False
        if self._asked and line.text.strip() in ("0", "1"):
            name = self._asked.pop(0)
            self._multicast[name] = (int(line.text), f"multicast_{name}: {line.text.strip()}")
            return True
        text = line.text[:600]
        return self._table(line, text) or self._options(line, text)

    def finish(self) -> None:
        """Judge where guests' MACs are learned, and the multicast settings."""
        for (*_, mac), places in self._learned.items():
            if not mac.startswith(_GUEST_PREFIXES):
                continue
            ports = list(dict.fromkeys(port for port, _ in places))
            quotes = "; ".join(quote for _, quote in places[:3])
            if len(ports) > 1:
                outcome = "hopping"
            elif is_tap(ports[0]):
                outcome = "on-tap"
            elif is_uplink(ports[0]):
                continue  # a guest of another host is learned on the uplink, as it should be
            else:
                continue
            self._book.finding("guest-mac-port", outcome, quotes)
            if outcome == "hopping":
                self._book.show(f"{mac} was learned on several ports: {', '.join(ports)}.")
        snooping, querier = self._multicast.get("snooping"), self._multicast.get("querier")
        if snooping:
            off = snooping[0] == 0
            lone = querier is not None and querier[0] == 0
            if off:
                self._book.finding("multicast-querier", "snooping-off", snooping[1])
            elif lone:
                self._book.finding("multicast-querier", "snooping-without-querier", snooping[1])

    def _table(self, line: Line, text: str) -> bool:
        entry = _FDB.match(text)
        if entry:
            if "permanent" not in entry["rest"] and "self" not in entry["rest"]:
                bridge = _MASTER.search(entry["rest"])
                self._learn(entry["mac"], entry["port"], line, bridge[1] if bridge else "")
            return True
        entry = _SHOWMACS.match(text)
        if entry:
            if entry["local"] == "no":
                self._learn(entry["mac"], f"port {entry['number']}", line, line.place.command)
            return True
        return self._shown(line, text)

    def _shown(self, line: Line, text: str) -> bool:
        """Read `brctl show`: each bridge with its ports, one a line."""
        if _SHOW_HEAD.match(text):
            self._listed = "a bridge"
            return True
        row = _SHOW_ROW.match(text) if self._listed else None
        if row is None:
            return False
        self._listed = row["bridge"] or self._listed
        if (row["port"] or "").startswith(("vnet", "tap")):
            self._book.finding("tap-on-bridge", "attached", f"{self._listed}: {row['port']}")
        return True

    def _learn(self, mac: str, port: str, line: Line, table: str) -> None:
        key = (line.place.file, line.place.host, table, mac)
        places = self._learned[key] if len(self._learned) < 20_000 or key in self._learned else []
        if len(places) < 20:
            places.append((port, line.quote))

    def _options(self, line: Line, text: str) -> bool:
        understood = False
        state = _STATE.match(text)
        if state:
            understood = True
            if state["state"] in ("listening", "learning"):
                self._book.finding("bridge-port-state", "delayed", line.quote)
        hairpin = _HAIRPIN.search(text)
        if hairpin:
            understood = True
            self._book.finding("hairpin-mode", hairpin["state"], line.quote)
        multicast = _SNOOPING.search(text)
        if multicast:
            understood = True
            if multicast["name"]:
                self._multicast[multicast["name"]] = (int(multicast["value"]), line.quote)
            else:
                self._multicast["snooping"] = (int(multicast["snooping"]), line.quote)
                self._multicast["querier"] = (int(multicast["querier"]), line.quote)
        return understood or bool(_VLAN_FILTERING.search(text))
