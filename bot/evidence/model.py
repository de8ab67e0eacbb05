"""What evidence comes to: a timeline, findings with the lines that justify them, and what was left unread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from kb.model import Vantage

MAX_QUOTE: Final = 300
"""Characters of a line that are quoted; lines of hostile input can be endless."""


@dataclass(frozen=True)
class Place:
    """Where a piece of evidence comes from, as far as its surroundings tell."""

    file: str = ""
    host: str = ""
    vantage: Vantage | None = None
    command: str = ""


@dataclass(frozen=True)
class Event:
    """Something that happened, on the common time axis of all sources."""

    time: float | None
    """Seconds since 1970 in the clock of the source; None when the line had no time."""
    stamp: str
    """The time as people read it."""
    source: str
    what: str
    line: int
    """The line of its file, from 1; for a capture the number of the frame."""


@dataclass(frozen=True)
class EvidenceFinding:
    """An outcome of a check, and the lines or statements that justify it."""

    outcome: str
    because: tuple[str, ...]


@dataclass(frozen=True)
class DhcpMessage:
    """One step of a DHCP conversation as one source saw it."""

    time: float | None
    stamp: str
    side: str
    """`client`, `server`, or `wire` for a capture."""
    what: str
    """discover, offer, request, ack, nak, decline, release, inform, bound, no-answer, gave-up, lost or bad-checksum."""
    source: str
    line: int
    mac: str = ""
    address: str = ""
    server: str = ""
    """The server's address, or the address a request was sent to."""
    host: str = ""
    interface: str = ""
    xid: str = ""
    note: str = ""
    bad_checksum: bool = False
    vantage: Vantage | None = None
    quote: str = ""

    @property
    def from_client(self) -> bool:
        """True for what a client sends."""
        return self.what in ("discover", "request", "decline", "release", "inform")

    @property
    def broadcast(self) -> bool:
        """True for a request that asks every server rather than its own."""
        return self.server == "255.255.255.255"


@dataclass(frozen=True)
class Exchange:
    """A request with its repetitions, up to the answer that the client took or to its giving up."""

    label: str
    """answered, renewal-unanswered, unanswered, answered-but-ignored, nak or gave-up."""
    start: str
    asked: int
    answered: int
    rebinding: bool
    """True when the client went over to 255.255.255.255."""
    gave_up: bool = False


@dataclass(frozen=True)
class Conversation:
    """Everything one client and its servers said to each other, in the client's time."""

    client: str
    messages: tuple[DhcpMessage, ...]
    exchanges: tuple[Exchange, ...]
    clock: str
    """How far the server's clock is from the client's, in words; empty when there is only one clock."""
    signature: bool = False
    """True when the seven steps of The Issue are there: every request answered, no answer heard."""


@dataclass(frozen=True)
class Evidence:
    """What was read."""

    timeline: tuple[Event, ...] = ()
    findings: Mapping[str, EvidenceFinding] = field(default_factory=dict)
    conversations: tuple[Conversation, ...] = ()
    shows: tuple[str, ...] = ()
    """What the evidence shows, in sentences."""
    facts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What identifies the machines: `mac`, `host`, and versions as `version <component>`."""
    signals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For an incident, the lines that are near-proof of it."""
    unread: tuple[str, ...] = ()
    """What was not read, and why."""
    sample: str = ""
    """The beginning of the text that was read, for matching by words."""

    @property
    def understood(self) -> bool:
        """True when the text held evidence of a known kind, rather than prose."""
        return bool(self.timeline or self.findings or self.conversations or self.signals or self.shows)
