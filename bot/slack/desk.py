"""One case a thread: loads it, lets the conversation answer, and keeps it before anything is sent."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict

from bot.case import Case
from bot.conversation import Conversation, Message
from bot.reply import Reply
from bot.store import CaseStore
from kb.diagnose import Verdict

FORGOTTEN: Final = "I no longer have the case of that button. Tell me what you see, and we start again."
OLDER: Final = "That button belongs to an earlier question of this thread. The newest one counts."
NOTED: Final = "That answer is already in the case."

_LOCKS: Final = 64


@dataclass(frozen=True)
class Place:
    """A thread, by Slack's ids of its workspace, channel and first message; a case is kept under it."""

    team: str
    channel: str
    thread: str

    @property
    def key(self) -> str:
        """The key of the thread's case in the store."""
        return f"slack:{self.team}:{self.channel}:{self.thread}"[:200]


class Press(BaseModel):
    """What the button of a check's outcome says when it is pressed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    case: str
    check: str
    outcome: str | None
    """The outcome, or None when the operator cannot tell."""
    turn: int
    """The number of turns that the case had when it asked; a case with fewer was begun anew or taken back."""


@dataclass(frozen=True)
class Answer:
    """A reply, with what a channel needs to draw it."""

    case: Case
    reply: Reply
    concluded: str | None = None
    """What the case was just concluded with: an incident's id or `unknown`; None while it goes on."""


class Desk:
    """Answers for all threads. Messages of one thread wait for each other, so that none of them is lost."""

    def __init__(self, conversation: Conversation, store: CaseStore) -> None:
        self._conversation, self._store = conversation, store
        self._locks = tuple(threading.Lock() for _ in range(_LOCKS))

    def engaged(self, place: Place) -> bool:
        """Tell whether the bot takes part in a thread already."""
        return self._store.load(place.key) is not None

    def first_time(self, event: str) -> bool:
        """Tell whether something arrives for the first time, and remember that it did."""
        return not self._store.seen(f"slack:{event}")

    def answer(self, place: Place, message: Message) -> Answer:
        """Answer a message of a thread; the case is kept before this returns."""
        with self._lock(place):
            return self._answer(place, self._store.load(place.key) or Case.new(), message)

    def press(self, place: Place, press: Press) -> Answer | str:
        """Take the outcome of a button into its case; return a sentence when the button means nothing any more."""
        with self._lock(place):
            case = self._store.load(place.key)
            if case is None or case.id != press.case:
                return FORGOTTEN
            if press.turn > len(case.turns):
                return OLDER
            if press.outcome is None:
                return self._answer(place, case, Message(text="skip")) if case.asked == press.check else OLDER
            if case.findings.get(press.check) == press.outcome:
                return NOTED
            return self._answer(place, case, Message(findings={press.check: press.outcome}))

    def chosen(self, press: Press) -> str:
        """Say in words what a button stood for."""
        if press.outcome is None:
            return "cannot tell"
        check = self._conversation.knowledge.checks.get(press.check)
        outcome = check.outcomes.get(press.outcome) if check else None
        return outcome.label if outcome else press.outcome

    def _answer(self, place: Place, before: Case, message: Message) -> Answer:
        case, reply = self._conversation.answer(before, message)
        self._store.save(place.key, case)
        return Answer(case, reply, self._concluded(before, case))

    def _concluded(self, before: Case, after: Case) -> str | None:
        """Return the conclusion of a case when a message has just brought it."""
        if len(after.turns) <= len(before.turns):
            return None
        conclusion = self._conclusion(after)
        return conclusion if not before.turns or conclusion != self._conclusion(before) else None

    def _conclusion(self, case: Case) -> str | None:
        opinion = self._conversation.opinion(case)
        if opinion.verdict is Verdict.UNSURE:
            return None
        return opinion.belief.ranked(1)[0][0] if opinion.verdict is Verdict.IDENTIFIED else str(opinion.verdict)

    def _lock(self, place: Place) -> threading.Lock:
        return self._locks[hash(place) % _LOCKS]
