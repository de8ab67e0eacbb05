"""A case for others to read: as Markdown to paste into a tracker, and as plain data for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.case import Case
from bot.compose.step import finding, percent, place
from bot.compose.talk import say
from bot.evidence.model import Evidence
from bot.evidence.report import conversation_parts
from bot.redact import Redactor
from bot.reply import Bullets, Code, Heading, Item, Paragraph, Part, Reply
from kb.diagnose import Verdict
from kb.load import KnowledgeBase
from kb.model import Check

if TYPE_CHECKING:
    from bot.conversation import Opinion

_MOST_LINES = 200
_MOST_SHOWN = 8
_MOST_CONVERSATIONS = 2


def summary(knowledge: KnowledgeBase, case: Case, opinion: Opinion, leads: Sequence[Part]) -> Reply:
    """Give the case as a text to paste elsewhere: description, findings in order, suspects, verdict.

    Imported reports stand below it: they are for whoever is about to report the fault once more.
    """
    if not case.turns:
        return say("The case is empty: there is nothing to sum up yet.")
    lines = ["# Case", "", "## Description", ""]
    lines += [f"> {line}" for line in case.description.splitlines()[:_MOST_LINES]]
    lines += ["", "## Findings", ""]
    for name, outcome in case.findings.items():
        lines.append(f"- {finding(knowledge, name, outcome)} (`{name}: {outcome}`)")
        commands = [run.command.strip() for run in knowledge.checks[name].run]
        lines += [f"    - `{line}`" for command in commands for line in command.splitlines() if "`" not in line]
    lines += [f"- {knowledge.checks[name].title}: not run" for name in sorted(case.skipped)]
    lines += ["", "## Suspects", ""]
    for name, probability in opinion.belief.ranked(5):
        if probability >= 0.01:
            lines.append(f"- {percent(probability)} {knowledge.incidents[name].title} (`{name}`)")
    lines += [f"- {percent(opinion.belief.none)} none of the known incidents", "", f"Verdict: {opinion.verdict}"]
    # It is made to be shown to others, so that nothing in it may tell whose machines these are.
    text = Redactor().text("\n".join(lines))
    shown = Code(text, "Markdown to paste into a tracker, with made-up addresses and names")
    return Reply((Heading("Case file"), shown, *leads))


def evidence(evidence: Evidence) -> list[Part]:
    """Say what evidence shows, line up its DHCP conversations, and tell what of it was not read."""
    parts: list[Part] = []
    if evidence.shows:
        shown = (Item(sentence) for sentence in evidence.shows[:_MOST_SHOWN])
        parts += [Paragraph("Your evidence shows:"), Bullets(tuple(shown))]
    for conversation in evidence.conversations[:_MOST_CONVERSATIONS]:
        parts += conversation_parts(conversation)
    if evidence.unread:
        unread = (Item(sentence) for sentence in evidence.unread[:_MOST_SHOWN])
        parts += [Paragraph("Not read:"), Bullets(tuple(unread))]
    return parts


def state(knowledge: KnowledgeBase, case: Case, opinion: Opinion) -> dict[str, Any]:
    """Return what is believed of a case as plain data."""
    waits = opinion.suggestion if opinion.verdict is Verdict.UNSURE else None
    return {
        "verdict": str(opinion.verdict),
        "candidates": [
            {"id": name, "title": knowledge.incidents[name].title, "probability": round(probability, 6)}
            for name, probability in opinion.belief.ranked(10)
        ],
        "next_check": check_data(waits.check) if waits else None,
        "findings": dict(case.findings),
    }


def check_data(check: Check) -> dict[str, Any]:
    """Return a check as plain data."""
    return {
        "id": check.id,
        "title": check.title,
        "question": check.question,
        "where": str(check.where),
        "commands": [{"command": run.command.strip(), "on": place(check, run)} for run in check.run],
        "read": check.read,
        "minutes": check.cost.minutes,
        "risk": str(check.cost.risk),
        "warning": check.cost.warning,
        "outcomes": [{"id": name, "label": outcome.label} for name, outcome in check.outcomes.items()],
    }
