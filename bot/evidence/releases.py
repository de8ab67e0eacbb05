"""Versions that the evidence states -> findings of the checks that ask for a version."""

from __future__ import annotations

from typing import Final

from bot.evidence.notebook import Notebook
from kb.versions import compare

_QEMU: Final = (
    ("0.13", "before-0-13"),
    ("1.1", "0-13-to-1-0"),
    ("2.5", "1-1-to-2-4"),
    ("3.1", "2-5-to-3-0"),
    ("9.2", "3-1-to-9-1"),
    ("10", "9-2"),
)
"""For each outcome of the check on qemu's version, the first version that is too new for it."""


def judge_versions(book: Notebook) -> None:
    """Write down the findings that follow from the versions of qemu and dnsmasq."""
    for component in ("qemu", "qemu-kvm"):
        for version in book.facts.get(f"version {component}", [])[:1]:
            book.finding("qemu-version", qemu_outcome(version), f"{component} {version}")
    for version in book.facts.get("version dnsmasq", [])[:1]:
        outcome = "before-2-61" if compare(version, "2.61", "upstream") < 0 else "2-61-or-newer"
        book.finding("dnsmasq-version", outcome, f"dnsmasq {version}")


def qemu_outcome(version: str) -> str:
    """Return the outcome of the check `qemu-version` that a version belongs to."""
    return next((outcome for end, outcome in _QEMU if compare(version, end, "upstream") < 0), "newer-than-9-2")
