"""Open vSwitch: `ovs-vsctl show` and lists, `ovs-ofctl dump-flows`, `ovs-appctl` answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar, Final

from bot.evidence.notebook import Line, Notebook
from bot.evidence.traffic import is_uplink

_FLOW: Final = re.compile(
    r"^\s*cookie=0x[0-9a-f]+,.{0,160}?table=(?P<table>\d+),.{0,400}?(?:priority="
    r"(?P<priority>\d+))?.{0,400}?actions=(?P<actions>.{1,200})"
)
_BRIDGE_WORD: Final = re.compile(r"\b(?P<bridge>br-[\w-]{1,12}|br\d+)\b")
_SHOW_BRIDGE: Final = re.compile(r'^\s{2,8}Bridge "?(?P<name>[\w.-]{1,20})"?\s*$')
_SHOW_PORT: Final = re.compile(r'^\s{4,12}Port "?(?P<name>[\w.@-]{1,20})"?\s*$')
_SHOW_INTERFACE: Final = re.compile(r'^\s{6,16}Interface "?(?P<name>[\w.@-]{1,20})"?\s*$')
_DATAPATH: Final = re.compile(r"datapath_type: ?\"?(?P<type>\w+)")
_ERROR: Final = re.compile(r'error: "(?P<text>.{1,200})"')
_BFD: Final = re.compile(r"bfd_status.{0,300}?state=\"?(?P<state>\w+)")
_NO_OFPORT: Final = re.compile(
    r"^(?P<name>(?:tap|qvo|vnet|vhu)[\w.@-]{1,20})\s.{0,80}(?:\[\]|-1)\s*$|\bofport\s*:\s*(?:-1|\[\])"
)
_OFPORT: Final = re.compile(r"^(?P<name>(?:tap|qvo|vnet|vhu)[\w.@-]{1,20})\s.{0,80}\b[1-9]\d*\s*$")
_POLICING: Final = re.compile(r"ingress_policing_burst\s*[:=]\s*(?P<burst>\d{1,9})")
_HIDDEN: Final = re.compile(r"priority=1800\d\d|in_band")
_TIMEOUT: Final = re.compile(
    r"ovs-(?:appctl|ofctl|vsctl).{0,80}(?:timed? out|Alarm clock|terminating with signal 14)", re.I
)


@dataclass
class _Dump:
    flows: int = 0
    normal_only: bool = True
    quotes: list[str] = field(default_factory=list)
    tables: set[int] = field(default_factory=set)


class SwitchReader:
    """Remembers flows by bridge and ports, and judges at the end."""

    WORDS: ClassVar[tuple[str, ...]] = ("ovs-appctl", "ovs-ofctl", "ovs-vsctl")

    def __init__(self, book: Notebook) -> None:
        self._book = book
        self._dumps: dict[tuple[str, str], _Dump] = {}
        self._dump: _Dump | None = None
        self._bridge = ""
        self._ports: dict[str, list[tuple[str, int]]] = {}
        self._members = 0
        self._unnumbered: list[str] = []
        self._numbered = 0

    def take(self, line: Line) -> bool:
        """Read one line; False when it is not about a virtual switch."""
        if line.mark:
            self._start(line)
            return False
        text = line.text[:1000]
        if _TIMEOUT.search(text):
            self._book.finding("switch-daemon-answers", "hangs", line.quote)
            self._book.event("the switch daemon does not answer", line)
            return True
        if line.program:
            return False
        return self._flow(line, text) or self._listing(line, text) or self._show(line, text)

    def finish(self) -> None:
        """Judge flows and ports together."""
        bare_integration = any(
            bridge.startswith("br-int") and dump.flows and dump.normal_only for (_, bridge), dump in self._dumps.items()
        )
        for (_, bridge), dump in self._dumps.items():
            if not dump.flows:
                continue
            if dump.normal_only and dump.flows <= 2:
                self._book.show(f"{bridge or 'A bridge'} has only the flow NORMAL: no agent has programmed it.")
                if bridge.startswith("br-tun"):
                    # Where nothing at all was programmed, the missing flood entries say nothing by themselves.
                    if not bare_integration:
                        self._book.finding("tunnel-flood-flows", "missing-lasting", dump.quotes[0])
                else:
                    self._book.finding("integration-flows", "only-normal", f"{bridge}: {dump.quotes[0]}")
            elif bridge.startswith("br-int") and dump.flows > 20:
                self._book.finding("integration-flows", "complete", f"{bridge}: {dump.flows} flows")
        for name in self._unnumbered:
            self._book.finding("switch-ports", "no-ofport", name)
        if self._unnumbered:
            self._book.show(
                f"{len(self._unnumbered)} ports of the virtual switch have no number: they are configured but do "
                "not exist."
            )
        elif self._numbered:
            self._book.finding("switch-ports", "numbered", f"{self._numbered} ports with numbers")
        for bridge, ports in self._ports.items():
            uplinks = [name for name, members in ports if members <= 1 and is_uplink(name) and "." not in name]
            if len(uplinks) > 1:
                self._book.finding("uplinks-on-bridge", "two-separate", f"{bridge}: {', '.join(uplinks[:4])}")
                self._book.show(
                    f"{bridge} has {len(uplinks)} separate uplinks ({', '.join(uplinks[:4])}), which makes a loop "
                    "unless the switches prevent it."
                )
            elif uplinks or any(members > 1 for _, members in ports):
                self._book.finding(
                    "uplinks-on-bridge", "one-or-bond", f"{bridge}: {', '.join(name for name, _ in ports[:4])}"
                )

    def _start(self, line: Line) -> None:
        self._dump = None
        command = line.place.command
        if "dump-flows" in command and "wc -l" not in command and "grep" not in command:
            bridge = _BRIDGE_WORD.search(command)
            key = (line.place.host, bridge["bridge"] if bridge else "")
            self._dump = self._dumps.setdefault(key, _Dump()) if len(self._dumps) < 200 else _Dump()

    def _flow(self, line: Line, text: str) -> bool:
        flow = _FLOW.match(text) if "cookie=" in text else None
        if flow is None:
            return False
        if self._dump is not None:
            self._dump.flows += 1
            self._dump.normal_only = self._dump.normal_only and flow["actions"].strip() == "NORMAL"
            if len(self._dump.quotes) < 2:
                self._dump.quotes.append(line.quote)
        if _HIDDEN.search(text):
            self._book.finding("hidden-flows", "hidden-in-band", line.quote)
        return True

    def _listing(self, line: Line, text: str) -> bool:
        missing = _NO_OFPORT.search(text)
        if missing and ("ovs-vsctl" in line.place.command or "ofport" in text):
            if len(self._unnumbered) < 100:
                self._unnumbered.append(line.quote)
            return True
        if "ofport" in line.place.command and _OFPORT.match(text):
            self._numbered += 1
            return True
        policing = _POLICING.search(text)
        if policing:
            burst = int(policing["burst"])
            outcome = "no-limit" if burst == 0 else "below-frame-size" if burst < 12 else "ample"
            self._book.finding("qos-burst", outcome, line.quote)  # counted in kilobits
            return True
        bfd = _BFD.search(text)
        if bfd:
            self._book.finding("tunnel-state", "up" if bfd["state"].lower() == "up" else "down", line.quote)
            return True
        return False

    def _show(self, line: Line, text: str) -> bool:
        bridge = _SHOW_BRIDGE.match(text)
        if bridge:
            self._bridge = bridge["name"]
            if len(self._ports) < 200:
                self._ports[self._bridge] = []
            return True
        if not self._bridge:
            return False
        port = _SHOW_PORT.match(text)
        ports = self._ports.get(self._bridge, [])
        if port:
            if len(ports) < 2000:
                ports.append((port["name"], 0))
            return True
        if _SHOW_INTERFACE.match(text):
            if ports:
                ports[-1] = (ports[-1][0], ports[-1][1] + 1)
            return True
        datapath = _DATAPATH.search(text)
        if datapath:
            self._book.finding("datapath-type", "userspace" if datapath["type"] == "netdev" else "kernel", line.quote)
            return True
        error = _ERROR.search(text)
        if error and ports:
            self._book.finding("switch-ports", "no-ofport", f"{ports[-1][0]}: {line.quote}")
            self._book.show(f"Port {ports[-1][0]} of {self._bridge}: {error['text']}.")
            return True
        return False
