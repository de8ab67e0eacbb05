"""The end of a case: what it is and what to do about it, or honestly that nothing fits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from bot.case import Case
from bot.compose.step import SHOWN, finding, percent
from bot.reply import Bullets, Code, Heading, Item, Paragraph, Part
from kb.duration import format_duration
from kb.load import KnowledgeBase
from kb.model import Certainty, Fix, Incident, RedHerring, Reference
from kb.soak import soak_time

if TYPE_CHECKING:
    from bot.conversation import Opinion

_CERTAINTY: Final = {
    Certainty.CONFIRMED: "The sources confirm this cause.",
    Certainty.LIKELY: "This cause is likely; the sources do not settle it.",
    Certainty.SUSPECTED: "This cause is only suspected.",
    Certainty.UNKNOWN: "The cause was never established.",
}
_KINDS: Final = {"fix": "Fix", "workaround": "Workaround", "cover-up": "Cover-up (it only hides the fault)"}
_RELATIONS: Final = ("root-cause", "fix", "duplicate", "same-symptom", "documentation", "discussion")
_REPORTS: Final = 6
_COLLECT: Final = (
    "the kernel logs of host and guest around the first loss",
    "a capture on the guest's tap and one inside the guest, taken at the same time",
    "ip -s link of the tap twice, ten seconds apart, and bridge link, bridge fdb, bridge vlan",
    "versions of kernel, qemu, libvirt and virtual switch, and the guest's NIC model",
    "what happened in the ten minutes before, and what brings it back",
)


def identified(knowledge: KnowledgeBase, case: Case, opinion: Opinion) -> list[Part]:
    """Say what it is, why, what it is not, what to do, and how to prove that it helped."""
    name, probability = opinion.belief.ranked(1)[0]
    incident = knowledge.incidents[name]
    return [
        Heading(f"{incident.title} ({percent(probability)})"),
        Paragraph(incident.summary),
        *_because(knowledge, case, opinion, name),
        *_remedies(incident),
        *_proof(incident),
        Paragraph(f"Cause: {incident.cause.text} {_CERTAINTY[incident.cause.certainty]}"),
        *_red_herrings(knowledge, incident),
        *_reports(incident),
    ]


def still_identified(knowledge: KnowledgeBase, opinion: Opinion) -> list[Part]:
    """Answer a message to a case that had its verdict already, when the verdict stands."""
    name, probability = opinion.belief.ranked(1)[0]
    text = f"It is still “{knowledge.incidents[name].title}” ({percent(probability)})."
    return [Paragraph(f"{text} `summary` gives the case as text, `undo` takes a message back, `new case` starts over.")]


def nothing_fits(knowledge: KnowledgeBase, case: Case, opinion: Opinion) -> list[Part]:
    """Say honestly that the casebook has nothing, what was ruled out, and what a good bug report needs."""
    if not case.findings:
        text = (
            "What you describe is like none of the network incidents I know. If it is about a virtual machine's "
            "network, tell me more: who is affected, what was going on before, and what brings it back."
        )
        return [Heading("Nothing in the casebook fits."), Paragraph(text)]
    ruled_out = [knowledge.incidents[match.id].title for match in opinion.matching.matches[:SHOWN]]
    return [
        Heading("Nothing in the casebook fits."),
        Paragraph("Your findings speak against what your words suggested:"),
        Bullets(tuple(Item(title) for title in ruled_out)),
        Paragraph("For a bug report, collect:"),
        Bullets(tuple(Item(text) for text in _COLLECT)),
        Paragraph(
            "`summary` gives a text to paste into a tracker. When it is solved, `blip new` makes an entry of it."
        ),
    ]


def _because(knowledge: KnowledgeBase, case: Case, opinion: Opinion, name: str) -> Iterator[Part]:
    words = next((match.because for match in opinion.matching.matches if match.id == name), ())
    reasons = [Item(f"your words: {', '.join(words[:6])}")] if words else []
    reasons += [Item(finding(knowledge, check, outcome)) for check, outcome in case.findings.items()]
    if reasons:
        yield Paragraph("Why:")
        yield Bullets(tuple(reasons))


def _red_herrings(knowledge: KnowledgeBase, incident: Incident) -> Iterator[Part]:
    if incident.red_herrings:
        yield Paragraph("What it is not:")
        yield Bullets(tuple(Item(_red_herring(knowledge, herring)) for herring in incident.red_herrings))


def _red_herring(knowledge: KnowledgeBase, herring: RedHerring) -> str:
    check = knowledge.checks[herring.disproved_by].title
    return f"“{herring.theory}”. {herring.because or ''} (Check: {check})"


def _remedies(incident: Incident) -> Iterator[Part]:
    for fix in incident.fixes:
        yield Paragraph(_remedy(fix))
        if fix.command:
            yield Code(fix.command.strip())


def _remedy(fix: Fix) -> str:
    text = f"{_KINDS[fix.kind]}: {fix.does.rstrip('.')}"
    text += f" (since {fix.since})." if fix.since else "."
    text += f" Risk: {fix.risk.rstrip('.')}." if fix.risk else ""
    text += f" Side effect: {fix.side_effect.rstrip('.')}." if fix.side_effect else ""
    return text


def _proof(incident: Incident) -> Iterator[Part]:
    if incident.verify:
        yield Paragraph(f"To prove the fix: {incident.verify.strip()}")
    reproduce = incident.reproduce
    if reproduce is None:
        return
    if reproduce.command:
        yield Code(reproduce.command.strip(), "Reproduce")
    mean = reproduce.mean_time_to_failure
    if mean is None:
        yield Paragraph(
            "How long it takes to fail is not known. Measure it on the broken system; `blip soak --mttf …` then says "
            "how long the fix must run."
        )
    elif mean:
        yield Paragraph(
            f"An affected system fails after about {format_duration(mean)} under this load. Soak the fix for "
            f"{format_duration(soak_time(mean, 0.99))} without a loss to be 99 % sure, for "
            f"{format_duration(soak_time(mean, 0.9999))} to be 99.99 % sure."
        )


def _reports(incident: Incident) -> Iterator[Part]:
    ranked = sorted(incident.references, key=lambda reference: _RELATIONS.index(reference.relation))
    yield Paragraph("Reports:")
    yield Bullets(tuple(_report(reference) for reference in ranked[:_REPORTS]))
    if len(ranked) > _REPORTS:
        yield Paragraph(f"… and {len(ranked) - _REPORTS} more on the page of {incident.id}.")


def _report(reference: Reference) -> Item:
    identifier = reference.id[:12] if reference.tracker.endswith("-commit") else reference.id
    name = f"{reference.tracker} {identifier}"
    title = f"{reference.title} ({name})" if reference.title else name
    return Item(f"{reference.relation}: {title}", reference.address)
