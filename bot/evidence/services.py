"""What runs and since when: systemctl, ps, pgrep, ip netns, and the logs of the agents of a cloud network."""

from __future__ import annotations

import re
from typing import ClassVar, Final

from bot.evidence.clock import Stamp
from bot.evidence.notebook import Line, Notebook

_UNIT: Final = re.compile(r"^[x×●○*↻] (?P<unit>[\w@:.-]{1,80}?)(?:\.service)?(?: - .{0,120})?$")
_ACTIVE: Final = re.compile(
    r"^\s*Active: (?P<state>\w+)(?: \((?P<detail>[^)]{0,60})\))?(?: since (?P<since>.{0,40}?);)?"
)
_ENTERED: Final = re.compile(r"^ActiveEnterTimestamp=(?:\w{3} )?(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
_KEEPALIVED: Final = re.compile(
    r"(?:\((?P<name>[^)]{1,60})\)|VRRP_Instance\((?P<name2>[^)]{1,60})\)) ?(?:Entering|Transition to|.{0,20}?to) "
    r"(?P<state>MASTER|BACKUP|FAULT)(?: STATE)?",
    re.I,
)
_NO_ROW: Final = re.compile(r"(?<!p)grep |^(?:State|Netid|Active Internet|Proto)\b|^\s*(?:USER\s|UID\s|PID\s)")
"""The command that looks, and the heads of tables."""
_COMPLAINT: Final = re.compile(r"(?:ps|pgrep|ss|netstat|error|usage|Try)\b.{0,3}[:`]", re.I)
_LOSES_AGENT: Final = re.compile(r"agent", re.I)
_SWITCH_UNITS: Final = ("openvswitch", "ovs-vswitchd", "ovsdb")
_FAILED: Final = ("failed", "inactive", "dead")
_WAKEUPS: Final = re.compile(r"wakeup due to 0-ms timeout")
_CONNECTIONS: Final = re.compile(
    r"connection (?:dropped|failed|refused|attempt failed|reset)|is not a bridge or a socket|no response to "
    r"inactivity probe",
    re.I,
)
_NEUTRON: Final = tuple(
    (check, outcome, re.compile(form, re.I))
    for check, outcome, form in (
        ("port-binding", "failed", r"failed to bind port|binding_failed|vif_type\W{1,5}binding_failed"),
        (
            "metadata-agent-log",
            "lost-southbound",
            r"(?:ssl|tcp):\S{4,40}:6642: (?:connection (?:attempt )?(?:failed|dropped|reset)|no response)",
        ),
    )
)


class ServiceReader:
    """Reads one line at a time; a listing is judged when its piece ends."""

    WORDS: ClassVar[tuple[str, ...]] = (
        "keepalived",
        "vrrp",
        "0-ms timeout",
        "connection dropped",
        "connection failed",
        "connection refused",
        "connection attempt failed",
        "connection reset",
        "is not a bridge or a socket",
        "inactivity probe",
        "failed to bind port",
        "binding_failed",
        ":6642:",
    )

    def __init__(self, book: Notebook) -> None:
        self._book = book
        self._unit = ""
        self._entered: list[tuple[str, Stamp, str]] = []
        self._units: list[str] = []
        self._keepalived: list[tuple[Line, str, str]] = []
        self._listing: Line | None = None
        self._listed: list[str] = []

    def take(self, line: Line) -> bool:
        """Read one line; False when it says nothing of a service."""
        if line.mark:
            self._close()
            self._open(line)
            return False
        if self._listing is not None and line.place == self._listing.place and len(self._listed) < 2000:
            self._listed.append(line.message)
        text = line.text[:400]
        return self._status(line, text) or self._agents(line, text)

    def finish(self) -> None:
        """Judge what needs several lines."""
        self._close()
        self._order()
        self._failovers()

    # systemctl -------------------------------------------------------------------------------------------------------

    def _status(self, line: Line, text: str) -> bool:
        unit = _UNIT.match(text)
        if unit:
            self._unit = unit["unit"]
            return True
        active = _ACTIVE.match(text)
        if active:
            state = active["state"].lower()
            if state in _FAILED or (active["detail"] or "").startswith(_FAILED):
                self._stopped(line, self._unit or "a service", active["since"] or "")
            return True
        entered = _ENTERED.match(text)
        if entered and self._units:
            read = self._book.clock.read(entered["time"])
            if read:
                unit_name = self._units.pop(0)
                self._entered.append((unit_name, read[0], line.quote))
                self._book.event_at(read[0], f"{unit_name} started", line.source, line.number)
            return True
        return False

    def _stopped(self, line: Line, unit: str, since: str) -> None:
        read = self._book.clock.read(re.sub(r"^\w{3} ", "", since))
        self._book.event_at(read[0] if read else None, f"{unit} is not running", line.source, line.number)
        self._book.show(f"{unit} is not running{f' since {since}' if since else ''}.")
        quote = f"{unit}: {line.quote}"
        if "dhcp" in unit or "dnsmasq" in unit:
            self._book.finding("dhcp-server-process", "not-running", quote)
        if _LOSES_AGENT.search(unit):
            self._book.finding("agent-alive", "dead", quote)

    def _order(self) -> None:
        switch = [item for item in self._entered if item[0].startswith(_SWITCH_UNITS)]
        agent = [item for item in self._entered if "agent" in item[0]]
        if not switch or not agent:
            return
        later = self._book.clock.place(switch[0][1]) > self._book.clock.place(agent[0][1])
        because = f"{switch[0][0]} since {switch[0][1].written}, {agent[0][0]} since {agent[0][1].written}"
        self._book.finding("daemon-start-order", "switch-after-agent" if later else "agent-after-switch", because)
        if later:
            self._book.show(f"The virtual switch was started after its agent: {because}.")

    # Listings --------------------------------------------------------------------------------------------------------

    def _open(self, line: Line) -> None:
        command = line.place.command
        self._units = (
            [word for word in command.split() if re.fullmatch(r"[\w@.-]{3,60}", word)][1:]
            if command.startswith("systemctl show")
            else []
        )
        self._units = [
            unit for unit in self._units if not unit.startswith("-") and unit not in ("show", "ActiveEnterTimestamp")
        ]
        looks = re.search(r"\b(?:ps|pgrep|pidof)\b", command) and re.search(r"\[?d\]?nsmasq|dhcpd", command)
        looks = looks or re.match(r"(?:ss|netstat)\b.*:(?:67|bootps)\b", command)
        self._listing = line if looks or re.search(r"ip netns(?: list)?\b.*qdhcp", command) else None
        self._listed = []

    def _close(self) -> None:
        """Judge a listing that was asked for by name: a process or namespace that is missing in it does not exist."""
        if self._listing is None:
            return
        command = self._listing.place.command
        rows = [row for row in self._listed if row.strip() and not _NO_ROW.search(row)]
        if any(_COMPLAINT.match(row) for row in rows):
            self._listing = None
            return
        absent = not rows or rows == ["0"]
        if "netns" in command:
            if absent:
                self._book.show("There is no DHCP namespace on the network node.")
                self._book.finding("dhcp-server-process", "not-running", f"{command}: nothing")
        else:
            outcome = "not-running" if absent else "running"
            self._book.finding(
                "dhcp-server-process", outcome, f"{command}: {rows[0].strip()[:120] if not absent else 'nothing'}"
            )
            if absent:
                self._book.show("No DHCP server process runs where it was looked for.")
        self._listing = None

    # Agents' and daemons' logs ---------------------------------------------------------------------------------------

    def _agents(self, line: Line, text: str) -> bool:
        keepalived = _KEEPALIVED.search(text) if "keepalived" in text.lower() or "VRRP" in text else None
        if keepalived:
            state = keepalived["state"].upper()
            self._book.event(f"keepalived becomes {state}", line)
            if len(self._keepalived) < 500:
                self._keepalived.append((line, keepalived["name"] or keepalived["name2"], state))
            return True
        if _WAKEUPS.search(text):
            self._book.finding("switch-daemon-log", "zero-ms-wakeups", line.quote)
            self._book.event("the switch daemon wakes up without pause", line)
            return True
        # A machine without the switch says that there is no such file; that is no error of the switch.
        if ("ovs" in text or "openvswitch" in text) and _CONNECTIONS.search(text) and "No such file" not in text:
            self._book.finding("switch-daemon-log", "connection-errors", line.quote)
            self._book.event(line.message[:160], line)
            return True
        for check, outcome, form in _NEUTRON:
            if form.search(text):
                self._book.finding(check, outcome, line.quote)
                self._book.event(line.message[:160], line)
                return True
        return False

    def _failovers(self) -> None:
        last: dict[tuple[str, str], tuple[str, Line]] = {}
        for line, name, state in self._keepalived:
            last[line.host or line.place.host, name] = (state, line)
        for name in {name for _, name in last}:
            masters = [
                (host, line) for (host, other), (state, line) in last.items() if other == name and state == "MASTER"
            ]
            if len(masters) > 1:
                hosts = " and ".join(host or "one host" for host, _ in masters)
                self._book.show(f"Two keepalived instances call themselves master of {name}: {hosts}.")
                for _, line in masters:
                    self._book.finding("keepalived-transitions", "two-masters", line.quote)
                self._book.finding("vip-holders", "two", masters[0][1].quote)
