"""The bot's words: what is believed of a case -> a reply in parts.

The tone is that of a colleague at three in the morning: what it probably is, why, what it is not, and one thing to do
next. Whatever was understood is shown, so that it can be taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.case import Case, Turn
from bot.compose import conclusion, step
from bot.reply import Paragraph, Part, Reply
from kb.diagnose import Verdict
from kb.load import KnowledgeBase

if TYPE_CHECKING:
    from bot.conversation import Opinion


def progress(
    knowledge: KnowledgeBase,
    case: Case,
    turn: Turn,
    before: Opinion | None,
    opinion: Opinion,
    notes: Sequence[Part],
    leads: Sequence[Part],
) -> Reply:
    """Answer a message that brought something: what was understood, what is believed, and what to do next.

    Args:
        knowledge: the casebook.
        case: the case, with the message's turn in it.
        turn: what the message brought.
        before: what was believed before it, or None for the first message.
        opinion: what is believed now.
        notes: what its evidence shows, and what about the message could not be used.
        leads: the imported reports to show, if any.
    """
    parts: list[Part] = list(notes)
    parts += step.understood(knowledge, turn)
    if opinion.verdict is Verdict.IDENTIFIED:
        known = before is not None and before.verdict is Verdict.IDENTIFIED
        if before is not None and known and before.belief.ranked(1)[0][0] == opinion.belief.ranked(1)[0][0]:
            parts += [*conclusion.still_identified(knowledge, opinion), *leads]
        else:
            parts += [*conclusion.identified(knowledge, case, opinion), *leads]
    elif opinion.verdict is Verdict.UNKNOWN:
        parts += [*conclusion.nothing_fits(knowledge, case, opinion), *leads]
    else:
        parts += located(knowledge, opinion, leads)
    return Reply(tuple(parts))


def located(knowledge: KnowledgeBase, opinion: Opinion, leads: Sequence[Part]) -> list[Part]:
    """Say where an unfinished case stands: the suspects, the tempting theory, what reads alike, the next check."""
    return [
        *step.suspects(knowledge, opinion),
        *step.red_herring(knowledge, opinion),
        *leads,
        *step.next_step(knowledge, opinion),
    ]


def undone(knowledge: KnowledgeBase, before: Case, after: Case, opinion: Opinion, leads: Sequence[Part]) -> Reply:
    """Confirm what was taken back, and say where that leaves the case."""
    last = before.turns[-1]
    lost = "; ".join(step.finding(knowledge, check, outcome) for check, outcome in last.findings.items())
    text = f"Taken back: {lost}." if lost else "Taken back: your last message."
    if not after.turns:
        return Reply((Paragraph(f"{text} The case is empty again."),))
    return Reply((Paragraph(text), *progress(knowledge, after, Turn(), None, opinion, (), leads).parts))
