"""What answers: ping with and without large packets, arping, dig, and the logs of physical switches."""

from __future__ import annotations

import re
from typing import ClassVar, Final

from bot.evidence.notebook import Line, Notebook

_SIZE: Final = re.compile(r"\bping6?\b.{0,120}?-s ?(?P<size>\d{1,5})")
_DATA: Final = re.compile(r"^PING \S{1,80}.{0,80}? (?P<size>\d{1,5})(?:\(\d+\))? (?:data )?bytes")
_LOSS: Final = re.compile(
    r"(?P<sent>\d{1,9}) packets transmitted, (?P<received>\d{1,9}) (?:packets )?received.{0,60}?"
    r"(?P<loss>[\d.]{1,6})% packet loss"
)
_TOO_LONG: Final = re.compile(
    r"(?:[Mm]essage too long|Frag(?:mentation)? needed.{0,30}|frag needed and DF set).{0,20}?mtu ?= ?(?P<mtu>\d{3,5})",
    re.I,
)
_ARPING: Final = re.compile(
    r"(?:Unicast|Broadcast)? ?reply from (?P<address>\S{1,45}) \[(?P<mac>[0-9A-Fa-f:]{17})\]|bytes from "
    r"(?P<mac2>[0-9A-Fa-f:]{17}) \((?P<address2>[^)]{1,45})\)"
)
_DIG: Final = re.compile(
    r"connection timed out; no servers could be reached|Temporary failure in name resolution|;; communications "
    r"error .{0,60}timed out",
    re.I,
)
_SWITCH: Final = tuple(
    (outcome, re.compile(form, re.I))
    for outcome, form in (
        ("bpdu-guard", r"bpdu ?guard|bpduguard|BLOCK_BPDUGUARD"),
        ("mac-flapping", r"MACFLAP|mac.{0,30}flapping|is flapping between|mac(?: address)? move"),
        (
            "mac-limit",
            r"PSECURE_VIOLATION|port.security.{0,30}violation|mac(?:-address)?[ -]limit.{0,30}(?:reached|exceed)",
        ),
        ("vlan-missing", r"native vlan mismatch|vlan \d+ .{0,20}(?:not allowed|does not exist|inactive)"),
    )
)
_OWN_WARNINGS: Final = re.compile(r"own address")
_FULL: Final = 1472
"""Bytes of ping data that fill an Ethernet frame of 1500: 20 go to the IP header and 8 to ICMP's (RFC 791, RFC 792)."""


class ReachReader:
    """Remembers which sizes got through, and judges at the end."""

    WORDS: ClassVar[tuple[str, ...]] = (
        "packet loss",
        "message too long",
        "frag",
        "reply from",
        "bytes from",
        "no servers could be reached",
        "name resolution",
        "communications error",
        "bpdu",
        "flap",
        "mac move",
        "address move",
        "psecure",
        "port security",
        "port-security",
        "mac limit",
        "mac-limit",
        "address limit",
        "address-limit",
        "vlan ",
    )

    def __init__(self, book: Notebook) -> None:
        self._book = book
        self._size: int | None = None
        self._results: dict[int, tuple[bool, str]] = {}
        self._owners: dict[str, dict[str, str]] = {}

    def take(self, line: Line) -> bool:
        """Read one line; False when it says nothing of reachability."""
        text = line.text[:400]
        if line.mark:
            sized = _SIZE.search(line.place.command)
            self._size = int(sized["size"]) if sized else None
            return False
        data = _DATA.match(text)
        if data:
            self._size = int(data["size"])
            return True
        return self._ping(line, text) or self._switch(line, text)

    def finish(self) -> None:
        """Judge the sizes together, and the owners of each address."""
        for address, owners in self._owners.items():
            if len(owners) > 1:
                self._book.finding("arp-replies", "two-owners", "; ".join(owners.values()))
                self._book.show(f"{address} is answered by {len(owners)} MACs: {', '.join(owners)}.")
        passed = [size for size, (ok, _) in self._results.items() if ok]
        failed = [size for size, (ok, _) in self._results.items() if not ok]
        if not self._results or (not failed and max(passed, default=0) < _FULL):
            return
        best = max(passed, default=0)
        quotes = [quote for _, quote in self._results.values()]
        if failed and min(failed) > _FULL >= best >= _FULL - 4:
            outcome = "jumbo-only-fails"
        elif best >= _FULL:
            outcome = "full-size-passes"
        elif best == _FULL - 4:
            outcome = "four-bytes-short"
        elif best >= 1200:
            outcome = "tunnel-size"
        elif passed and min(failed) >= 1000:
            outcome = "nothing-large"
        else:
            return
        for quote in quotes[:4]:
            self._book.finding("largest-ping", outcome, quote)
        if outcome not in ("full-size-passes",):
            self._book.show(
                f"The largest ping that came back carried {best} bytes; one of {min(failed, default=0)} was lost."
            )
            if best:
                self._book.finding("what-still-works", "small-packets", quotes[0])

    def _ping(self, line: Line, text: str) -> bool:
        loss = _LOSS.search(text)
        if loss:
            if self._size is not None and len(self._results) < 100:
                self._results[self._size] = (int(loss["received"]) > 0, f"{self._size} bytes: {line.quote}")
            return True
        too_long = _TOO_LONG.search(text)
        if too_long:
            if self._size is not None:
                self._results[self._size] = (False, line.quote)
            if "From" in text:
                self._book.finding("frag-needed", "arrives", line.quote)
            return True
        reply = _ARPING.search(text)
        if reply:
            address, mac = reply["address"] or reply["address2"], (reply["mac"] or reply["mac2"]).lower()
            if len(self._owners) < 500:
                self._owners.setdefault(address, {}).setdefault(mac, line.quote)
            return True
        if _DIG.search(text):
            self._book.finding("name-lookup", "times-out", line.quote)
            return True
        return False

    def _switch(self, line: Line, text: str) -> bool:
        if (
            "%" not in text
            and "switch" not in text.lower()
            and (line.place.vantage is None or line.place.vantage.value != "switch")
        ):
            return False
        if _OWN_WARNINGS.search(text):
            return False
        for outcome, form in _SWITCH:
            if form.search(text):
                self._book.finding("switch-port-log", outcome, line.quote)
                self._book.event(line.message[:160], line)
                return True
        return False
