"""Ways into the casebook: by family, by symptom, by tracker, and its checks by where they are run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from docutils import nodes

from kb.model import Incident, Reference, Status, Vantage
from kb.trackers import TRACKERS

from .commands import run_here
from .references import reference_label
from .rendering import VANTAGE, CasebookDirective, Inline, badge, bullets, paragraph


class ByFamily(CasebookDirective):
    """List the incidents under the families of look-alikes that they belong to first."""

    def run(self) -> list[nodes.Node]:
        """Return a section for each family."""
        self.depends_on("all")
        knowledge = self.book.knowledge
        sections = []
        for family in sorted(knowledge.families.values(), key=lambda family: family.title):
            members = [incident for incident in knowledge.incidents.values() if incident.family == family.id]
            others = [incident for incident in knowledge.members(family.id) if incident.family != family.id]
            content: list[nodes.Node] = [paragraph(family.summary, " ", self.link(family.id, "Tell them apart"), ".")]
            content.append(bullets((list(_entry(self, incident)) for incident in members), "entries"))
            if others:
                content.append(paragraph("Also taken for one of these: ", *_joined(self, others), classes=["also"]))
            sections.append(self.section(family.title, *content))
        return list(sections)


class BySymptom(CasebookDirective):
    """List what operators see, grouped by where they stand, each with the incidents that show it."""

    def run(self) -> list[nodes.Node]:
        """Return a section for each vantage point."""
        self.depends_on("all")
        seen: dict[Vantage, list[tuple[str, Incident]]] = defaultdict(list)
        for incident in self.book.knowledge.active:
            for symptom in incident.symptoms:
                seen[symptom.from_].append((symptom.sees, incident))
        return [
            self.section(
                f"Seen {place}",
                bullets(
                    (
                        [*self.prose(sees), " ", self.link(incident.id)]
                        for sees, incident in sorted(seen[vantage], key=lambda pair: pair[0])
                    ),
                    "symptoms",
                ),
            )
            for vantage, place in VANTAGE.items()
            if seen[vantage]
        ]


class ByTracker(CasebookDirective):
    """List every reference under its tracker, with the incidents that it belongs to."""

    def run(self) -> list[nodes.Node]:
        """Return a section for each tracker."""
        self.depends_on("all")
        found: dict[str, dict[str, tuple[Reference, list[Incident]]]] = defaultdict(dict)
        for incident in self.book.knowledge.incidents.values():
            for reference in incident.references:
                found[reference.tracker].setdefault(reference.id, (reference, []))[1].append(incident)
        return [
            self.section(
                f"{tracker.label[0].upper()}{tracker.label[1:]}s",
                bullets(
                    (list(self._line(*found[name][key])) for key in sorted(found[name], key=_number)), "references"
                ),
            )
            for name, tracker in TRACKERS.items()
            if name in found
        ]

    def _line(self, reference: Reference, incidents: list[Incident]) -> Iterator[Inline]:
        label = reference_label(reference)
        if reference.address:
            yield nodes.reference("", "", nodes.Text(label), refuri=reference.address, internal=False)
        else:
            yield label
        yield ": "
        yield from _joined(self, incidents)


class ChecksByVantage(CasebookDirective):
    """List the checks under the places where they are run, the quickest first."""

    def run(self) -> list[nodes.Node]:
        """Return a section for each vantage point."""
        self.depends_on("all")
        checks = self.book.knowledge.checks.values()
        sections = []
        for vantage, place in VANTAGE.items():
            here = sorted(
                (check for check in checks if check.where is vantage),
                key=lambda check: (check.cost.minutes, check.title),
            )
            if here:
                lines = (
                    [self.link(check.id), " ", *list(run_here(check))[2:], paragraph(check.question)] for check in here
                )
                sections.append(
                    self.section(
                        f"Run {place}" if vantage is not Vantage.OPERATOR else "Answered from memory",
                        bullets(lines, "entries"),
                    )
                )
        return list(sections)


def _entry(page: CasebookDirective, incident: Incident) -> Iterator[Inline]:
    yield page.link(incident.id)
    if incident.status is not Status.CONFIRMED:
        yield from (" ", badge(incident.status.value, f"status-{incident.status.value}"))
    yield paragraph(incident.summary)


def _joined(page: CasebookDirective, incidents: list[Incident]) -> Iterator[Inline]:
    for index, incident in enumerate({incident.id: incident for incident in incidents}.values()):
        yield from (" · " if index else "", page.link(incident.id))


def _number(identifier: str) -> tuple[int, str]:
    """Sort numbers by their size and everything else by its letters."""
    return (int(identifier), "") if identifier.isdecimal() else (0, identifier)
