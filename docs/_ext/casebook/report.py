"""The casebook in numbers: what it covers, what parts its incidents, and what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Final

from docutils import nodes

from kb.model import Certainty, Incident, Status
from kb.trackers import TRACKERS

from .rendering import CasebookDirective, Row, paragraph, table
from .separation import NOTICEABLE

CLEARLY: Final = 0.4
"""Bits of divergence from which a check alone all but decides between two incidents."""


class CasebookReport(CasebookDirective):
    """Report on the casebook, from its entries alone."""

    def run(self) -> list[nodes.Node]:
        """Return a section for each question."""
        self.depends_on("all")
        knowledge = self.book.knowledge
        incidents = list(knowledge.incidents.values())
        drafts = sum(incident.status is Status.DRAFT for incident in incidents)
        references = sum(len(incident.references) for incident in incidents)
        phrasings = sum(len(symptom.phrasings) for incident in incidents for symptom in incident.symptoms)
        overview = paragraph(
            f"{len(incidents)} incidents ({drafts} of them drafts), {len(knowledge.checks)} checks, "
            f"{len(knowledge.families)} families, {references} references, {phrasings} phrasings."
        )
        return [
            overview,
            self.section("Incidents by family", self._families()),
            self.section("Checks by the look-alikes they part", *self._checks()),
            self.section("Certainty of causes", self._certainty(incidents)),
            self.section("References read and cited", self._references(incidents)),
        ]

    def _families(self) -> nodes.table:
        knowledge = self.book.knowledge
        rows: list[Row] = []
        for family in sorted(knowledge.families.values(), key=lambda family: family.title):
            members = knowledge.members(family.id)
            first = sum(member.family == family.id for member in members)
            rows.append([[self.link(family.id)], [str(first)], [str(len(members) - first)]])
        return table(("Family", "Incidents", "Also in it"), rows, "numbers")

    def _checks(self) -> Sequence[nodes.Node]:
        """Count, for each check, the pairs of look-alikes that it parts at all, and those that it all but decides."""
        knowledge, separation = self.book.knowledge, self.book.separation
        parted, decided = Counter[str](), Counter[str]()
        pairs = {
            tuple(sorted((one.id, other.id)))
            for family in knowledge.families
            for one, other in combinations(knowledge.members(family), 2)
        }
        for one_id, other_id in pairs:
            one, other = knowledge.incidents[one_id], knowledge.incidents[other_id]
            for name in one.expect.keys() | other.expect.keys():
                bits = separation.bits(name, one, other)
                parted[name] += bits >= NOTICEABLE
                decided[name] += bits >= CLEARLY
        stated = Counter(name for incident in knowledge.active for name in incident.expect)
        order = sorted(knowledge.checks, key=lambda name: (-decided[name], -parted[name], name))
        rows: list[Row] = [
            [[self.link(name)], [str(stated[name])], [str(parted[name])], [str(decided[name])]] for name in order
        ]
        text = (
            f"There are {len(pairs)} pairs of incidents that share a family. A check parts a pair when its answer is "
            "expected to tell something about which of the two it is, and decides it when it all but names one."
        )
        return [paragraph(text), table(("Check", "Stated by", "Pairs parted", "Pairs decided"), rows, "numbers")]

    def _certainty(self, incidents: Sequence[Incident]) -> nodes.table:
        counted = Counter(incident.cause.certainty for incident in incidents)
        return table(
            ("Certainty", "Incidents"), [[[value.value], [str(counted[value])]] for value in Certainty], "numbers"
        )

    def _references(self, incidents: Sequence[Incident]) -> nodes.table:
        counted = Counter(
            (reference.tracker, reference.read) for incident in incidents for reference in incident.references
        )
        rows: list[Row] = [
            [
                [f"{tracker.label[0].upper()}{tracker.label[1:]}s"],
                [str(counted[name, True])],
                [str(counted[name, False])],
            ]
            for name, tracker in TRACKERS.items()
            if counted[name, True] or counted[name, False]
        ]
        total: Row = [
            ["All"],
            [str(sum(counted[name, True] for name in TRACKERS))],
            [str(sum(counted[name, False] for name in TRACKERS))],
        ]
        return table(("Tracker", "Read", "Cited"), [*rows, total], "numbers")
