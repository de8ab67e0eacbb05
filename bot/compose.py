"""The bot's words: what is believed of a case -> a reply in parts.

The tone is that of a colleague at three in the morning: what it probably is, why, what it is not, and one thing to do
next. Whatever was understood is shown, so that it can be taken back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from bot.case import Case, Turn
from bot.reply import Bullets, Choice, Choices, Code, Heading, Item, Paragraph, Part, Reply, Table
from kb.diagnose import NONE, Suggestion, Verdict
from kb.duration import format_duration
from kb.load import KnowledgeBase
from kb.model import Certainty, Check, Fix, Incident, Reference, Risk, Vantage
from kb.nearest import hint
from kb.soak import soak_time

if TYPE_CHECKING:
    from bot.conversation import Opinion

SHOWN: Final = 3
_CERTAINTY: Final = {
    Certainty.CONFIRMED: "The sources confirm this cause.",
    Certainty.LIKELY: "This cause is likely; the sources do not settle it.",
    Certainty.SUSPECTED: "This cause is only suspected.",
    Certainty.UNKNOWN: "The cause was never established.",
}
_KINDS: Final = {"fix": "Fix", "workaround": "Workaround", "cover-up": "Cover-up (only hides it)"}
_WHERE: Final = {
    Vantage.NETWORK: "on another machine of the network",
    Vantage.GUEST: "in the guest (over its console)",
    Vantage.HOST: "on the host",
    Vantage.DHCP_SERVER: "on the DHCP server",
    Vantage.NETWORK_NODE: "on the network node",
    Vantage.SWITCH: "on the switch",
    Vantage.API: "with the cloud's command line",
    Vantage.OPERATOR: "from what you know",
}
_COLLECT: Final = (
    "the kernel logs of host and guest around the first loss",
    "a capture on the guest's tap and one inside the guest, taken at the same time",
    "ip -s link of the tap twice, ten seconds apart, and bridge link, bridge fdb, bridge vlan",
    "versions of kernel, qemu, libvirt and virtual switch, and the guest's NIC model",
    "what happened in the ten minutes before, and what brings it back",
)


def greeting(knowledge: KnowledgeBase) -> Reply:
    """Say what the bot is for."""
    return Reply(
        (
            Paragraph(
                "Tell me what you see, in your own words: who is affected, since when, what was going on, what brings it "
                f"back. Logs and command output are welcome. I know {len(knowledge.active)} network incidents of virtual "
                "machines and will ask for the check that tells them apart."
            ),
        )
    )


def help_text(knowledge: KnowledgeBase) -> Reply:
    """Say what one can write."""
    return Reply(
        (
            *greeting(knowledge).parts,
            Bullets(
                (
                    Item(
                        "answer a check with one of its outcomes, with yes or no, in your own words, or by pasting its output"
                    ),
                    Item("`skip` if you cannot run it, `why` to hear why it is asked, `why not DHCP` to doubt me"),
                    Item(
                        "`undo` takes your last message back, `summary` gives the case as text, `new case` starts over"
                    ),
                )
            ),
        )
    )


def nothing_said(knowledge: KnowledgeBase, running: bool) -> Reply:
    """Answer a message without a word in it."""
    if running:
        return _say("I cannot read anything from that. Answer the check, describe what you see, or write `help`.")
    return greeting(knowledge)


def nothing_asked() -> Reply:
    """Answer a `skip` when no check is open."""
    return _say("There is no check open to skip. Tell me what you see.")


def nothing_to_undo() -> Reply:
    """Answer an `undo` in an empty case."""
    return _say("There is nothing to undo: the case is empty.")


def restarted(knowledge: KnowledgeBase) -> Reply:
    """Confirm that the case was emptied."""
    return Reply((Heading("New case."), *greeting(knowledge).parts))


def unknown_outcome(knowledge: KnowledgeBase, check: str, outcome: str) -> str:
    """Say why the finding of a button or a JSON message cannot be used."""
    known = knowledge.checks.get(check)
    check, outcome = check[:80], outcome[:80]
    if known is None:
        return f"I know no check {check!r}{hint(check, knowledge.checks)}. It may be from an older casebook."
    return f"The check {check!r} has no outcome {outcome!r}{hint(outcome, known.outcomes)}; it has {', '.join(known.outcomes)}."


def undone(knowledge: KnowledgeBase, before: Case, after: Case, opinion: Opinion) -> Reply:
    """Confirm what was taken back, and say where that leaves the case."""
    last = before.turns[-1]
    lost = ", ".join(f"{check}: {outcome}" for check, outcome in last.findings.items())
    text = f"Taken back: {lost}." if lost else "Taken back: your last message."
    if not after.turns:
        return Reply((Paragraph(f"{text} The case is empty again."),))
    return Reply((Paragraph(text), *_suspects(knowledge, opinion), *_next_step(knowledge, opinion)))


def asked_back(check: Check, opinion: Opinion, note: str) -> Reply:
    """Ask once more what an answer meant, with the outcomes as choices."""
    text = f"I am not sure which outcome that is. {check.question}"
    return Reply((Paragraph(f"{note} {text}".strip()), _choices(check)))


def progress(knowledge: KnowledgeBase, case: Case, turn: Turn, opinion: Opinion, note: str) -> Reply:
    """Answer a message that brought something: what was understood, what is believed, and what to do next."""
    parts: list[Part] = []
    if note:
        parts.append(Paragraph(note))
    parts += _understood(knowledge, turn)
    if opinion.verdict is Verdict.IDENTIFIED:
        parts += conclusion(knowledge, case, opinion)
    elif opinion.verdict is Verdict.UNKNOWN:
        parts += nothing_fits(knowledge, case, opinion)
    else:
        parts += _suspects(knowledge, opinion)
        parts += _not_this(knowledge, opinion)
        parts += _next_step(knowledge, opinion)
    return Reply(tuple(parts))


def conclusion(knowledge: KnowledgeBase, case: Case, opinion: Opinion) -> list[Part]:
    """Say what it is, why, what it is not, what to do, and how to prove that it helped."""
    name, probability = opinion.belief.ranked(1)[0]
    incident = knowledge.incidents[name]
    parts: list[Part] = [
        Heading(f"{incident.title} ({_percent(probability)})"),
        Paragraph(incident.summary),
        *_because(opinion, name, case),
        Paragraph(f"Cause: {incident.cause.text} {_CERTAINTY[incident.cause.certainty]}"),
    ]
    if incident.red_herrings:
        parts += [Paragraph("What it is not:"), Bullets(tuple(_herring_items(knowledge, incident)))]
    parts += _remedies(incident)
    parts += _proof(incident)
    parts += [Paragraph("Reports:"), Bullets(tuple(_reference_item(reference) for reference in incident.references))]
    return parts


def nothing_fits(knowledge: KnowledgeBase, case: Case, opinion: Opinion) -> list[Part]:
    """Say honestly that the casebook has nothing, what was ruled out, and what a good bug report needs."""
    parts: list[Part] = [Heading("Nothing in the casebook fits.")]
    if not case.findings:
        parts.append(
            Paragraph(
                "What you describe is like none of the network incidents I know. If it is about a virtual machine's network, "
                "tell me more: who is affected, what was going on before, and what brings it back."
            )
        )
        return parts
    ruled_out = [knowledge.incidents[match.id].title for match in opinion.matching.matches[:SHOWN]]
    parts += [
        Paragraph("Your findings speak against everything that your words suggested:"),
        Bullets(tuple(Item(title) for title in ruled_out)),
        Paragraph("For a bug report, collect:"),
        Bullets(tuple(Item(text) for text in _COLLECT)),
        Paragraph(
            "Write `summary` for a text to paste into a tracker. When it is solved, `blip new` makes an entry of it."
        ),
    ]
    return parts


def summary(knowledge: KnowledgeBase, case: Case, opinion: Opinion) -> Reply:
    """Give the case as a text to paste elsewhere."""
    if not case.turns:
        return _say("The case is empty: there is nothing to sum up yet.")
    lines = ["# Case", "", "## Description", ""]
    lines += [f"> {line}" for line in case.description.splitlines()[:200]]
    lines += ["", "## Findings", ""]
    for name, outcome in case.findings.items():
        check = knowledge.checks[name]
        lines.append(f"- {check.title}: {check.outcomes[outcome].label} (`{name}: {outcome}`)")
        lines += [f"    - `{command.command.strip()}`" for command in check.run if "\n" not in command.command.strip()]
    lines += [f"- not run: {knowledge.checks[name].title}" for name in sorted(case.skipped)]
    lines += ["", "## Suspects", ""]
    lines += [
        f"- {_percent(probability)} {knowledge.incidents[name].title} (`{name}`)"
        for name, probability in opinion.belief.ranked(5)
        if probability >= 0.01
    ]
    lines += [f"- {_percent(opinion.belief.none)} none of the known incidents", "", f"Verdict: {opinion.verdict}"]
    return Reply((Heading("Case file"), Code("\n".join(lines), "Markdown to paste into a tracker")))


def why_this_check(knowledge: KnowledgeBase, opinion: Opinion) -> Reply:
    """Explain the open check: what its answers would point at."""
    suggestion = opinion.suggestion
    if suggestion is None or opinion.verdict is not Verdict.UNSURE:
        return _say("No check is open.")
    rows = tuple(
        (suggestion.check.outcomes[outcome].label, _name(knowledge, leader))
        for outcome, leader in suggestion.points_at.items()
    )
    return Reply(
        (
            Paragraph(
                f"Of all the checks, '{suggestion.check.title}' tells the suspects apart best for its cost: it is expected to bring "
                f"{suggestion.gain:.1f} bits and takes about {suggestion.check.cost.minutes:g} min."
            ),
            Table(("If the answer is", "the first suspect is"), rows),
        )
    )


def why_not(knowledge: KnowledgeBase, opinion: Opinion, theory: str) -> Reply:
    """Say what speaks against a theory: the red herrings of the leading suspects that name it, or the numbers."""
    words = {word for word in theory.lower().rstrip("?!. ").split() if len(word) > 2}
    for name, _ in opinion.belief.ranked(SHOWN):
        incident = knowledge.incidents[name]
        for herring in incident.red_herrings:
            if words & set(herring.theory.lower().replace(",", " ").split()):
                check = knowledge.checks[herring.disproved_by]
                return Reply(
                    (
                        Paragraph(
                            f"If it is '{incident.title}', '{herring.theory}' only looks right. {herring.because or ''}".strip()
                        ),
                        Bullets((Item(f"What disproves it: {check.title}. {check.question}"),)),
                    )
                )
    return Reply(
        (Paragraph("That theory is no known red herring of the present suspects."), *_suspects(knowledge, opinion))
    )


def state(knowledge: KnowledgeBase, case: Case, opinion: Opinion) -> dict[str, Any]:
    """Return what is believed of a case as plain data."""
    open_check = opinion.suggestion if opinion.verdict is Verdict.UNSURE else None
    return {
        "verdict": str(opinion.verdict),
        "candidates": [
            {"id": name, "title": knowledge.incidents[name].title, "probability": round(probability, 4)}
            for name, probability in opinion.belief.ranked(10)
        ],
        "next_check": check_data(open_check.check) if open_check else None,
        "findings": dict(case.findings),
    }


def check_data(check: Check) -> dict[str, Any]:
    """Return a check as plain data."""
    return {
        "id": check.id,
        "title": check.title,
        "question": check.question,
        "where": str(check.where),
        "commands": [{"command": run.command.strip(), "on": run.on or _WHERE[check.where]} for run in check.run],
        "read": check.read,
        "minutes": check.cost.minutes,
        "risk": str(check.cost.risk),
        "warning": check.cost.warning,
        "outcomes": [{"id": name, "label": outcome.label} for name, outcome in check.outcomes.items()],
    }


def _understood(knowledge: KnowledgeBase, turn: Turn) -> Iterator[Part]:
    if turn.skipped:
        yield Paragraph(f"Skipped: {knowledge.checks[turn.skipped].title}.")
    if turn.findings:
        items = [
            Item(f"{knowledge.checks[check].title}: {knowledge.checks[check].outcomes[outcome].label}")
            for check, outcome in turn.findings.items()
        ]
        yield Paragraph("I understood (write `undo` if that is wrong):")
        yield Bullets(tuple(items))


def _suspects(knowledge: KnowledgeBase, opinion: Opinion) -> Iterator[Part]:
    ranked = [(name, probability) for name, probability in opinion.belief.ranked(SHOWN) if probability >= 0.03]
    if not ranked:
        yield Paragraph(
            "That could be many things. Tell me more: who is affected, what was going on, what brings it back."
        )
        return
    words = {match.id: match.because for match in opinion.matching.matches}
    yield Paragraph("Most likely now:")
    yield Bullets(
        tuple(
            Item(
                f"{_percent(probability)} {knowledge.incidents[name].title}"
                + (f" (your words: {', '.join(words[name][:4])})" if words.get(name) else "")
            )
            for name, probability in ranked
        )
    )


def _not_this(knowledge: KnowledgeBase, opinion: Opinion) -> Iterator[Part]:
    """Warn of the theory that the first suspect makes tempting."""
    name, probability = opinion.belief.ranked(1)[0]
    herrings = knowledge.incidents[name].red_herrings
    if probability >= 0.3 and herrings:
        yield Paragraph(
            f"If it is the first, mind this red herring: {herrings[0].theory}. {herrings[0].because or ''}".strip()
        )


def _next_step(knowledge: KnowledgeBase, opinion: Opinion) -> Iterator[Part]:
    suggestion: Suggestion | None = opinion.suggestion
    if suggestion is None:
        yield Paragraph(
            "No further check in the casebook tells these apart. Write `summary` for a text to take elsewhere."
        )
        return
    check = suggestion.check
    yield Heading(check.question)
    if check.cost.risk is not Risk.READ_ONLY:
        yield Paragraph(
            f"Careful, this check is {check.cost.risk}: {check.cost.warning or 'capture what you can first.'}"
        )
    for run in check.run:
        yield Code(run.command.strip(), f"Run {run.on or _WHERE[check.where]}")
    known = [f"${name}: {meaning}" for name, meaning in check.placeholders.items()]
    if known:
        yield Bullets(tuple(Item(text) for text in known))
    yield Paragraph(check.read)
    yield _choices(check)


def _choices(check: Check) -> Choices:
    return Choices(check.id, tuple(Choice(name, outcome.label) for name, outcome in check.outcomes.items()))


def _because(opinion: Opinion, name: str, case: Case) -> Iterator[Part]:
    words = next((match.because for match in opinion.matching.matches if match.id == name), ())
    reasons = [f"your words: {', '.join(words[:6])}"] if words else []
    reasons += [f"{check}: {outcome}" for check, outcome in case.findings.items()]
    if reasons:
        yield Paragraph("Why: " + "; ".join(reasons) + ".")


def _herring_items(knowledge: KnowledgeBase, incident: Incident) -> Iterator[Item]:
    for herring in incident.red_herrings:
        check = knowledge.checks[herring.disproved_by]
        yield Item(f"{herring.theory}. {herring.because or ''} (disproved by: {check.title})")


def _remedies(incident: Incident) -> Iterator[Part]:
    for fix in incident.fixes:
        yield Paragraph(_remedy(fix))
        if fix.command:
            yield Code(fix.command.strip())


def _remedy(fix: Fix) -> str:
    text = f"{_KINDS[fix.kind]}: {fix.does}"
    text += f" (since {fix.since})." if fix.since else "."
    text += f" Risk: {fix.risk}." if fix.risk else ""
    text += f" Side effect: {fix.side_effect}." if fix.side_effect else ""
    return text


def _proof(incident: Incident) -> Iterator[Part]:
    if incident.verify:
        yield Paragraph(f"To prove the fix: {incident.verify}")
    reproduce = incident.reproduce
    if reproduce is None:
        return
    if reproduce.command:
        yield Code(reproduce.command.strip(), "Reproduce")
    mean = reproduce.mean_time_to_failure
    if mean is None:
        yield Paragraph(
            "How long it takes to fail is not known: measure it on the broken system, then `blip soak` says how long to soak."
        )
    elif mean:
        yield Paragraph(
            f"An affected system fails after about {format_duration(mean)} under this load. Soak the fix for at least "
            f"{format_duration(soak_time(mean, 0.99))} without a loss to be 99 % sure, {format_duration(soak_time(mean, 0.9999))} for 99.99 %."
        )


def _reference_item(reference: Reference) -> Item:
    name = (
        f"{reference.tracker} {reference.id}"
        if not reference.title
        else f"{reference.title} ({reference.tracker} {reference.id})"
    )
    return Item(f"{reference.relation}: {name}", reference.address)


def _name(knowledge: KnowledgeBase, incident: str) -> str:
    return "nothing in the casebook" if incident == NONE else knowledge.incidents[incident].title


def _percent(probability: float) -> str:
    return "under 1 %" if probability < 0.005 else f"{min(probability, 0.99):.0%}".replace("%", " %")


def _say(text: str) -> Reply:
    return Reply((Paragraph(text),))
