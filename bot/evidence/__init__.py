"""Logs, captures and command output -> a timeline, findings and what they show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.evidence.model import Conversation, DhcpMessage, Event, Evidence, EvidenceFinding, Exchange
from kb.load import KnowledgeBase

__all__ = [
    "Conversation",
    "DhcpMessage",
    "Event",
    "Evidence",
    "EvidenceFinding",
    "Exchange",
    "read_evidence",
    "read_text",
]


def read_evidence(files: Sequence[Path], knowledge: KnowledgeBase) -> Evidence:
    """Read files of any known kind together, on one time axis; what cannot be read is said, never raised.

    Text, pcap and pcapng are told by their content, each also as gzip. Memory does not grow with the files' size.
    """
    # The readers take a tenth of a second to import; a conversation without evidence does not pay for it.
    from bot.evidence.files import read_file
    from bot.evidence.reading import Reading

    reading = Reading(knowledge)
    for path in files:
        read_file(path, reading)
    return reading.evidence()


def read_text(text: str, knowledge: KnowledgeBase) -> Evidence:
    """Read pasted text, however mixed; prose comes back as evidence that is not `understood`."""
    from bot.evidence.reading import BLOCK, Reading

    reading = Reading(knowledge)
    data = text.encode("utf-8", "replace")
    reading.text("", (data[start : start + BLOCK] for start in range(0, len(data), BLOCK)))
    return reading.evidence()
