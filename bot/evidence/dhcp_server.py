"""Logs of DHCP servers -> the server's side of the conversation: dnsmasq and ISC dhcpd."""

from __future__ import annotations

import re
from typing import ClassVar, Final

from bot.evidence.model import DhcpMessage
from bot.evidence.notebook import Line, Notebook

_IP: Final = r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}"
_MAC: Final = r"(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}"
_DNSMASQ: Final = re.compile(
    rf"(?:(?P<xid>\d{{1,12}}) )?DHCP(?P<kind>DISCOVER|OFFER|REQUEST|ACK|NAK|DECLINE|RELEASE|INFORM)\("
    rf"(?P<interface>[^)\s]{{1,40}})\)"
    rf"(?: (?P<address>{_IP}))? (?P<mac>{_MAC})(?: (?P<note>.{{1,120}}))?"
)
_DHCPD: Final = re.compile(
    rf"DHCP(?P<kind>DISCOVER|OFFER|REQUEST|ACK|NAK|DECLINE|RELEASE|INFORM) (?:(?:for|on|of) (?P<address>{_IP}) )?"
    rf"(?:\((?P<server>{_IP})\) )?"
    rf"(?:from|to) (?P<mac>{_MAC})(?: \((?P<host>[^)]{{0,64}})\))? via (?P<interface>[^\s:]{{1,40}})(?:: "
    rf"(?P<note>.{{1,120}}))?"
)
_KINDS: Final = {
    kind: kind.lower() for kind in ("DISCOVER", "OFFER", "REQUEST", "ACK", "NAK", "DECLINE", "RELEASE", "INFORM")
}
_STARTED: Final = re.compile(r"started, version (\S{1,40})")
_STATEMENTS: Final = tuple(
    (check, outcome, re.compile(form, re.I))
    for check, outcome, form in (
        (
            "dhcp-server-log",
            "no-address-available",
            r"no address(?: range)? available|no free leases|not giving name .{0,80} to the DHCP lease",
        ),
        (
            "dhcp-server-process",
            "cannot-bind",
            r"failed to (?:bind DHCP server socket|create listening socket).{0,60}(?:in use|assign)|Can't bind to "
            r"dhcp address|There's already a DHCP server running",
        ),
        (
            "dhcp-hosts-entry",
            "duplicate-or-stale",
            r"duplicate dhcp-host IP address|duplicate IP address .{0,40}in dhcp-config|not using configured "
            r"address .{0,40}because it is (?:leased|in use)",
        ),
        (
            "dhcp-server-log",
            "duplicate-address",
            r"abandoned|ping.{0,10}reply.{0,30}in use|address in use|is already in use",
        ),
    )
)
_PROGRAMS: Final = ("dnsmasq", "dhcpd", "kea-dhcp")


class DhcpServerReader:
    """Reads one line at a time."""

    WORDS: ClassVar[tuple[str, ...]] = (
        "dhcp",
        "started, version",
        "no address",
        "no free leases",
        "not giving name",
        "failed to bind",
        "listening socket",
        "duplicate",
        "not using configured",
        "abandoned",
        "in use",
    )

    def __init__(self, book: Notebook) -> None:
        self._book = book
        self._started: list[Line] = []

    def take(self, line: Line) -> bool:
        """Read one line; False when no DHCP server wrote it."""
        named = line.program.startswith(_PROGRAMS) and line.program != "dhcpcd"
        if not named and ("DHCP" not in line.message or line.program.startswith("dhclient")):
            return False
        match = _DNSMASQ.search(line.message, 0, 400) or (_DHCPD.search(line.message, 0, 400))
        if match:
            self._note(match, line)
        started = _STARTED.search(line.message, 0, 200) if named else None
        if started and not line.program.startswith("dnsmasq-"):
            self._started.append(line) if len(self._started) < 50 else None
            self._book.fact("version dnsmasq", started[1])
            self._book.event(f"dnsmasq {started[1]} started", line)
        if named or match:
            for check, outcome, form in _STATEMENTS:
                if form.search(line.message, 0, 400):
                    self._book.finding(check, outcome, line.quote)
                    if not match:
                        self._book.event(line.message[:160], line)
        return named or match is not None

    def finish(self) -> None:
        """Say whether NAKs came after a restart of the server itself."""
        naks = [
            stamp for stamp, message in self._book.dhcp if message.side == "server" and message.what == "nak" and stamp
        ]
        starts = [line.stamp for line in self._started if line.stamp]
        clock = self._book.clock
        if any(0 <= clock.place(nak) - clock.place(start) < 3600 for nak in naks for start in starts):
            self._book.finding("dhcp-nak-source", "own-server-after-restart", self._started[-1].quote)

    def _note(self, match: re.Match[str], line: Line) -> None:
        parts = {name: value for name, value in match.groupdict().items() if value}
        kind = _KINDS[parts["kind"]]
        note = parts.get("note", "")
        message = DhcpMessage(
            None,
            line.stamp.written if line.stamp else "",
            "server",
            kind,
            line.source,
            line.number,
            mac=parts["mac"].lower(),
            address=parts.get("address", ""),
            server=parts.get("server", ""),
            host=parts.get("host", note if kind == "ack" and re.fullmatch(r"[\w.-]{1,63}", note) else ""),
            interface=parts["interface"],
            xid=hex(int(parts["xid"])) if "xid" in parts else "",
            note=note,
            quote=line.quote,
        )
        self._book.message(line.stamp, message)
        self._book.fact("mac", message.mac)
        if kind == "nak":
            self._book.finding("dhcp-server-log", "nak", line.quote)
        elif kind == "decline":
            self._book.finding("dhcp-server-log", "declined-or-same-client-id", line.quote)
