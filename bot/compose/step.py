"""The middle of a case: what was understood, who is suspected, which check comes next and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from bot.case import Turn
from bot.compose.talk import say
from bot.reply import Bullets, Choice, Choices, Code, Heading, Item, Paragraph, Part, Reply, Table
from kb.diagnose import NONE, Verdict
from kb.load import KnowledgeBase
from kb.model import Check, Command, Risk, Vantage

if TYPE_CHECKING:
    from bot.conversation import Opinion

SHOWN: Final = 3
"""How many suspects a person can weigh at a time."""
WORTH_NAMING: Final = 0.03

WHERE: Final = {
    Vantage.NETWORK: "on another machine of the network",
    Vantage.GUEST: "in the guest (over its console)",
    Vantage.HOST: "on the host",
    Vantage.DHCP_SERVER: "on the DHCP server",
    Vantage.NETWORK_NODE: "on the network node",
    Vantage.SWITCH: "on the switch",
    Vantage.API: "with the cloud's command line",
    Vantage.OPERATOR: "from what you know",
}


def percent(probability: float) -> str:
    """Write a probability for people; nothing is ever certain."""
    return "under 1 %" if probability < 0.005 else f"{min(probability, 0.99):.0%}".replace("%", " %")


def understood(knowledge: KnowledgeBase, turn: Turn) -> Iterator[Part]:
    """Show what a message was taken to say, so that it can be taken back."""
    if turn.skipped:
        yield Paragraph(f"Skipped: {knowledge.checks[turn.skipped].title}.")
    if turn.findings:
        yield Paragraph("I understood (write `undo` if that is wrong):")
        yield Bullets(tuple(Item(finding(knowledge, check, outcome)) for check, outcome in turn.findings.items()))


def finding(knowledge: KnowledgeBase, check: str, outcome: str) -> str:
    """Write a finding for people."""
    return f"{knowledge.checks[check].title}: {knowledge.checks[check].outcomes[outcome].label}"


def suspects(knowledge: KnowledgeBase, opinion: Opinion) -> Iterator[Part]:
    """Name the leading suspects, each with the words that earned it."""
    ranked = [pair for pair in opinion.belief.ranked(SHOWN) if pair[1] >= WORTH_NAMING]
    if not ranked:
        yield Paragraph(
            "That could be many things. Tell me more: who is affected, what was going on, what brings it back."
        )
        return
    words = {match.id: match.because for match in opinion.matching.matches}
    yield Paragraph("Most likely now:")
    yield Bullets(tuple(Item(_suspect(knowledge, name, share, words.get(name, ()))) for name, share in ranked))


def _suspect(knowledge: KnowledgeBase, name: str, share: float, words: tuple[str, ...]) -> str:
    text = f"{percent(share)} {knowledge.incidents[name].title}"
    return f"{text} (because of: {', '.join(words[:4])})" if words else text


def red_herring(knowledge: KnowledgeBase, opinion: Opinion) -> Iterator[Part]:
    """Warn of the theory that the first suspect makes tempting."""
    name, probability = opinion.belief.ranked(1)[0]
    herrings = knowledge.incidents[name].red_herrings
    if probability >= 0.3 and herrings:
        first = herrings[0]
        yield Paragraph(f"A red herring, if it is the first: “{first.theory}”. {first.because or ''}".strip())


def next_step(knowledge: KnowledgeBase, opinion: Opinion) -> Iterator[Part]:
    """Ask for the next check: where, the command, how to read it, and its outcomes."""
    if opinion.suggestion is None:
        yield Paragraph("No further check in the casebook tells these apart. `summary` gives a text to take elsewhere.")
        return
    check = opinion.suggestion.check
    yield Heading(check.question)
    if check.cost.risk is not Risk.READ_ONLY:
        yield Paragraph(
            f"Careful, this check is {check.cost.risk}. {check.cost.warning or 'Capture what you can first.'}"
        )
    for run in check.run:
        yield Code(run.command.strip(), f"Run {place(check, run)}")
    if check.placeholders:
        yield Bullets(tuple(Item(f"${name}: {meaning}") for name, meaning in check.placeholders.items()))
    yield Paragraph(check.read)
    yield choices(check)


def place(check: Check, run: Command) -> str:
    """Say where a command is run, after the word "run"."""
    if run.on is None:
        return WHERE[check.where]
    return run.on if run.on.split()[0] in ("with", "inside", "in", "on", "at") else f"on {run.on}"


def choices(check: Check) -> Choices:
    """Return the outcomes of a check as answers to choose from."""
    return Choices(check.id, tuple(Choice(name, outcome.label) for name, outcome in check.outcomes.items()))


def asked_back(check: Check, notes: list[Part]) -> Reply:
    """Ask once more what an answer meant, with the outcomes as choices."""
    return Reply((*notes, Paragraph(f"I am not sure which outcome that is. {check.question}"), choices(check)))


def why_this_check(knowledge: KnowledgeBase, opinion: Opinion) -> Reply:
    """Explain the open check: what its answers would point at."""
    suggestion = opinion.suggestion
    if suggestion is None or opinion.verdict is not Verdict.UNSURE:
        return say("No check is open.")
    check = suggestion.check
    if len(set(suggestion.points_at.values())) == 1:
        return say(f"Whatever it shows, the first suspect stays first; “{check.title}” is there to confirm it.")
    rows = tuple(
        (check.outcomes[outcome].label, _name(knowledge, leader)) for outcome, leader in suggestion.points_at.items()
    )
    text = (
        f"“{check.title}” tells the suspects apart best for what it costs: it is expected to bring "
        f"{suggestion.gain:.1f} bits and takes about {check.cost.minutes:g} min."
    )
    return Reply((Paragraph(text), Table(("If the answer is", "the first suspect is"), rows)))


def why_not(knowledge: KnowledgeBase, opinion: Opinion, theory: str) -> Reply:
    """Say what speaks against a theory: the red herrings of the leading suspects that name it, or the numbers."""
    words = {word for word in theory.lower().rstrip("?!. ").split() if len(word) > 2}
    for name, _ in opinion.belief.ranked(SHOWN):
        incident = knowledge.incidents[name]
        for herring in incident.red_herrings:
            if words & set(herring.theory.lower().replace(",", " ").split()):
                check = knowledge.checks[herring.disproved_by]
                text = (
                    f"If it is “{incident.title}”, this only looks right: “{herring.theory}”. {herring.because or ''}"
                )
                return Reply(
                    (Paragraph(text.strip()), Bullets((Item(f"It is disproved by this check: {check.question}"),)))
                )
    text = "None of the leading suspects has that theory among its known red herrings."
    return Reply((Paragraph(text), *suspects(knowledge, opinion)))


def _name(knowledge: KnowledgeBase, incident: str) -> str:
    return "nothing in the casebook" if incident == NONE else knowledge.incidents[incident].title
