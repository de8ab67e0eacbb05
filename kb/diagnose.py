"""Candidates and findings -> belief, the next best check, or a verdict.

This is decision-theoretic troubleshooting with a single fault (Heckerman, Breese and Rommelse, "Decision-theoretic
troubleshooting", Communications of the ACM 38(3), 1995; Jensen et al., "The SACSO methodology for troubleshooting
complex systems", AI EDAM 15, 2001): a prior over incidents, a likelihood for each outcome of each check, Bayes' rule
for what was found, and the check with the largest expected gain of information for its cost as the next one to ask.

Everything is pure: values in, values out. Probabilities are kept as logarithms until they are shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.load import KnowledgeBase
from kb.model import Check, Frequency, Incident, Risk

NONE: Final = "none-of-these"
"""Stands for every fault that the casebook does not have."""

LIKELIHOOD: Final[Mapping[Frequency, float]] = {
    Frequency.ALWAYS: 0.97,
    Frequency.USUALLY: 0.80,
    Frequency.SOMETIMES: 0.35,
    Frequency.RARELY: 0.07,
    Frequency.NEVER: 0.005,
}
"""How probable an outcome is for an incident that shows it this often."""

UNLISTED_SHARE: Final = 0.03
"""What an outcome gets at least that an incident does not mention, because authors forget."""

NORMAL: Final = 0.9
"""How probable the normal outcome of a check is for an incident that does not mention the check."""

MISTAKES: Final = 0.05
"""The share of findings that are taken to be mistaken: misread, mistyped, looked up on the wrong host."""

HEARD: Final = 0.3
"""The weight of a finding that was only heard in the description: the words that said it have been counted before."""

IDENTIFIED_AT: Final = 0.93
"""The posterior at which an incident counts as identified …"""
IDENTIFIED_MARGIN: Final = 12.0
"""… when it is also this many times as probable as the next one."""
UNKNOWN_AT: Final = 0.80
"""The posterior of none-of-these at which the bot says that nothing fits."""

MIN_GAIN: Final = 0.01
"""Bits below which a check is not worth an operator's time."""
_RISK_FACTOR: Final = {Risk.READ_ONLY: 1.0, Risk.RISKY: 2.5, Risk.DISRUPTIVE: 6.0}
_CONSIDERED: Final = 48

_Floats = NDArray[np.float64]


class Verdict(StrEnum):
    """What the bot concludes."""

    IDENTIFIED = "identified"
    UNSURE = "unsure"
    UNKNOWN = "unknown"


class Suggestion(NamedTuple):
    """The next best check, and why it is."""

    check: Check
    gain: float
    """Bits that its answer is expected to bring."""
    points_at: Mapping[str, str]
    """For each outcome, the incident (or NONE) that would lead after it."""


@dataclass(frozen=True)
class Belief:
    """How probable each incident is, and none of them; the probabilities sum to one."""

    ids: tuple[str, ...]
    probabilities: _Floats

    def __getitem__(self, name: str) -> float:
        return float(self.probabilities[self.ids.index(name)])

    def ranked(self, limit: int) -> list[tuple[str, float]]:
        """Return the most probable incidents, best first, none-of-these left out; ties in the order of ids."""
        order = np.argsort(-self.probabilities[:-1], kind="stable")[:limit]
        return [(self.ids[index], float(self.probabilities[index])) for index in order]

    @property
    def none(self) -> float:
        """The probability that it is nothing the casebook has."""
        return float(self.probabilities[-1])

    @property
    def verdict(self) -> Verdict:
        """Conclude: by level and by margin, so that two close twins are never called identified."""
        if self.none >= UNKNOWN_AT:
            return Verdict.UNKNOWN
        best = self.ranked(2)
        others = max(best[1][1] if len(best) > 1 else 0.0, self.none)
        if best and best[0][1] >= IDENTIFIED_AT and best[0][1] >= IDENTIFIED_MARGIN * others:
            return Verdict.IDENTIFIED
        return Verdict.UNSURE


class Differential:
    """The casebook as tables of likelihoods: one row an incident (none-of-these last), one column an outcome."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        incidents = knowledge.active
        self.knowledge = knowledge
        self.ids = (*(incident.id for incident in incidents), NONE)
        self._columns: dict[str, slice] = {}
        start = 0
        for check in knowledge.checks.values():
            self._columns[check.id] = slice(start, start + len(check.outcomes))
            start += len(check.outcomes)
        # Most incidents mention few of the checks: what they say nothing of is the same row for all of them.
        silent = [np.log(likelihoods(check, None)) for check in knowledge.checks.values()]
        self._logs = np.tile(np.concatenate(silent or [np.zeros(0)]), (len(self.ids), 1))
        for row, incident in enumerate(incidents):
            for name in incident.expect:
                self._logs[row, self._columns[name]] = np.log(likelihoods(knowledge.checks[name], incident))
        self._starts = np.array([columns.start for columns in self._columns.values()], dtype=np.intp)
        self._costs = np.array([cost(check) for check in knowledge.checks.values()])
        self._disruptive = np.array(
            [check.cost.risk is Risk.DISRUPTIVE for check in knowledge.checks.values()], dtype=bool
        )
        self._check_ids = tuple(self._columns)

    def weigh(
        self, prior: Mapping[str, float], findings: Mapping[str, str], heard: Collection[str] = frozenset()
    ) -> Belief:
        """Return the belief after some findings. Their order does not matter; unknown names are left out.

        Args:
            prior: probabilities of incidents and of NONE from the description; what is missing is next to impossible.
            findings: outcome by check.
            heard: checks whose findings were only heard in the description, whose words the prior knows already.
        """
        weights = np.array([max(prior.get(name, 0.0), 1e-9) for name in self.ids])
        logs = np.log(weights)
        for check, outcome in sorted(with_implied(self.knowledge, findings).items()):
            column = self._column(check, outcome)
            if column is not None:
                logs = logs + self._logs[:, column] * (HEARD if check in heard else 1.0)
        unscaled = np.exp(logs - logs.max())
        return Belief(self.ids, unscaled / unscaled.sum())

    def next_check(self, belief: Belief, settled: Collection[str], least: float = MIN_GAIN) -> Suggestion | None:
        """Return the check that separates the suspects best for its cost, or None when none is worth asking.

        Args:
            belief: what is believed now.
            settled: checks that have a finding or that the operator cannot run; they are not asked again.
            least: bits that a check must be expected to bring.

        A disruptive check is suggested only when no gentler one gains anything: it destroys the evidence.
        """
        if not self._check_ids:
            return None
        gains = self._gains(belief)
        open_ = np.array([check not in settled for check in self._check_ids]) & (gains >= least)
        for allowed in (open_ & ~self._disruptive, open_ & self._disruptive):
            if allowed.any():
                worth = np.where(allowed, gains / self._costs, -1.0)
                best = int(np.argmax(worth))
                return self._suggestion(belief, self._check_ids[best], float(gains[best]))
        return None

    def gains(self, belief: Belief) -> dict[str, float]:
        """Return the bits that the answer to each check is expected to bring."""
        return dict(zip(self._check_ids, map(float, self._gains(belief)), strict=True)) if self._check_ids else {}

    def likelihood(self, incident: str, check: str, outcome: str) -> float:
        """Return how probable an outcome is for an incident (or NONE)."""
        column = self._column(check, outcome)
        return 1.0 if column is None else float(np.exp(self._logs[self.ids.index(incident), column]))

    def _column(self, check: str, outcome: str) -> int | None:
        entry = self.knowledge.checks.get(check)
        if entry is None or outcome not in entry.outcomes:
            return None
        return int(self._columns[check].start) + list(entry.outcomes).index(outcome)

    def _gains(self, belief: Belief) -> _Floats:
        """Return the mutual information in bits between each check's outcome and the incident.

        Only the most probable incidents are considered: the rest together carry next to no probability.
        """
        order = np.argsort(-belief.probabilities, kind="stable")[:_CONSIDERED]
        probabilities = belief.probabilities[order] / belief.probabilities[order].sum()
        table = np.exp(self._logs[order])
        joint = probabilities[:, None] * table
        expected = joint.sum(axis=0)
        terms = (joint * np.log2(table / expected)).sum(axis=0)
        gains: _Floats = np.add.reduceat(terms, self._starts)
        return gains

    def _suggestion(self, belief: Belief, name: str, gain: float) -> Suggestion:
        check = self.knowledge.checks[name]
        columns = self._columns[name]
        after = belief.probabilities[:, None] * np.exp(self._logs[:, columns])
        leaders = [self.ids[index] for index in after.argmax(axis=0)]
        return Suggestion(check, gain, dict(zip(check.outcomes, leaders, strict=True)))


def likelihoods(check: Check, incident: Incident | None) -> _Floats:
    """Return how probable it is that each outcome of a check is reported for an incident, or for none-of-these.

    That is what the incident shows, and now and then a mistake.
    """
    return (1 - MISTAKES) * stated_likelihoods(check, incident) + MISTAKES / len(check.outcomes)


def stated_likelihoods(check: Check, incident: Incident | None) -> _Floats:
    """Return how probable each outcome of a check is for an incident by its entry, or for none-of-these.

    What an incident states is taken at its documented probability, and the outcomes that it does not mention share the
    rest. A check that it does not mention at all is uninformative but for its normal outcome, if it has one.
    """
    names = list(check.outcomes)
    stated = incident.expect.get(check.id, {}) if incident else {}
    values = np.full(len(names), np.nan)
    if stated:
        for index, name in enumerate(names):
            if name in stated:
                values[index] = LIKELIHOOD[stated[name]]
    elif check.normal is not None:
        values[names.index(check.normal)] = NORMAL
    open_ = np.isnan(values)
    if open_.any():
        values[open_] = max((1 - np.nansum(values)) / open_.sum(), UNLISTED_SHARE)
    scaled: _Floats = values / values.sum()
    return scaled


def cost(check: Check) -> float:
    """Return what asking a check costs, in the unit of a question that is answered from memory.

    The square root tempers the minutes: a check that takes nine times as long is three times as dear, because being
    asked at all costs something too.
    """
    return float(np.sqrt(1 + check.cost.minutes)) * _RISK_FACTOR[check.cost.risk]


def with_implied(knowledge: KnowledgeBase, findings: Mapping[str, str]) -> dict[str, str]:
    """Return the findings with those that follow from them; what was found itself is never overruled."""
    complete = dict(findings)
    waiting = list(findings.items())
    while waiting:
        check, outcome = waiting.pop()
        entry = knowledge.checks.get(check)
        if entry is None or outcome not in entry.outcomes:
            continue
        for implied, value in entry.outcomes[outcome].implies.items():
            if implied not in complete:
                complete[implied] = value
                waiting.append((implied, value))
    return complete
