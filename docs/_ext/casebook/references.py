"""The end of an incident's page: what it rests on, and what it is taken for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from docutils import nodes

from kb.model import Reference
from kb.trackers import TRACKERS

from .rendering import CasebookDirective, Inline, badge, bullets, paragraph, strong

RELATIONS = {
    "root-cause": "Root cause",
    "fix": "Fix",
    "duplicate": "Same fault",
    "same-symptom": "Same symptom",
    "documentation": "Documentation",
    "discussion": "Discussion",
}


class IncidentReferences(CasebookDirective):
    """List the references of an incident, the root cause and the fix first."""

    def run(self) -> list[nodes.Node]:
        """Return one list for each relation."""
        incident = self.book.knowledge.incidents[self.env.docname.rpartition("/")[2]]
        order = list(RELATIONS)
        references = sorted(incident.references, key=lambda reference: order.index(reference.relation))
        parts: list[nodes.Node] = []
        for relation, group in groupby(references, key=lambda reference: reference.relation):
            parts.append(paragraph(strong(RELATIONS[relation])))
            parts.append(bullets((list(self._reference(reference)) for reference in group), "references"))
        return parts

    def _reference(self, reference: Reference) -> Iterator[Inline]:
        label = reference_label(reference)
        if reference.address:
            yield nodes.reference("", "", nodes.Text(label), refuri=reference.address, internal=False)
        else:
            yield label
        if reference.title:
            yield f": {reference.title}"
        how = "read" if reference.read else "cited"
        yield from (" ", badge(how, how))
        if reference.note:
            yield " "
            yield from self.prose(reference.note)


class ConfusableIncidents(CasebookDirective):
    """List the incidents that an operator may take for this one, by family."""

    def run(self) -> list[nodes.Node]:
        """Return a line for each family."""
        incident = self.book.knowledge.incidents[self.env.docname.rpartition("/")[2]]
        items: list[list[Inline]] = []
        for family in incident.families:
            line: list[Inline] = [self.link(family), ": "]
            rivals = [rival for rival in self.book.knowledge.members(family) if rival.id != incident.id]
            for index, rival in enumerate(rivals):
                line += [" · " if index else "", self.link(rival.id)]
            items.append(line if len(line) > 2 else [self.link(family), ": none yet"])
        return [bullets(items, "confusable")]


def reference_label(reference: Reference) -> str:
    """Name a reference as its tracker does; a commit's hash is cut as git cuts it."""
    tracker = TRACKERS[reference.tracker]
    identifier = reference.id[:12] if reference.tracker.endswith("commit") else reference.id
    label = f"{tracker.label} {identifier}" if tracker.address or reference.tracker == "github-issue" else identifier
    return f"{label} ({reference.package})" if reference.package else label
