"""Evidence -> what `blip read` prints: JSON for programs, parts of a reply for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.evidence.conclude import IN_WORDS
from bot.evidence.conversation import labels
from bot.evidence.diagram import conversation_svg
from bot.evidence.model import Conversation, DhcpMessage, Evidence
from bot.reply import Bullets, Code, Diagram, Heading, Item, Paragraph, Part, Reply, Table
from kb.circumstances import informed
from kb.diagnose import NONE, Belief, Differential
from kb.load import KnowledgeBase
from kb.match import Matcher
from kb.model import Frequency

_CANDIDATES: Final = 10
_EVENTS_SHOWN: Final = 40
_QUOTED: Final = 110
_MESSAGES_SHOWN: Final = 30
_WORDS: Final = 0.1
"""The share of the words in the prior; beside evidence they only settle what is even."""
_EXPLAINS: Final = {Frequency.ALWAYS: 6.0, Frequency.USUALLY: 4.0, Frequency.SOMETIMES: 2.0}
"""How many times as probable an incident becomes that foretells a fault which the evidence shows, by how often it shows
it. What was measured is no matter of memory: that an incident explains it weighs more than in a conversation."""
_NOTHING_WRONG: Final = 300.0
"""How many times as probable `none` becomes when nothing in the evidence is out of order."""


def weigh(evidence: Evidence, knowledge: KnowledgeBase) -> Belief:
    """Return how probable each incident is, judged by the evidence alone."""
    differential = Differential(knowledge)
    return differential.weigh(prior(evidence, knowledge), outcomes(evidence))


def outcomes(evidence: Evidence) -> dict[str, str]:
    """Return the outcome of each check that the evidence decides."""
    return {check: finding.outcome for check, finding in evidence.findings.items()}


def prior(evidence: Evidence, knowledge: KnowledgeBase) -> dict[str, float]:
    """Return what the words, the signals and the versions in the evidence say before any finding is weighed."""
    # Blip's own sentences say what is wrong; raw logs are full of the words of whatever ran beside it.
    words = "\n".join(evidence.shows) if evidence.shows else evidence.sample[:6000]
    matched = Matcher(knowledge).match(words).prior
    even = 1 / (len(knowledge.active) + 1)
    names = [*(incident.id for incident in knowledge.active), NONE]
    mixed = {name: _WORDS * matched.get(name, 0.0) + (1 - _WORDS) * even for name in names}
    weights = informed(mixed, knowledge, evidence.signals, versions(evidence))
    faults = [name for name in abnormal(evidence, knowledge) if name in evidence.findings]
    for incident in knowledge.active:
        for name in faults:
            frequency = incident.expect.get(name, {}).get(evidence.findings[name].outcome)
            weights[incident.id] *= _EXPLAINS.get(frequency, 1.0) if frequency else 1.0
    if not abnormal(evidence, knowledge):
        weights[NONE] += _NOTHING_WRONG * max(weights.values())
    return weights


def versions(evidence: Evidence) -> tuple[tuple[str, str], ...]:
    """Return the components and versions that the evidence states."""
    prefix = "version "
    return tuple(
        (kind.removeprefix(prefix), version)
        for kind, stated in evidence.facts.items()
        if kind.startswith(prefix)
        for version in stated
    )


def abnormal(evidence: Evidence, knowledge: KnowledgeBase) -> list[str]:
    """Return the checks whose outcome shows a fault, and the incidents that a signal points at."""
    faults = [
        name
        for name, finding in evidence.findings.items()
        if name not in _DESCRIBES
        and finding.outcome != knowledge.checks[name].normal
        and (name, finding.outcome) not in _HARMLESS
    ]
    return [*faults, *evidence.signals]


_DESCRIBES: Final = frozenset(
    {"nic-model", "nic-backend", "qemu-version", "dnsmasq-version", "datapath-type", "guest-os"}
)
"""Checks that describe a machine; no outcome of theirs is a fault by itself."""
_HARMLESS: Final = frozenset(
    {
        ("bond-mode", "active-backup-or-lacp"),
        ("bridge-vlan-table", "not-vlan-aware"),
        ("bridge-vlan-table", "right"),
        ("bridge-netfilter", "on-not-dropping"),
        ("checksum-fill-rule", "missing"),
        ("checksum-fill-rule", "present"),
        ("qos-burst", "ample"),
        ("reply-seen-in-guest", "intact"),
        ("reply-seen-on-tap", "present"),
        ("rx-filter-trust", "trusted"),
        ("tap-tx-drops", "none"),
    }
)
"""Outcomes of checks that call none normal, and that are no fault by themselves."""


def report(evidence: Evidence, knowledge: KnowledgeBase) -> dict[str, Any]:
    """Return everything as JSON data, the `blip read --json` contract."""
    belief = weigh(evidence, knowledge)
    # Healthy evidence makes nobody a suspect, not even the least unlikely incident.
    suspects = belief.ranked(_CANDIDATES) if abnormal(evidence, knowledge) else []
    return {
        "timeline": [
            {"time": event.stamp, "source": event.source, "line": event.line, "what": event.what}
            for event in evidence.timeline
        ],
        "findings": {
            check: {"outcome": finding.outcome, "because": list(finding.because)}
            for check, finding in evidence.findings.items()
        },
        "candidates": [
            {"id": name, "title": knowledge.incidents[name].title, "probability": round(chance, 4)}
            for name, chance in suspects
        ],
        "verdict": str(belief.verdict),
        "shows": list(evidence.shows),
        "conversations": [_conversation(conversation) for conversation in evidence.conversations],
        "signals": {name: list(lines) for name, lines in evidence.signals.items()},
        "facts": {kind: list(values) for kind, values in evidence.facts.items()},
        "unread": list(evidence.unread),
    }


def _conversation(conversation: Conversation) -> Mapping[str, Any]:
    return {
        "client": conversation.client,
        "clock": conversation.clock,
        "signature": conversation.signature,
        "exchanges": [
            {
                "label": exchange.label,
                "start": exchange.start,
                "asked": exchange.asked,
                "answered": exchange.answered,
                "rebinding": exchange.rebinding,
                "gave_up": exchange.gave_up,
            }
            for exchange in conversation.exchanges
        ],
        "messages": [
            {
                "time": message.stamp,
                "side": message.side,
                "what": message.what,
                "address": message.address,
                "server": message.server,
            }
            for message in conversation.messages
        ],
    }


def describe(evidence: Evidence, knowledge: KnowledgeBase) -> Reply:
    """Return the same for people: what it shows, the DHCP conversations, the findings, the suspects, the timeline."""
    parts: list[Part] = []
    if evidence.shows:
        parts += [Heading("What it shows"), Bullets(tuple(Item(sentence) for sentence in evidence.shows))]
    for conversation in evidence.conversations[:5]:
        parts += conversation_parts(conversation)
    if evidence.findings:
        rows = tuple(
            (
                knowledge.checks[check].title,
                knowledge.checks[check].outcomes[finding.outcome].label,
                _cut(finding.because[0]),
            )
            for check, finding in evidence.findings.items()
        )
        parts += [Heading("Findings"), Table(("check", "outcome", "because"), rows)]
    parts += _suspects(evidence, knowledge)
    if evidence.timeline:
        lines = [
            f"{event.stamp or '-':<26} {event.what}  [{event.source}:{event.line}]"
            for event in evidence.timeline[:_EVENTS_SHOWN]
        ]
        if len(evidence.timeline) > _EVENTS_SHOWN:
            lines.append(f"… and {len(evidence.timeline) - _EVENTS_SHOWN} more")
        parts += [Heading("Timeline"), Code("\n".join(lines))]
    if evidence.unread:
        parts += [Heading("Not read"), Bullets(tuple(Item(sentence) for sentence in evidence.unread))]
    return Reply(tuple(parts) or (Paragraph("There is nothing in it that Blip can read."),))


def _cut(quote: str) -> str:
    return quote if len(quote) <= _QUOTED else f"{quote[:_QUOTED]}…"


def conversation_parts(conversation: Conversation) -> list[Part]:
    """Return one DHCP conversation as a table under a heading, and as a sequence diagram."""
    summary = "; ".join(f"{count} × {IN_WORDS[label]}" for label, count in labels(conversation).items())
    rows = tuple(
        (
            message.stamp,
            message.side,
            _said(message),
            message.address,
            f"to {message.server}" if message.from_client and message.server else message.server,
        )
        for message in conversation.messages[:_MESSAGES_SHOWN]
    )
    words = " ".join(
        part
        for part in (f"{summary}." if summary else "", f"Clocks: {conversation.clock}." if conversation.clock else "")
        if part
    )
    parts: list[Part] = [Heading(f"DHCP conversation of {conversation.client}")]
    if words:
        parts.append(Paragraph(words))
    drawn = Diagram(f"DHCP conversation of {conversation.client}", conversation_svg(conversation))
    return [*parts, Table(("time", "seen by", "message", "address", "server"), rows), drawn]


def _said(message: DhcpMessage) -> str:
    bad = message.bad_checksum and message.side == "wire"
    return message.what.replace("-", " ") + (" (bad checksum)" if bad else "")


def _suspects(evidence: Evidence, knowledge: KnowledgeBase) -> list[Part]:
    belief = weigh(evidence, knowledge)
    if not evidence.understood:
        return []
    if not abnormal(evidence, knowledge):
        return [Paragraph("Nothing in it is out of order, as far as it goes.")]
    items = tuple(
        Item(f"{chance:.0%} {knowledge.incidents[name].title} ({name})")
        for name, chance in belief.ranked(5)
        if chance >= 0.01
    )
    return [Heading("Suspects"), Bullets(items)] if items else []
