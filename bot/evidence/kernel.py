"""The kernel log of a host or a guest -> events and findings."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import ClassVar, Final, NamedTuple

from bot.evidence.notebook import Line, Notebook
from kb.model import Vantage


class _Form(NamedTuple):
    pattern: re.Pattern[str]
    what: str
    findings: tuple[tuple[str, str], ...]


def _form(pattern: str, what: str, *findings: tuple[str, str]) -> _Form:
    return _Form(re.compile(pattern, re.I), what, findings)


_FORMS: Final = (
    _form(
        r"(?:nf|ip)_conntrack: .{0,30}table full",
        "connection tracking table full, packets dropped",
        ("host-kernel-log", "conntrack-full"),
        ("conntrack-count", "full"),
    ),
    _form(
        r"neighbou?r(?:ing)? table overflow|(?:arp_cache|ndisc_cache): .{0,30}overflow",
        "neighbour table overflow",
        ("host-kernel-log", "neighbour-overflow"),
        ("neighbour-count", "near-limit"),
    ),
    _form(
        r"Detected (?:Tx )?(?:Hardware )?Unit Hang", "the NIC's transmit unit hangs", ("host-kernel-log", "nic-hang")
    ),
    _form(
        r"Reset adapter unexpectedly|resetting adapter|Reset adapter$",
        "the NIC was reset",
        ("host-kernel-log", "nic-hang"),
    ),
    _form(
        r"received packet (?:on \S{1,30} )?with own address as source",
        "a bridge received a frame with its own address",
        ("host-kernel-log", "own-address-received"),
    ),
    _form(
        r"nf_ct_\w{1,20}: bad (?:TCP )?checksum",
        "connection tracking sees bad checksums",
        ("host-kernel-log", "bad-tcp-checksum"),
    ),
    _form(
        r"spoofed packets? detected|spoof event",
        "spoofed packets dropped by the NIC",
        ("host-kernel-log", "spoofed-packets"),
        ("vf-spoof-check", "on-with-events"),
    ),
    _form(r"id \d+ is not a head", "virtio ring: not a head", ("guest-kernel-log", "not-a-head")),
    _form(
        r"IPv6 duplicate address|DAD detected|duplicate address detected",
        "duplicate IPv6 address",
        ("guest-kernel-log", "duplicate-address"),
        ("ipv6-address-state", "dad-failed"),
    ),
    _form(
        r"hw csum failure|UDP: bad checksum",
        "checksum failure",
        ("guest-kernel-log", "checksum-failure"),
    ),
    _form(r"martian source", "martian source: reverse path filter drops", ("reverse-path-counter", "rising")),
    _form(
        r"task (?:qemu|kvm|CPU \d+/KVM|vhost-)\S{0,30}:?\d* blocked for more than|(?:qemu|kvm).{0,30} unkillable",
        "qemu or vhost is stuck in the kernel",
        ("qemu-process-state", "unkillable"),
    ),
    _form(r"soft lockup.{0,60}\[vhost-", "a vhost thread spins", ("qemu-process-state", "vhost-thread-spinning")),
)
_WATCHDOG: Final = re.compile(
    r"NETDEV WATCHDOG: (?P<interface>\S{1,20})(?: \((?P<driver>[\w-]{1,20})\))?|transmit queue \d+ timed out|tx "
    r"timeout",
    re.I,
)
_ALLOCATION: Final = re.compile(r"page allocation failure")
_GUEST_DRIVERS: Final = ("virtio", "vmxnet", "xen", "8139", "hv_netvsc", "ena")
_PORT_STATE: Final = re.compile(r"(?P<bridge>\S{1,20}): port \d+\((?P<port>[^)]{1,20})\) entered (?P<state>\w+) state")
_LINK: Final = re.compile(
    r"(?P<interface>[a-z]\w{1,15})(?: \S{1,20})?: (?:NIC )?[Ll]ink (?:is )?(?P<state>[Uu]p|[Dd]own|becomes ready)"
)
_RENAMED: Final = re.compile(r"renamed (?:network interface )?(?:from )?(?P<old>eth\d+)(?: to (?P<new>eth\d+))?")
_E1000E: Final = re.compile(r"\be1000e\b")
_SLOW_FORWARDING: Final = 5.0


class KernelReader:
    """Reads one line at a time, and at the end how long bridge ports took to forward."""

    WORDS: ClassVar[tuple[str, ...]] = (
        "table full",
        "overflow",
        "unit hang",
        "reset adapter",
        "resetting adapter",
        "own address",
        "checksum",
        "csum",
        "spoof",
        "is not a head",
        "duplicate address",
        "dad detected",
        "martian source",
        "blocked for more",
        "unkillable",
        "soft lockup",
        "netdev watchdog",
        "timed out",
        "tx timeout",
        "allocation failure",
        ") entered ",
        "link is ",
        "link up",
        "link down",
        "becomes ready",
        "renamed",
    )

    def __init__(self, book: Notebook) -> None:
        self._book = book
        self._ports: dict[tuple[str, str], list[tuple[str, Line]]] = defaultdict(list)

    def take(self, line: Line) -> bool:
        """Read one line; False when it is no kernel message."""
        if line.program not in ("kernel", "") or (line.program == "" and "dmesg" not in line.place.command):
            return self._bare(line) if line.program == "" else False
        return self._read(line)

    def finish(self) -> None:
        """Measure from the first listening or learning state of a port to its forwarding."""
        for (bridge, port), states in list(self._ports.items())[:200]:
            waiting: Line | None = None
            for state, line in states:
                if state in ("listening", "learning") and waiting is None:
                    waiting = line
                elif state == "forwarding" and line.stamp:
                    before = waiting.stamp if waiting else None
                    waited = self._book.clock.place(line.stamp) - self._book.clock.place(before) if before else 0.0
                    slow = waited > _SLOW_FORWARDING
                    if waiting is not None and before:
                        self._book.finding("bridge-port-state", "delayed" if slow else "forwarding-at-once", line.quote)
                    if slow:
                        self._book.show(f"Port {port} of {bridge} took {waited:.0f} s until it forwarded.")
                    waiting = None

    def _bare(self, line: Line) -> bool:
        """Read a pasted message that lost its prefix, when it is unmistakable."""
        text = line.message
        if (
            "table full" in text
            or "table overflow" in text
            or "WATCHDOG" in text
            or "own address as source" in text
            or "Unit Hang" in text
        ):
            return self._read(line)
        return False

    def _read(self, line: Line) -> bool:
        text = line.message[:600]
        for form in _FORMS:
            if form.pattern.search(text):
                self._book.event(form.what, line)
                for check, outcome in form.findings:
                    self._book.finding(check, outcome, line.quote)
                if form.what.startswith("the NIC") and _E1000E.search(text):
                    self._book.finding("uplink-driver", "e1000e", line.quote)
                return True
        return self._watchdog(line, text) or self._guest(line, text) or self._ports_and_links(line, text)

    def _watchdog(self, line: Line, text: str) -> bool:
        match = _WATCHDOG.search(text)
        if match is None:
            return False
        driver = match["driver"] or ""
        in_guest = line.place.vantage is Vantage.GUEST or driver.startswith(_GUEST_DRIVERS)
        self._book.event("transmit timeout", line)
        self._book.finding(
            *(("guest-kernel-log", "transmit-timeout") if in_guest else ("host-kernel-log", "nic-hang")), line.quote
        )
        if driver and not in_guest:
            self._book.finding("uplink-driver", "e1000e" if driver == "e1000e" else "other-with-errors", line.quote)
        return True

    def _guest(self, line: Line, text: str) -> bool:
        if _ALLOCATION.search(text):
            self._book.event("page allocation failure", line)
            self._book.finding("guest-kernel-log", "page-allocation-failure", line.quote)
            return True
        renamed = _RENAMED.search(text) if "renamed" in text else None
        if renamed and renamed["new"]:
            self._book.event(f"{renamed['old']} became {renamed['new']}", line)
            self._book.finding("guest-side-nic", "renamed", line.quote)
            return True
        return False

    def _ports_and_links(self, line: Line, text: str) -> bool:
        port = _PORT_STATE.search(text)
        if port:
            states = self._ports[port["bridge"], port["port"]]
            if len(states) < 100:
                states.append((port["state"], line))
            self._book.event(f"port {port['port']} of {port['bridge']} {port['state']}", line)
            return True
        link = _LINK.search(text)
        if link:
            self._book.event(f"link of {link['interface']} {link['state'].lower()}", line)
            return True
        return False
