"""Text and captures -> a notebook: blocks are cut into lines, and each line is offered to the readers in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from bot.evidence.bridges import BridgeReader
from bot.evidence.bulk import dense
from bot.evidence.conclude import talk
from bot.evidence.dhcp_client import DhcpClientReader
from bot.evidence.dhcp_server import DhcpServerReader
from bot.evidence.firewall import FirewallReader
from bot.evidence.interrupts import InterruptReader
from bot.evidence.kernel import KernelReader
from bot.evidence.links import LinkReader
from bot.evidence.machine import MachineReader
from bot.evidence.model import Evidence, EvidenceFinding
from bot.evidence.notebook import Line, Notebook, Weight
from bot.evidence.pieces import MAX_LINE, Splitter
from bot.evidence.reach import ReachReader
from bot.evidence.releases import judge_versions
from bot.evidence.services import ServiceReader
from bot.evidence.silence import judge
from bot.evidence.sriov import FunctionReader
from bot.evidence.tcpdump import TcpdumpReader
from bot.evidence.vlans import VlanReader
from bot.evidence.vswitch import SwitchReader
from kb.load import KnowledgeBase
from kb.signals import Recogniser, fixed_words

if TYPE_CHECKING:
    from bot.evidence.sieve import Sieve

READ_WITH_CARE: Final = frozenset(
    """
    arp-replies bridge-netfilter checksum-fill-rule dhcp-server-log dhcp-server-process dnsmasq-version failing-protocol
    guest-kernel-log guest-rx-counter host-firewall integration-flows largest-ping last-packet-before-renewal
    qemu-version reply-seen-in-guest reply-seen-on-tap tap-on-bridge tap-tx-drops what-still-works
    """.split()
)
"""Checks that one line never decides: it depends on where it was seen, or on what stands beside it."""

BLOCK: Final = 1 << 20
_LONG: Final = 1 << 16
"""Bytes of a block from which it is worth looking for what needs to be read."""
CAREFUL_LINES: Final = 400_000
"""Lines of a text that are read one by one; beyond them only packets are counted."""
_SAMPLE: Final = 20_000
_MAX_SIGNALS: Final = 4


class Reader(Protocol):
    """Reads one kind of evidence."""

    WORDS: ClassVar[tuple[str, ...]]
    """At least one of these is in every line of a log that it reads, whatever the case."""

    def take(self, line: Line) -> bool:
        """Read one line; False when it is not of this kind."""

    def finish(self) -> None:
        """Judge what needed all lines."""


class Reading:
    """One reading of any number of texts and captures."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.book = Notebook()
        self._knowledge = knowledge
        self._recogniser = Recogniser(knowledge, READ_WITH_CARE)
        self._tcpdump = TcpdumpReader(self.book)
        self._readers: tuple[Reader, ...] = (
            DhcpServerReader(self.book),
            DhcpClientReader(self.book),
            KernelReader(self.book),
            SwitchReader(self.book),
            ServiceReader(self.book),
            VlanReader(self.book),
            FunctionReader(self.book),
            InterruptReader(self.book),
            LinkReader(self.book),
            BridgeReader(self.book),
            FirewallReader(self.book),
            ReachReader(self.book),
            MachineReader(self.book),
        )
        self._signals: dict[str, list[str]] = {}
        self._sample: list[str] = []
        self._sampled = 0
        self._hosts: set[str] = set()
        self._sieve: Sieve | None = None

    def text(self, name: str, blocks: Iterable[bytes]) -> None:
        """Read a text given in blocks of any size."""
        splitter = Splitter(name, self.book.clock)
        careful = 0
        for block in whole_lines(blocks, self.book, name):
            packets = len(block) > _LONG and dense(block)
            if packets or careful < CAREFUL_LINES:
                pieces = self._tcpdump.block(block, Line("", 0, splitter.place)) if packets else self._telling(block)
                read = sum(self._lines(piece, splitter, before) for before, piece in pieces)
                careful += 0 if packets else read
            else:
                self.book.leave(f"{name}: after {CAREFUL_LINES} lines read one by one, only packets were counted")
            splitter.count_to(block.count(b"\n"))

    def evidence(self) -> Evidence:
        """Conclude, once everything is read."""
        self._tcpdump.finish()
        for reader in self._readers:
            reader.finish()
        judge_versions(self.book)
        judge(self.book)
        conversations = talk(self.book)
        findings = {
            check: EvidenceFinding(outcome, because)
            for check, (outcome, because) in self.book.settled(self._knowledge).items()
        }
        return Evidence(
            self.book.timeline(),
            findings,
            conversations,
            tuple(self.book.shows),
            {kind: tuple(values) for kind, values in self.book.facts.items()},
            {name: tuple(lines) for name, lines in self._signals.items()},
            tuple(self.book.unread),
            "\n".join(self._sample),
        )

    def _telling(self, block: bytes) -> list[tuple[int, bytes]]:
        """Return the lines of a block that need to be read, each piece with the number of lines before it."""
        if len(block) <= _LONG:
            return [(0, block)]
        if self._sieve is None:
            # numpy is needed for long texts only.
            from bot.evidence.sieve import Sieve

            words = [word for reader in self._readers for word in reader.WORDS]
            self._sieve = Sieve([*words, *_words(self._knowledge)])
        return self._sieve.take(block)

    def _lines(self, block: bytes, splitter: Splitter, before: int) -> int:
        """Read lines one by one; return how many there were to read."""
        splitter.count_from(before)
        read = 0
        for raw in block.split(b"\n")[: -1 if block.endswith(b"\n") else None]:
            if not raw.strip():
                splitter.pass_over()
                continue
            read += 1
            line = splitter.take(raw[: MAX_LINE * 4].decode("utf-8", "replace").replace("\0", "�"))
            if self._sampled < _SAMPLE:
                self._sample.append(line.text[:500])
                self._sampled += len(line.text[:500]) + 1
            if line.mark:
                for reader in self._readers:
                    reader.take(line)
            elif not self._tcpdump.take(line):
                self._read(line)
        return read

    def _read(self, line: Line) -> None:
        for host in (line.host, line.place.host):
            if host and host not in self._hosts and " " not in host and len(self._hosts) < 100:
                self._hosts.add(host)
                self.book.fact("host", host)
        understood = any(reader.take(line) for reader in self._readers)
        for found in self._recogniser.recognise_line(line.text, line.number):
            if found.kind == "outcome":
                self.book.finding(found.id, found.outcome, line.quote, Weight.WORD)
            else:
                lines = self._signals.setdefault(found.id, [])
                if len(lines) < _MAX_SIGNALS and line.quote not in lines:
                    lines.append(line.quote)
            if not understood and line.stamp is not None:
                understood = True
                self.book.event(line.message[:160], line)


def _words(knowledge: KnowledgeBase) -> Iterator[str]:
    """Yield the words of which each line that the casebook's own expressions match holds one."""
    for check in knowledge.checks.values():
        for outcome in check.outcomes.values() if check.id not in READ_WITH_CARE else ():
            for pattern in outcome.patterns:
                yield from fixed_words(pattern)
    for incident in knowledge.active:
        for signal in incident.signals:
            yield from fixed_words(signal.pattern)


def whole_lines(blocks: Iterable[bytes], book: Notebook, name: str) -> Iterator[bytes]:
    """Cut blocks at line ends, holding back what is incomplete; an endless line is cut and its rest dropped."""
    held = b""
    skipping = False
    for block in blocks:
        if skipping:
            end = block.find(b"\n")
            if end < 0:
                continue
            block, skipping = block[end + 1 :], False
        joined = held + block
        end = joined.rfind(b"\n")
        if end >= 0:
            yield joined[: end + 1]
            held = joined[end + 1 :]
        else:
            held = joined
        if len(held) > BLOCK:
            book.leave(f"{name}: the rest of a line longer than {BLOCK >> 20} MB")
            yield held[: MAX_LINE * 4] + b"\n"
            held, skipping = b"", True
    if held:
        yield held + b"\n"
