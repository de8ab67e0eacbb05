"""Small talk: what the bot says before and beside the diagnosis."""

from __future__ import annotations

from typing import Final

from bot.reply import Bullets, Heading, Item, Paragraph, Reply
from kb.load import KnowledgeBase
from kb.nearest import hint

_ANSWERS: Final = (
    "answer a check with the name of an outcome or its number, with yes or no, in your own words, or by pasting output",
    "`skip` if you cannot run it, `why` to hear why it is asked, `why not DHCP` to doubt me",
    "`undo` takes your last message back, `summary` gives the case as text, `new case` starts over",
)


def say(text: str) -> Reply:
    """Return a reply of one paragraph."""
    return Reply((Paragraph(text),))


def greeting(knowledge: KnowledgeBase) -> Reply:
    """Say what the bot is for."""
    return say(
        "Tell me what you see, in your own words: who is affected, since when, what was going on, what brings it back. "
        f"Logs and command output are welcome. I know {len(knowledge.active)} network incidents of virtual machines "
        "and will ask for the check that tells them apart."
    )


def help_text(knowledge: KnowledgeBase) -> Reply:
    """Say what one can write."""
    return Reply((*greeting(knowledge).parts, Bullets(tuple(Item(text) for text in _ANSWERS))))


def nothing_said(knowledge: KnowledgeBase, running: bool) -> Reply:
    """Answer a message without a word in it."""
    if running:
        return say("I cannot read anything from that. Answer the check, describe what you see, or write `help`.")
    return greeting(knowledge)


def nothing_asked() -> Reply:
    """Answer a `skip` when no check is open."""
    return say("There is no check open to skip. Tell me what you see.")


def nothing_to_undo() -> Reply:
    """Answer an `undo` in an empty case."""
    return say("There is nothing to undo: the case is empty.")


def restarted(knowledge: KnowledgeBase) -> Reply:
    """Confirm that the case was emptied."""
    return Reply((Heading("New case."), *greeting(knowledge).parts))


def unknown_outcome(knowledge: KnowledgeBase, check: str, outcome: str) -> str:
    """Say why the finding of a button or a JSON message cannot be used."""
    known = knowledge.checks.get(check)
    check, outcome = check[:80], outcome[:80]
    if known is None:
        return f"I know no check {check!r}{hint(check, knowledge.checks)}. It may be from an older casebook."
    outcomes = ", ".join(known.outcomes)
    return f"The check {check!r} has no outcome {outcome!r}{hint(outcome, known.outcomes)}; it has {outcomes}."
