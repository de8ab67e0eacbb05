"""One conversation: what was said, what was found, what was asked. Values only; every change makes a new case."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

MAX_TURNS: Final = 60
"""More turns than any real conversation has; older ones than that fall out of the description, their findings stay."""


class Turn(BaseModel):
    """What one message brought, and what the bot asked in return."""

    model_config = ConfigDict(frozen=True)

    text: str = ""
    """The part of the message that describes the fault."""
    findings: dict[str, str] = Field(default_factory=dict)
    because: dict[str, str] = Field(default_factory=dict)
    """For each finding, the words or the line that it was understood from."""
    heard: tuple[str, ...] = ()
    """The checks whose findings were only heard in the first description."""
    signals: dict[str, str] = Field(default_factory=dict)
    """For an incident, the line that is near-proof of it."""
    versions: tuple[tuple[str, str], ...] = ()
    """Components and their versions."""
    skipped: str | None = None
    """The check that the operator cannot run."""
    asked: str | None = None
    """The check that the reply asked for."""
    asked_back: bool = False
    """True when the reply asked what the answer to the same check meant."""
    led: bool = False
    """True when the reply showed imported reports that read alike."""


class Case(BaseModel):
    """One conversation, as the sequence of its turns; everything else about it follows from them."""

    model_config = ConfigDict(frozen=True)

    id: str
    turns: tuple[Turn, ...] = ()

    @classmethod
    def new(cls) -> Case:
        """Open a case under an id that cannot be guessed."""
        return cls(id=secrets.token_urlsafe(16))

    def after(self, turn: Turn) -> Case:
        """Return the case with one more turn; the oldest turns are merged when there are too many."""
        turns = (*self.turns, turn)
        if len(turns) > MAX_TURNS:
            first, second, *rest = turns
            merged = second.model_copy(
                update={
                    "text": first.text,
                    "findings": first.findings | second.findings,
                    "because": first.because | second.because,
                    "heard": first.heard,
                    "signals": first.signals | second.signals,
                    "versions": first.versions + second.versions,
                    "led": first.led or second.led,
                }
            )
            turns = (merged, *rest)
        return self.model_copy(update={"turns": turns})

    def undone(self) -> Case:
        """Return the case without its last turn."""
        return self.model_copy(update={"turns": self.turns[:-1]})

    @property
    def description(self) -> str:
        """Everything the operator told about the fault, in order."""
        return "\n".join(turn.text for turn in self.turns if turn.text)

    @property
    def led(self) -> bool:
        """True when imported reports were shown."""
        return any(turn.led for turn in self.turns)

    @property
    def findings(self) -> Mapping[str, str]:
        """Outcome by check; a later answer corrects an earlier one."""
        merged: dict[str, str] = {}
        for turn in self.turns:
            for check, outcome in turn.findings.items():
                # A corrected finding moves to the end, so that the order is the order of knowing.
                merged.pop(check, None)
                merged[check] = outcome
        return merged

    @property
    def because(self) -> Mapping[str, str]:
        """What each finding was understood from."""
        merged: dict[str, str] = {}
        for turn in self.turns:
            merged |= turn.because
        return merged

    @property
    def heard(self) -> frozenset[str]:
        """The checks whose findings were only heard in the first description, and not said again since."""
        told = {check for turn in self.turns for check in turn.findings if check not in turn.heard}
        return frozenset(check for turn in self.turns for check in turn.heard) - told

    @property
    def signals(self) -> Mapping[str, str]:
        """For an incident, the line that is near-proof of it."""
        merged: dict[str, str] = {}
        for turn in self.turns:
            merged |= turn.signals
        return merged

    @property
    def versions(self) -> tuple[tuple[str, str], ...]:
        """Components and their versions, as stated."""
        return tuple(dict.fromkeys(version for turn in self.turns for version in turn.versions))

    @property
    def skipped(self) -> frozenset[str]:
        """The checks that the operator cannot run and that were not answered later."""
        return frozenset(turn.skipped for turn in self.turns if turn.skipped) - self.findings.keys()

    @property
    def asked(self) -> str | None:
        """The check that waits for an answer."""
        return self.turns[-1].asked if self.turns else None
