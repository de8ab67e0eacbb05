"""The decision tree of a family: what Blip would ask of somebody who is sure of the family and of nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Final

from docutils import nodes

from kb.diagnose import NONE, Belief, Differential, Verdict, with_implied
from kb.load import KnowledgeBase
from kb.model import Check

from .commands import run_here
from .rendering import CasebookDirective, Inline, badge, paragraph, strong

MAX_DEPTH: Final = 6
"""Checks in a row; nobody goes further by a diagram."""
RARE: Final = 0.02
"""Branches that fewer operators than this share of all would take are not drawn."""
LIKELY: Final = 0.2
"""A suspect counts when it is at least this share of the leading one's probability."""
MAX_SUSPECTS: Final = 4
"""Suspects named at a leaf."""
OUTSIDE: Final = 0.02
"""The probability at the root that it is none of the family."""


class FamilyTree(CasebookDirective):
    """Draw the tree by asking the same engine as the bot, outcome by outcome."""

    def run(self) -> list[nodes.Node]:
        """Return the tree as nested lists, which a style sheet draws with branches."""
        if len(self._members) < 2:
            return [paragraph("With one member there is nothing to ask.")]
        intro = (
            "The order in which Blip would ask somebody of whom it knows no more than that it is one of these. A real "
            "description says more, and shortens the way. Answers that hardly anybody would give are left out."
        )
        return [paragraph(intro), self._branch({}, 1.0)]

    @cached_property
    def _members(self) -> dict[str, float]:
        members = self.book.knowledge.members(self.env.docname.rpartition("/")[2])
        return {member.id: (1 - OUTSIDE) / len(members) for member in members}

    @cached_property
    def _differential(self) -> Differential:
        """The engine over this family alone, so that the page depends on nothing else."""
        knowledge = self.book.knowledge
        incidents = {name: knowledge.incidents[name] for name in self._members}
        stated = {name for incident in incidents.values() for name in incident.expect}
        checks = {name: check for name, check in knowledge.checks.items() if name in stated}
        return Differential(KnowledgeBase(incidents, checks, knowledge.families, {}))

    def _belief(self, findings: Mapping[str, str]) -> Belief:
        return self._differential.weigh({**self._members, NONE: OUTSIDE}, findings)

    def _branch(self, findings: Mapping[str, str], reach: float) -> nodes.bullet_list:
        """Draw what comes after some findings: a check with its outcomes, or the suspects that are left.

        Args:
            findings: the outcomes on the way here.
            reach: the share of operators who are expected to come here.
        """
        belief = self._belief(findings)
        suggestion = None
        if belief.verdict is not Verdict.IDENTIFIED and len(findings) < MAX_DEPTH:
            suggestion = self._differential.next_check(belief, with_implied(self.book.knowledge, findings).keys())
        answers = self._answers(suggestion.check, belief, findings, reach) if suggestion else []
        # A question with one answer left would ask for what is as good as known.
        if suggestion is None or len(answers) < 2:
            leaf = nodes.list_item("", paragraph(*self._leaf(belief)), classes=["leaf"])
            return nodes.bullet_list("", leaf, classes=["tree"])
        check = suggestion.check
        question = paragraph(self.link(check.id, check.question), " ", *run_here(check))
        below = nodes.bullet_list("", *answers, classes=["tree"])
        return nodes.bullet_list("", nodes.list_item("", question, below, classes=["asked"]), classes=["tree"])

    def _answers(
        self, check: Check, belief: Belief, findings: Mapping[str, str], reach: float
    ) -> list[nodes.list_item]:
        """Draw the outcomes of a check that enough operators would give, each with what comes after it."""
        items = []
        for outcome, meaning in check.outcomes.items():
            share = reach * self._share(check, outcome, belief)
            if share >= RARE:
                answer = paragraph(strong(meaning.label.rstrip(".")))
                below = self._branch({**findings, check.id: outcome}, share)
                items.append(nodes.list_item("", answer, below, classes=["answer"]))
        return items

    def _share(self, check: Check, outcome: str, belief: Belief) -> float:
        """Return how many of those who come this far are expected to give an answer."""
        pairs = zip(belief.ids, belief.probabilities, strict=True)
        return sum(float(share) * self._differential.likelihood(name, check.id, outcome) for name, share in pairs)

    def _leaf(self, belief: Belief) -> list[Inline]:
        line: list[Inline] = []
        for name, share in _suspects(belief)[:MAX_SUSPECTS]:
            line += [" or " if line else "", self.link(name), " ", badge(f"{share:.0%}".replace("%", " %"), "share")]
        return line


def _suspects(belief: Belief) -> list[tuple[str, float]]:
    """Return the incidents that are still worth naming, the most probable first."""
    ranked = belief.ranked(len(belief.ids))
    return [(name, share) for name, share in ranked if share >= LIKELY * ranked[0][1]]
