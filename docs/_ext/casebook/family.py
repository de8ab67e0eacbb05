"""The page of a family: its members, the checks that split it, and all of them in one matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from docutils import nodes

from kb.model import Check, Family, Frequency, Incident

from .commands import run_here
from .rendering import CasebookDirective, Inline, Row, bullets, frequency, paragraph, table

MAX_CHECKS: Final = 6
"""Columns of the matrix."""


class FamilyFacts(CasebookDirective):
    """Draw a group of look-alikes from its members."""

    def run(self) -> list[nodes.Node]:
        """Return the page's parts up to the narrative."""
        family = self.book.knowledge.families[self.env.docname.rpartition("/")[2]]
        self.depends_on(f"families/{family.id}")
        return [self.paragraph(family.summary, "lead")]


class FamilyMembers(CasebookDirective):
    """List a family's members and how they are told apart."""

    def run(self) -> list[nodes.Node]:
        """Return the page's parts after the narrative."""
        family = self.book.knowledge.families[self.env.docname.rpartition("/")[2]]
        members = self.book.knowledge.members(family.id)
        if not members:
            return [paragraph("The casebook has no incident of this kind yet.")]
        return [bullets(([self.link(member.id), paragraph(member.summary)] for member in members), "entries")]


class FamilyMatrix(CasebookDirective):
    """Draw a family's members against the checks that split it best."""

    def run(self) -> list[nodes.Node]:
        """Return the checks, then the matrix."""
        family = self.book.knowledge.families[self.env.docname.rpartition("/")[2]]
        members = self.book.knowledge.members(family.id)
        checks = self._splitting(family, members)
        if len(members) < 2 or not checks:
            return [paragraph("With one member there is nothing to split.")]
        listed = bullets(
            ([self.link(check.id), " ", *run_here(check), f" {check.question}"] for check in checks), "entries"
        )
        rows: list[Row] = [
            [[self.link(member.id)], *(list(self._cell(member, check)) for check in checks)] for member in members
        ]
        return [listed, table(("Incident", *(check.title for check in checks)), rows, "matrix")]

    def _splitting(self, family: Family, members: Sequence[Incident]) -> list[Check]:
        """Return the checks that the family names, then those that part most of its pairs."""
        wins = Counter[str]()
        for one, other in combinations(members, 2):
            best = self.book.separation.split(one, other).check
            wins[best.id if best else ""] += 1
        ranked = sorted((name for name in wins if name), key=lambda name: (-wins[name], name))
        names = list(dict.fromkeys([*family.split_by, *ranked]))[:MAX_CHECKS]
        return [self.book.knowledge.checks[name] for name in names]

    def _cell(self, member: Incident, check: Check) -> Iterator[Inline]:
        stated = member.expect.get(check.id, {})
        for wanted in (
            (Frequency.ALWAYS, Frequency.USUALLY),
            (Frequency.SOMETIMES,),
            (Frequency.RARELY, Frequency.NEVER),
        ):
            shown = [name for name, often in stated.items() if often in wanted]
            if shown:
                for index, name in enumerate(shown):
                    yield from (" " if index else "", frequency(stated[name]), f" {name.replace('-', ' ')}")
                return
        yield "—"
