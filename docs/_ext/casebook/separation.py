"""How well a check tells two incidents apart, and which one tells them apart best for its cost."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.diagnose import cost, likelihoods
from kb.load import KnowledgeBase
from kb.model import Check, Incident

NOTICEABLE: Final = 0.05
"""Bits of divergence below which a check does not tell two incidents apart."""


class Split(NamedTuple):
    """An incident's look-alike, and the check that parts the two best."""

    rival: Incident
    check: Check | None
    """None when no check tells them apart."""
    bits: float


class Separation:
    """Divergences between the outcomes that incidents lead one to expect."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.knowledge = knowledge
        self._costs = {check.id: cost(check) for check in knowledge.checks.values()}
        self._likelihoods: dict[tuple[str, str], NDArray[np.float64]] = {}

    def rivals(self, incident: Incident) -> list[Incident]:
        """Return the incidents that share a family with one, those of its first family first."""
        members = [rival for family in incident.families for rival in self.knowledge.members(family)]
        return list({rival.id: rival for rival in members if rival.id != incident.id}.values())

    def split(self, incident: Incident, rival: Incident) -> Split:
        """Return the check with the largest divergence between two incidents for its cost."""
        best, worth, found = None, 0.0, 0.0
        for name in incident.expect.keys() | rival.expect.keys():
            bits = self.bits(name, incident, rival)
            # Ties go to the name, so that every build says the same.
            if bits >= NOTICEABLE and (bits / self._costs[name], name) > (worth, best or ""):
                best, worth, found = name, bits / self._costs[name], bits
        return Split(rival, self.knowledge.checks[best] if best else None, found)

    def bits(self, check: str, one: Incident, other: Incident) -> float:
        """Return the Jensen-Shannon divergence, in bits, between two incidents' outcomes of a check.

        It is what the check's answer is expected to tell when the two are equally probable (Lin, "Divergence measures
        based on the Shannon entropy", IEEE Transactions on Information Theory 37, 1991).
        """
        p, q = self._expected(check, one), self._expected(check, other)
        middle = (p + q) / 2
        return float((p * np.log2(p / middle) + q * np.log2(q / middle)).sum() / 2)

    def _expected(self, check: str, incident: Incident) -> NDArray[np.float64]:
        key = check, incident.id
        if key not in self._likelihoods:
            self._likelihoods[key] = likelihoods(self.knowledge.checks[check], incident)
        return self._likelihoods[key]
