"""The page of an incident: its facts before the narrative, its references after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from docutils import nodes

from kb.duration import format_duration
from kb.model import Affects, Certainty, Check, Fix, Frequency, Incident, Reproduction, Status, Symptom
from kb.soak import soak_time

from .commands import command_blocks, run_here
from .rendering import (
    VANTAGE,
    CasebookDirective,
    Inline,
    Row,
    badge,
    bullets,
    code,
    definitions,
    fold,
    frequency,
    paragraph,
    strong,
    table,
)
from .separation import Split

MAX_RIVALS: Final = 10
"""Rows of "tell it apart": beyond these, the family's page is the better place to look."""
MAX_CARDS: Final = 6
"""Checks shown in full, beside those that disprove a red herring; the others get one line each."""
OPENED: Final = 3
"""Checks whose commands are shown without a click."""

CERTAINTY = {
    Certainty.CONFIRMED: "The sources state it and say how they know.",
    Certainty.LIKELY: "The sources support it, and something is left that nobody proved.",
    Certainty.SUSPECTED: "A theory that fits what was seen.",
    Certainty.UNKNOWN: "Nobody has found it.",
}


class IncidentFacts(CasebookDirective):
    """Draw what an incident's front matter says, in the order in which an operator needs it."""

    def run(self) -> list[nodes.Node]:
        """Return the page's parts up to the narrative."""
        incident = self.book.knowledge.incidents[self.env.docname.rpartition("/")[2]]
        self.depends_on(f"incidents/{incident.id}")
        splits = [self.book.separation.split(incident, rival) for rival in self.book.separation.rivals(incident)]
        parts = [*self._standing(incident), self.paragraph(incident.summary, "lead"), self._at_a_glance(incident)]
        parts.append(
            self.section("How it shows", *(part for symptom in incident.symptoms for part in self._symptom(symptom)))
        )
        if splits:
            parts.append(self.section("Tell it apart", *self._tell_apart(incident, splits)))
        if incident.red_herrings:
            parts.append(self.section("Red herrings", self._red_herrings(incident)))
        if incident.expect:
            parts.append(self.section("Checks", *self._checks(incident, splits)))
        if incident.signals:
            parts.append(self.section("Telling lines", *self._signals(incident)))
        parts.append(self.section("Cause", self.paragraph(incident.cause.text), self._certainty(incident)))
        if incident.fixes:
            parts.append(self.section("Fixes and workarounds", *(self._fix(fix) for fix in incident.fixes)))
        proof = [
            *self._reproduction(incident.reproduce),
            *([self.paragraph(incident.verify)] if incident.verify else []),
        ]
        if proof:
            parts.append(self.section("Prove the fix", *proof))
        return parts

    def _standing(self, incident: Incident) -> Iterator[nodes.Node]:
        if incident.status is Status.DRAFT:
            text = "Draft: its sources leave open points. Trust the checks more than the conclusion."
            yield nodes.note("", paragraph(text))
        elif incident.status is Status.WITHDRAWN:
            yield nodes.warning("", paragraph(strong("Withdrawn. "), *self.prose(incident.withdrawn_because or "")))

    def _at_a_glance(self, incident: Incident) -> nodes.Node:
        families: list[Inline] = []
        for name in incident.families:
            families += [", " if families else "", self.link(name)]
        rows: list[tuple[str, Sequence[Inline]]] = [("Looks like", families)]
        if incident.affects:
            rows.append(("Affects", [bullets(_affects(item) for item in incident.affects)]))
        rows.append(("Cause", [badge(incident.cause.certainty.value, f"certainty-{incident.cause.certainty.value}")]))
        reviewed = f"{incident.reviewed.day} {incident.reviewed:%B %Y}"
        rows.append(
            (
                "Entry",
                [
                    badge(incident.status.value, f"status-{incident.status.value}"),
                    f" read against its sources on {reviewed}",
                ],
            )
        )
        return definitions(rows, "glance")

    def _symptom(self, symptom: Symptom) -> Iterator[nodes.Node]:
        seen_from = badge(VANTAGE[symptom.from_], "vantage")
        said = bullets(([f"“{phrasing}”"] for phrasing in symptom.phrasings), "phrasings")
        words = [fold("In people's words", said)] if symptom.phrasings else []
        yield nodes.container("", paragraph(*self.prose(symptom.sees), " ", seen_from), *words, classes=["symptom"])

    def _tell_apart(self, incident: Incident, splits: Sequence[Split]) -> Iterator[nodes.Node]:
        # The hardest to tell apart come first: they are the ones that somebody takes for this incident.
        nearest = sorted(splits, key=lambda split: (split.bits, split.rival.id))[:MAX_RIVALS]
        yield paragraph("Its look-alikes, the closest first, and for each the cheapest check that parts the two.")
        rows: list[Row] = [
            [
                [self.link(split.rival.id)],
                [self.link(split.check.id) if split.check else "No check parts them; read both entries."],
                list(self._expected(incident, split.check)),
                list(self._expected(split.rival, split.check)),
            ]
            for split in nearest
        ]
        yield table(("Look-alike", "Check", "Here", "There"), rows, "tell-apart")
        if len(splits) > len(nearest):
            yield paragraph("The rest of its look-alikes are on the page of ", self.link(incident.family), ".")

    def _expected(self, incident: Incident, check: Check | None) -> Iterator[Inline]:
        """Say what an incident usually shows in a check, or what it hardly ever does when nothing is usual."""
        stated = incident.expect.get(check.id, {}) if check else {}
        shown = [name for name, often in stated.items() if often in (Frequency.ALWAYS, Frequency.USUALLY)]
        shown = shown or [name for name, often in stated.items() if often is Frequency.SOMETIMES]
        shown = shown or [name for name, often in stated.items() if often in (Frequency.RARELY, Frequency.NEVER)]
        if not shown or check is None:
            normal = check.outcomes[check.normal].label.rstrip(".") if check and check.normal else ""
            yield from (badge("normal"), f" {normal}") if normal else ("not said",)
            return
        for index, name in enumerate(shown):
            yield from ("; " if index else "", frequency(stated[name]), f" {check.outcomes[name].label.rstrip('.')}")

    def _red_herrings(self, incident: Incident) -> nodes.Node:
        items: list[list[Inline]] = [
            [
                strong(herring.theory.rstrip(".") + "."),
                " ",
                *(self.prose(herring.because) if herring.because else []),
                " Disproved by ",
                self.link(herring.disproved_by),
                ".",
            ]
            for herring in incident.red_herrings
        ]
        return bullets(items, "red-herrings")

    def _checks(self, incident: Incident, splits: Sequence[Split]) -> Iterator[nodes.Node]:
        parting = Counter(split.check.id for split in splits if split.check and split.check.id in incident.expect)
        disproving = [
            herring.disproved_by for herring in incident.red_herrings if herring.disproved_by in incident.expect
        ]
        telling = list(dict.fromkeys([*(name for name, _ in parting.most_common(MAX_CARDS)), *disproving]))
        telling = telling or list(incident.expect)[:MAX_CARDS]
        yield paragraph("What this incident shows in each check, those that part it from the most look-alikes first.")
        runnable = [name for name in telling if self.book.knowledge.checks[name].run]
        for name in telling:
            yield self._card(incident, self.book.knowledge.checks[name], opened=name in runnable[:OPENED])
        rest = [self.book.knowledge.checks[name] for name in incident.expect if name not in telling]
        if rest:
            rows: list[Row] = [[[self.link(check.id)], list(self._expected(incident, check))] for check in rest]
            yield table(("Other checks", "Here"), rows, "other-checks")

    def _card(self, incident: Incident, check: Check, *, opened: bool) -> nodes.Node:
        stated = [
            (often, check.outcomes[outcome].label.rstrip(".")) for outcome, often in incident.expect[check.id].items()
        ]
        ordered = sorted(stated, key=lambda pair: list(Frequency).index(pair[0]))
        title = paragraph(nodes.strong("", "", self.link(check.id)), " ", *run_here(check), classes=["check-title"])
        expected = bullets(([frequency(often), f" {label}"] for often, label in ordered), "expected")
        commands = [fold("Commands", *command_blocks(self, check), opened=opened)] if check.run else []
        return nodes.container("", title, self.paragraph(check.question), expected, *commands, classes=["check"])

    def _signals(self, incident: Incident) -> Iterator[nodes.Node]:
        yield paragraph("Lines in a log or a command's output that nearly prove it.")
        for signal in incident.signals:
            pattern = nodes.literal(signal.pattern, signal.pattern)
            yield nodes.container(
                "",
                self.paragraph(signal.means),
                code(signal.example, "text"),
                paragraph("Pattern: ", pattern, classes=["pattern"]),
            )

    def _certainty(self, incident: Incident) -> nodes.Node:
        value = incident.cause.certainty
        return paragraph(badge(value.value, f"certainty-{value.value}"), f" {CERTAINTY[value]}")

    def _fix(self, fix: Fix) -> nodes.Node:
        first = paragraph(badge(fix.kind, f"kind-{fix.kind}"), " ", *self.prose(fix.does))
        facts = [
            (name, self.prose(text))
            for name, text in (("Since", fix.since), ("Risk", fix.risk), ("Side effect", fix.side_effect))
            if text
        ]
        command = [code(fix.command)] if fix.command else []
        return nodes.container("", first, *command, *([definitions(facts, "price")] if facts else []), classes=["fix"])

    def _reproduction(self, recipe: Reproduction | None) -> Iterator[nodes.Node]:
        if recipe is None:
            return
        if recipe.needs:
            yield paragraph(strong("To reproduce it: "), *self.prose(recipe.needs))
        if recipe.steps:
            yield nodes.enumerated_list("", *(nodes.list_item("", self.paragraph(step)) for step in recipe.steps))
        if recipe.command:
            yield code(recipe.command)
        mean = recipe.mean_time_to_failure
        if mean is None:
            yield paragraph(
                "The mean time to failure is not known. Measure it first: a soak is only as good as that number."
            )
        elif mean == timedelta(0):
            yield paragraph("It fails at once, so one good run after the fix is proof.")
        else:
            yield from _soak(mean)


def _affects(item: Affects) -> list[Inline]:
    bounds = [
        f"{word} {version}"
        for word, version in (("from", item.introduced), ("up to", item.last_affected), ("fixed in", item.fixed))
        if version
    ]
    text = ", ".join(part for part in (item.versions, "; ".join(bounds), item.on) if part)
    return [strong(item.component), f" {text}" if text else ""]


def _soak(mean: timedelta) -> Iterator[nodes.Node]:
    yield paragraph(
        f"An affected system lasts {format_duration(mean)} on average. A broken build survives a run of length ",
        nodes.emphasis("t", "t"),
        " with probability exp(−",
        nodes.emphasis("t", "t"),
        "/mean), so a clean run counts when it is at least this long:",
    )
    rows: list[Row] = [
        [[f"{confidence:.4g} %"], [format_duration(soak_time(mean, confidence / 100))]] for confidence in (95, 99, 99.9)
    ]
    yield table(("Confidence", "Clean run"), rows, "soak")
