"""Where readers write down what they find, and how contradicting findings are settled."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice
from typing import Final

from bot.evidence.clock import Clock, Stamp
from bot.evidence.model import MAX_QUOTE, DhcpMessage, Event, Place
from bot.evidence.traffic import Traffic
from kb.load import KnowledgeBase

MAX_EVENTS: Final = 2000
MAX_MESSAGES: Final = 20_000
_MAX_QUOTES: Final = 4
_MAX_FACTS: Final = 40


class Weight(IntEnum):
    """How much a finding rests on: a word in a line, a reader that understands it, or several sources together."""

    WORD = 1
    READ = 2
    LINED_UP = 3


@dataclass(frozen=True)
class Line:
    """One line of text with everything its surroundings say of it."""

    text: str
    number: int
    place: Place
    stamp: Stamp | None = None
    host: str = ""
    program: str = ""
    message: str = ""
    """The text after time, host and program; the whole text where there are none."""
    mark: bool = False
    """True for a prompt, a title or a rule: it belongs to no piece, and begins one."""

    @property
    def quote(self) -> str:
        """The line, cut to what can be shown."""
        return self.text.strip()[:MAX_QUOTE]

    @property
    def source(self) -> str:
        """The file and what wrote the line, in a few words."""
        who = self.program or self.place.command.partition(" ")[0]
        host = self.host or self.place.host
        return " ".join(
            part
            for part in (who, f"on {host}" if host else "", f"({self.place.file})" if self.place.file else "")
            if part
        )


class Notebook:
    """Collects what readers find. Everything in it is bounded, whatever the input."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.traffic: list[Traffic] = []
        self.dhcp: list[tuple[Stamp | None, DhcpMessage]] = []
        self.facts: dict[str, list[str]] = defaultdict(list)
        self.shows: list[str] = []
        self.unread: list[str] = []
        self._events: list[tuple[Stamp | None, Event]] = []
        self._findings: dict[str, dict[tuple[Weight, str], list[str]]] = defaultdict(dict)
        self._counts: Counter[tuple[str, str]] = Counter()

    def event(self, what: str, line: Line) -> None:
        """Put a line on the timeline."""
        stamp = line.stamp
        self.event_at(stamp, what, line.source, line.number)

    def event_at(self, stamp: Stamp | None, what: str, source: str, number: int) -> None:
        """Put something that no single line says on the timeline."""
        if len(self._events) < MAX_EVENTS:
            self._events.append((stamp, Event(None, stamp.written if stamp else "", source, what[:MAX_QUOTE], number)))
        else:
            self.leave(f"events beyond the first {MAX_EVENTS} were not put on the timeline")

    def message(self, stamp: Stamp | None, message: DhcpMessage) -> None:
        """Keep a step of a DHCP conversation; of too many, the side with most forgets its older half."""
        self.dhcp.append((stamp, message))
        if len(self.dhcp) <= MAX_MESSAGES:
            return
        side, count = Counter(kept.side for _, kept in self.dhcp).most_common(1)[0]
        places = (place for place, (_, kept) in enumerate(self.dhcp) if kept.side == side)
        forgotten = set(islice(places, count // 2))
        self.dhcp = [kept for place, kept in enumerate(self.dhcp) if place not in forgotten]
        self.leave(f"of more than {MAX_MESSAGES} DHCP messages only the newer ones were put together")

    def finding(self, check: str, outcome: str, because: str, weight: Weight = Weight.READ) -> None:
        """Note that a check had an outcome, and the line or statement that says so."""
        quotes = self._findings[check].setdefault((weight, outcome), [])
        self._counts[check, outcome] += 1
        if because not in quotes and len(quotes) < _MAX_QUOTES:
            quotes.append(because[:MAX_QUOTE])

    def fact(self, kind: str, value: str) -> None:
        """Note something that identifies a machine or a program."""
        values = self.facts[kind]
        if value not in values and len(values) < _MAX_FACTS:
            values.append(value[:80])

    def show(self, sentence: str) -> None:
        """Say what the evidence shows."""
        if sentence not in self.shows and len(self.shows) < _MAX_FACTS:
            self.shows.append(sentence[:500])

    def leave(self, sentence: str) -> None:
        """Say what was not read."""
        if sentence not in self.unread and len(self.unread) < _MAX_FACTS:
            self.unread.append(sentence[:MAX_QUOTE])

    def found(self, check: str) -> str | None:
        """Return the outcome that a check has so far by reading, words in a line left aside."""
        read = [key for key in self._findings.get(check, {}) if key[0] > Weight.WORD]
        return max(read)[1] if read else None

    def has(self, check: str, outcome: str) -> bool:
        """Return whether this outcome was noted, whatever else was."""
        return any(key[1] == outcome for key in self._findings.get(check, {}))

    def settled(self, knowledge: KnowledgeBase) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Return one outcome a check: the best founded, a fault rather than the normal state, the most frequent."""
        answers: dict[str, tuple[str, tuple[str, ...]]] = {}
        for name, noted in self._findings.items():
            check = knowledge.checks.get(name)
            known = {key: quotes for key, quotes in noted.items() if check and key[1] in check.outcomes}
            if check is None or not known:
                continue
            weight, outcome = max(
                known,
                key=lambda key: (key[0], key[1] != check.normal, self._counts[name, key[1]], -list(known).index(key)),
            )
            answers[name] = (outcome, tuple(known[weight, outcome]))
        return answers

    def timeline(self) -> tuple[Event, ...]:
        """Return the events in the order of time; an event without a time stays behind the one noted before it."""
        placed: list[tuple[float, int, Event]] = []
        last = float("-inf")
        for index, (stamp, event) in enumerate(self._events):
            time = self.clock.place(stamp) if stamp else None
            last = last if time is None else time
            placed.append((last, index, Event(time, event.stamp, event.source, event.what, event.line)))
        return tuple(event for _, _, event in sorted(placed, key=lambda item: item[:2]))
