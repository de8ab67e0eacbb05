"""Logs of DHCP clients -> the client's side of the conversation.

The clients are dhclient, systemd-networkd, NetworkManager, udhcpc and dhcpcd.
"""

from __future__ import annotations

import re
from typing import ClassVar, Final

from bot.evidence.model import DhcpMessage
from bot.evidence.notebook import Line, Notebook, Weight

_IP: Final = r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}"
_PROGRAMS: Final = ("dhclient", "systemd-networkd", "NetworkManager", "udhcpc", "dhcpcd", "dhcp-client")
_FORMS: Final = tuple(
    (what, re.compile(form))
    for what, form in (
        # dhclient
        ("discover", r"DHCPDISCOVER on (?P<interface>\S+) to (?P<server>\S+)"),
        ("request", rf"DHCPREQUEST (?:(?:of|for) (?P<address>{_IP}) )?on (?P<interface>\S+) to (?P<server>\S+)"),
        ("decline", rf"DHCPDECLINE (?:(?:of|for) (?P<address>{_IP}) )?on (?P<interface>\S+)"),
        ("release", rf"DHCPRELEASE (?:(?:of|for) (?P<address>{_IP}) )?on (?P<interface>\S+)"),
        ("offer", rf"DHCPOFFER (?:of (?P<address>{_IP}) )?from (?P<server>{_IP})"),
        ("ack", rf"DHCPACK (?:of (?P<address>{_IP}) )?from (?P<server>{_IP})"),
        ("nak", rf"DHCPNAK (?:of {_IP} )?from (?P<server>{_IP})"),
        ("bound", rf"bound to (?P<address>{_IP})"),
        ("no-answer", r"No DHCPOFFERS received"),
        ("gave-up", r"No working leases in persistent database|Unable to obtain a lease|dhclient.{0,20}exiting"),
        ("bad-checksum", r"\d{1,9} bad (?:udp|IP) checksums? in \d{1,9} packets"),
        # systemd-networkd
        (
            "bound",
            rf"(?P<interface>\S+): DHCPv4 address (?P<address>{_IP})(?:/\d+)?,?(?: gateway \S+)?(?: (?:acquired )?"
            rf"(?:via|from) (?P<server>{_IP}))?",
        ),
        ("lost", r"(?P<interface>\S+): DHCP(?:v4)? lease lost"),
        (
            "gave-up",
            r"(?P<interface>\S+): (?:DHCPv4 client: )?(?:Could not acquire|Failed to acquire|max(?:imum)? attempts)",
        ),
        ("discover", r"DHCP(?:v4)? (?i:client).{0,30}: DISCOVER"),
        ("request", r"DHCP(?:v4)? (?i:client).{0,30}: REQUEST \((?P<state>\w+)\)"),
        ("offer", r"DHCP(?:v4)? (?i:client).{0,30}: OFFER"),
        ("ack", r"DHCP(?:v4)? (?i:client).{0,30}: ACK"),
        ("nak", r"DHCP(?:v4)? (?i:client).{0,30}: NAK"),
        # NetworkManager
        ("bound", rf"dhcp4 \((?P<interface>\S+)\):\s+(?:state changed new lease, address=|address )(?P<address>{_IP})"),
        ("bound", r"dhcp4 \((?P<interface>\S+)\): state changed \w+ -> (?:bound|renew|extended)"),
        ("no-answer", r"dhcp4 \((?P<interface>\S+)\): (?:request timed out|state changed \w+ -> timeout)"),
        (
            "lost",
            r"dhcp4 \((?P<interface>\S+)\): (?:state changed )?(?:\w+ -> (?:expire|fail)|lease expired|no lease)",
        ),
        ("nak", r"dhcp4 \((?P<interface>\S+)\): .{0,20}\bnak"),
        # udhcpc
        ("discover", r"[Ss]ending discover|broadcasting discover"),
        ("request", rf"(?:[Ss]ending|broadcasting) select for (?P<address>{_IP})(?:, server (?P<chosen>{_IP}))?"),
        ("request", rf"[Ss]ending renew to (?:server )?(?P<server>{_IP})"),
        ("request", r"[Ss]ending (?P<state>renew)|broadcasting (?P<state2>renew)"),
        ("bound", rf"[Ll]ease of (?P<address>{_IP}) obtained(?: from (?P<server>{_IP}))?"),
        ("lost", r"[Ll]ease lost, entering init state"),
        ("gave-up", r"[Nn]o lease, (?:failing|forking)"),
        ("nak", r"[Rr]eceived DHCP NAK"),
        # dhcpcd
        ("discover", r"(?P<interface>\S+): soliciting a (?:DHCP )?lease"),
        ("request", rf"(?P<interface>\S+): (?:renewing|requesting) lease of (?P<address>{_IP})"),
        ("request", rf"(?P<interface>\S+): (?P<state>rebinding) lease of (?P<address>{_IP})"),
        ("bound", rf"(?P<interface>\S+): leased (?P<address>{_IP}) for"),
        ("lost", r"(?P<interface>\S+): DHCP lease expired"),
    )
)
_QUICK: Final = re.compile(
    r"DHCP|dhcp4|bound to|checksums? in|persistent database|renew|discover|select for|[Ll]ease|soliciting|rebinding|NAK"
)
_PLAIN_START: Final = re.compile(
    r"(?:DHCP(?:DISCOVER|REQUEST|OFFER|ACK|NAK|DECLINE|RELEASE) |bound to |No DHCPOFFERS|udhcpc: |\d+ bad udp "
    r"checksums)"
)
_XID: Final = re.compile(r"xid=(0x[0-9a-f]{1,8})")
_LISTENS: Final = re.compile(r"(?:Listening|Sending) on\s+LPF/(\S+)/((?:[0-9a-f]{2}:){5}[0-9a-f]{2})")


class DhcpClientReader:
    """Reads one line at a time."""

    WORDS: ClassVar[tuple[str, ...]] = ("dhcp", "dhclient", "acquire", "attempts")

    def __init__(self, book: Notebook) -> None:
        self._book = book

    def take(self, line: Line) -> bool:
        """Read one line; False when no DHCP client wrote it."""
        if line.program:
            if not line.program.startswith(_PROGRAMS):
                return False
        elif not _PLAIN_START.match(line.message):
            return False
        listens = _LISTENS.search(line.message, 0, 200)
        if listens:
            self._book.fact("mac", listens[2])
            return True
        if not _QUICK.search(line.message, 0, 300):
            return bool(line.program)
        for what, form in _FORMS:
            match = form.search(line.message, 0, 300)
            if match:
                self._note(what, match, line)
                return True
        return bool(line.program)

    def finish(self) -> None:
        """Nothing is open between lines."""

    def _note(self, what: str, match: re.Match[str], line: Line) -> None:
        parts = {name: value for name, value in match.groupdict().items() if value}
        server = parts.get("server", "")
        if what == "discover":
            server = "255.255.255.255"
        if parts.get("state") == "rebinding" or "state2" in parts or "chosen" in parts:
            server = "255.255.255.255"
        xid = _XID.search(line.message, 0, 300)
        message = DhcpMessage(
            None,
            line.stamp.written if line.stamp else "",
            "client",
            what,
            line.source,
            line.number,
            address=parts.get("address", ""),
            server=server,
            host=line.host or line.place.host,
            interface=parts.get("interface", "").strip("()"),
            xid=xid[1] if xid else "",
            note="selecting" if "chosen" in parts or parts.get("state") == "requesting" else "",
            bad_checksum=what == "bad-checksum",
            vantage=line.place.vantage,
            quote=line.quote,
        )
        self._book.message(line.stamp, message)
        if what == "bad-checksum":
            self._book.finding("reply-seen-in-guest", "bad-checksum", line.quote, Weight.LINED_UP)
            self._book.finding("failing-protocol", "dhcpv4", line.quote)
