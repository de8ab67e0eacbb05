"""The page of a check: how to run it, how to read it, and which incidents show what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from docutils import nodes

from kb.model import Check, Frequency, Incident

from .commands import command_blocks, run_here
from .rendering import CasebookDirective, Inline, bullets, definitions, fold, frequency, paragraph, strong

FOLD_AFTER: Final = 12
"""Incidents of one outcome and frequency that are listed openly; longer lists are folded."""


class CheckFacts(CasebookDirective):
    """Draw what a check's front matter says."""

    def run(self) -> list[nodes.Node]:
        """Return the page's parts up to the narrative."""
        check = self.book.knowledge.checks[self.env.docname.rpartition("/")[2]]
        self.depends_on(f"checks/{check.id}")
        parts: list[nodes.Node] = [
            self.paragraph(check.question, "lead"),
            paragraph(*run_here(check), classes=["check-title"]),
        ]
        if check.run:
            parts.append(self.section("Run it", *command_blocks(self, check)))
        parts.append(self.section("Read it", self.paragraph(check.read), self._outcomes(check)))
        parts.append(self.section("Who shows what", *self._incidents(check)))
        return parts

    def _outcomes(self, check: Check) -> nodes.Node:
        rows: list[tuple[str, list[Inline]]] = []
        for name, outcome in check.outcomes.items():
            normal = [" Healthy systems show this."] if name == check.normal else []
            rows.append((outcome.label, [*self.prose(outcome.means), *normal, " ", nodes.literal(name, name)]))
        return definitions(rows, "outcomes")

    def _incidents(self, check: Check) -> Iterator[nodes.Node]:
        incidents = [incident for incident in self.book.knowledge.incidents.values() if check.id in incident.expect]
        if not incidents:
            yield paragraph("No incident expects anything of this check yet.")
        for name, outcome in check.outcomes.items():
            lines = list(self._by_frequency(check, name, incidents))
            if lines:
                yield paragraph(strong(outcome.label), classes=["outcome"])
                yield from lines

    def _by_frequency(self, check: Check, outcome: str, incidents: list[Incident]) -> Iterator[nodes.Node]:
        for often in Frequency:
            shown = [incident for incident in incidents if incident.expect[check.id].get(outcome) is often]
            if len(shown) > FOLD_AFTER:
                yield fold(
                    f"{often.value.capitalize()}: {len(shown)} incidents",
                    bullets([self.link(incident.id)] for incident in shown),
                )
            elif shown:
                line: list[Inline] = [frequency(often), " "]
                for index, incident in enumerate(shown):
                    line += [" · " if index else "", self.link(incident.id)]
                yield paragraph(*line, classes=["shown-by"])
