"""A mixed paste -> its pieces: which machine, which command or file each line belongs to.

People paste several things at once, with whatever marks the pieces: prompts, the headers that `tail` prints, a title
of their own, a label before each line. What a line belongs to decides how it is read, above all for captures: a bad
checksum is a fault in the receiver's capture and means nothing in the sender's.
"""

from __future__ import annotations

import re
from typing import Final

from bot.evidence.clock import Clock, Stamp
from bot.evidence.model import Place
from bot.evidence.notebook import Line
from kb.model import Vantage

MAX_LINE: Final = 4000
"""Characters of a line that are read; no tool prints longer ones that matter."""

COMMANDS: Final = frozenset(
    "arp arping awk brctl bridge cat conntrack curl date dhclient dhcpcd dig dmesg dnsmasq docker dpkg ebtables "
    "echo egrep ethtool for free "
    "grep head host hostname ifconfig ip ip6tables iperf iperf3 iptables iptables-save journalctl keepalived kvm "
    "last less ls lscpu lsmod "
    "lspci lxc mtr nc netstat networkctl neutron nft nmcli nova nslookup nstat openstack ovn-nbctl ovn-sbctl "
    "ovs-appctl "
    "ovs-dpctl ovs-ofctl ovs-vsctl ovs-vswitchd perf pgrep ping ping6 ps pvesh qemu-img qemu-system-x86_64 qm "
    "resolvectl rpm sed "
    "service show ss ssh strace sudo sysctl systemctl tail tc tcpdump timeout top traceroute tracepath tshark "
    "udhcpc uname "
    "uptime virsh watch while zgrep".split()
)
_WRAPPERS: Final = re.compile(
    r"(?:sudo(?: -\w+)*|timeout(?: -\S+)* \S+|ip netns exec \S+|nsenter(?: \S+){1,6}? --?|watch(?: -\S+)*(?: \d+)?"
    r"|time|stdbuf \S+) +"
)
_LABEL: Final = re.compile(r"\[([A-Za-z][\w .:/-]{0,40})\] ?(?=\S)")
_PROMPT: Final = re.compile(
    r"(?:\[?(?:[\w.-]{1,32}@)?(?P<host>[A-Za-z][\w.-]{0,62})(?P<aside> \([\w ]{1,30}\))?(?:(?::| "
    r")[~/][^\s\]#$>]{0,80})?\]?)?(?P<mark>[#$>%]) "
    r"?(?P<command>[^\s#$>=].{0,1000})"
)
_TITLE: Final = re.compile(
    r"(?:==+>?|--+|##+|\*\*+|__+) *(?P<title>[^=*#_<>-].{0,200}?) *(?:<?==+|--+|##+|\*\*+|__+)? *:?"
)
_RULE: Final = re.compile(r"[=*#_-]{3,}")
_LOG: Final = re.compile(
    r" (?:(?P<host>[\w.:-]{1,64}) )?(?P<program>[A-Za-z][\w./-]{0,60})(?:\[(?P<pid>\d{1,8})\])?:(?: |$)"
)
_BARE: Final = re.compile(
    r"(?P<program>udhcpc|dhclient|dhcpd|dnsmasq(?:-dhcp)?|dhcpcd|dhcpcd-\w+|systemd-networkd|NetworkManager"
    r"|kernel)(?:\[\d{1,8}\])?: "
)
_BOOT: Final = re.compile(r"(?:<\d{1,3}>)?\[ {0,8}\d{1,9}\.\d{3,6}\](?:\[ {0,4}[TC]\d+\])? ")
_PRIORITY: Final = re.compile(r"<\d{1,3}>(?:1 )?")

_VANTAGES: Final = (
    (Vantage.DHCP_SERVER, re.compile(r"\bdhcp(?:d|[ -]?(?:host|server|agent))?\b|qdhcp|dnsmasq", re.I)),
    (
        Vantage.GUEST,
        re.compile(
            r"\bguest\d*\b|\bvm\d*\b|\binstance\b|\binside\b|\bconsole\b|\bin the vm\b"
            r"|\bdomu\b",
            re.I,
        ),
    ),
    (Vantage.SWITCH, re.compile(r"\bswitch\b|\btor\b|\bleaf\d*\b|\bspine\d*\b|^sw\d|catalyst|nexus", re.I)),
    (
        Vantage.NETWORK_NODE,
        re.compile(
            r"\bnetwork[ -]?node\d*\b|\bnet-?\d+\b|\bneutron\b|\bcontroller\b|\bctl-?\d*\b|\bgateway node\b", re.I
        ),
    ),
    (
        Vantage.HOST,
        re.compile(
            r"\bhost\b|hypervisor|compute|\bcmp-?\d+|\bhv-?\d+|\bkvm-?\d*\b|\bpve\d*\b|\bnode-?\d*\b|\bvirt-?\d+", re.I
        ),
    ),
)


def vantage_of(words: str) -> Vantage | None:
    """Guess from a label, a title or a host's name where one stands."""
    return next((vantage for vantage, form in _VANTAGES if form.search(words)), None)


def bare_command(command: str) -> str:
    """Return a command line without what only wraps it, such as sudo or timeout."""
    command = command.strip()
    for _ in range(4):
        shorter = _WRAPPERS.sub("", command, count=1) if _WRAPPERS.match(command) else command
        if shorter == command:
            break
        command = shorter
    return command


class Splitter:
    """Gives each line its place, and takes the marks of pieces out."""

    def __init__(self, file: str, clock: Clock) -> None:
        self._clock = clock
        self._place = Place(file=file)
        self._labelled = False
        self._number = 0
        self._block = 0

    def count_from(self, lines: int) -> None:
        """Go on counting this many lines after the start of the block."""
        self._number = self._block + lines

    def count_to(self, lines: int) -> None:
        """End a block of this many lines."""
        self._block += lines
        self._number = self._block

    def pass_over(self) -> None:
        """Count a line that is not read."""
        self._number += 1

    @property
    def place(self) -> Place:
        """The place of the last line."""
        return self._place

    def take(self, text: str) -> Line:
        """Return the next line; a line that only marks a piece comes back as a `mark`."""
        self._number += 1
        text = text[:MAX_LINE].rstrip("\r\n")
        stamped = self._clock.read(text)
        body = text if stamped else self._unlabel(text)
        if body is not text:
            stamped = self._clock.read(body)
        if stamped is None and self._mark(body):
            return Line(text, self._number, self._place, mark=True)
        return self._line(body, stamped)

    def _unlabel(self, text: str) -> str:
        match = _LABEL.match(text)
        if not match or _BOOT.match(text):
            return text
        label = match[1]
        vantage = vantage_of(label)
        if vantage is None and not _PROMPT.fullmatch(text[match.end() :]):
            return text
        if not (self._labelled and self._place.host == label):
            self._place = Place(self._place.file, label, vantage)
        self._labelled = True
        return text[match.end() :]

    def _mark(self, text: str) -> bool:
        """Move to another place when a line marks one."""
        if not text or text[0].isspace():
            return False
        prompt = _PROMPT.fullmatch(text)
        if prompt and self._is_command(prompt):
            host = prompt["host"] or self._place.host
            vantage = vantage_of(host + (prompt["aside"] or "")) if prompt["host"] else self._place.vantage
            self._place = Place(self._place.file, host, vantage, bare_command(prompt["command"]))
            return True
        title = _TITLE.fullmatch(text)
        if title and "ping statistics" not in text:
            self._place = self._titled(title["title"])
            return True
        return bool(_RULE.fullmatch(text))

    @staticmethod
    def _is_command(prompt: re.Match[str]) -> bool:
        first = bare_command(prompt["command"]).partition(" ")[0].rpartition("/")[2]
        return first in COMMANDS or (
            prompt["mark"] in "#$" and bool(prompt["host"]) and bool(re.fullmatch(r"[\w./+-]+", first))
        )

    def _titled(self, title: str) -> Place:
        who, colon, rest = title.partition(": ")
        if colon and bare_command(rest).partition(" ")[0] in COMMANDS:
            return Place(self._place.file, who, vantage_of(who), bare_command(rest))
        if bare_command(title).partition(" ")[0] in COMMANDS:
            return Place(self._place.file, self._place.host, self._place.vantage, bare_command(title))
        return Place(self._place.file, title[:60], vantage_of(title))

    def _line(self, text: str, stamped: tuple[Stamp, int] | None) -> Line:
        boot = _BOOT.match(text)
        if boot:
            return Line(text, self._number, self._place, None, "", "kernel", text[boot.end() :])
        self._clock.notice_year(text)
        start = _PRIORITY.match(text)
        offset = start.end() if start else 0
        read = self._clock.read(text[offset:]) if start else stamped
        if read is None:
            bare = _BARE.match(text)
            program, message = (bare["program"], text[bare.end() :]) if bare else ("", text)
            return Line(text, self._number, self._place, None, "", program, message)
        stamp, end = read
        rest = text[offset + end :]
        log = _LOG.match(rest)
        dmesg = text.startswith("[") and not text[1:2].isdigit()  # as `dmesg -T` prints times
        if dmesg:
            return Line(text, self._number, self._place, stamp, "", "kernel", rest.strip())
        if log is None:
            boot = _BOOT.match(rest.lstrip())
            message = rest.lstrip()[boot.end() :] if boot else rest.strip()
            program = "kernel" if boot or "dmesg" in self._place.command else ""
            bare = _BARE.match(message)
            if bare:
                program, message = bare["program"], message[bare.end() :]
            return Line(text, self._number, self._place, stamp, "", program, message)
        message = rest[log.end() :]
        boot = _BOOT.match(message)
        message = message[boot.end() :] if boot else message
        return Line(
            text, self._number, self._place, stamp, log["host"] or "", log["program"].rpartition("/")[2], message
        )
