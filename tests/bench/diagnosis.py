"""Operators simulated over the whole casebook: how many checks until the incident is identified, and how often wrongly.

The true incident is drawn at random, the opening message is one of its phrasings that the matcher has not seen, and the
answers are drawn from the incident's expectations; some of them are then made wrong or left out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from kb.diagnose import MIN_GAIN, Belief, Differential, Verdict, stated_likelihoods
from kb.load import KnowledgeBase, load
from kb.match import Matcher
from kb.model import Incident, Risk

FOLDS: Final = 5
TRIALS: Final = 600
MOST_CHECKS: Final = 25
NOISES: Final = (0.0, 0.1, 0.2)

Policy = Callable[[Differential, Belief, set[str], random.Random], str | None]


@dataclass
class Result:
    """What became of one simulated case."""

    right: bool
    wrong: bool
    checks: int
    minutes: float
    bound: float
    top: float
    top_right: bool


def best_check(table: Differential, belief: Belief, settled: set[str], chance: random.Random) -> str | None:
    """Ask as the bot does."""
    suggestion = table.next_check(belief, settled)
    return suggestion.check.id if suggestion else None


def random_check(table: Differential, belief: Belief, settled: set[str], chance: random.Random) -> str | None:
    """Ask any check that could matter, in no order."""
    open_ = [check.id for check in table.knowledge.checks.values() if check.id not in settled]
    useful = [check for check in open_ if table.gain(belief, check) >= MIN_GAIN]
    return chance.choice(useful) if useful else None


def runbook_check(table: Differential, belief: Belief, settled: set[str], chance: random.Random) -> str | None:
    """Ask in the fixed order of a runbook: the checks that most incidents mention come first."""
    used = {
        check: sum(check in incident.expect for incident in table.knowledge.active) for check in table.knowledge.checks
    }
    open_ = [check for check in sorted(used, key=lambda check: -used[check]) if check not in settled]
    useful = [check for check in open_ if table.gain(belief, check) >= MIN_GAIN]
    return useful[0] if useful else None


POLICIES: Final[dict[str, Policy]] = {"blip": best_check, "random order": random_check, "fixed runbook": runbook_check}


def run(trials: int = TRIALS) -> list[str]:
    """Return the table as lines."""
    knowledge = load()
    table = Differential(knowledge)
    openings = list(_openings(knowledge, trials, random.Random(1)))
    lines = [
        f"{len(knowledge.active)} incidents, {len(knowledge.checks)} checks, {trials} simulated operators",
        f"{'policy':14} {'noise':>5} {'checks':>7} {'bound':>6} {'ratio':>6} {'right':>6} {'wrong':>6} {'minutes':>8}",
    ]
    for name, policy in POLICIES.items():
        for noise in NOISES:
            chance = random.Random(2)
            results = [_simulate(table, incident, prior, policy, noise, chance) for incident, prior in openings]
            lines.append(_row(name, noise, results))
            if name == "blip" and noise == 0.0:
                calibration = _calibration(results)
    return [*lines, *calibration]


def _openings(knowledge: KnowledgeBase, trials: int, chance: random.Random) -> list[tuple[Incident, dict[str, float]]]:
    """Draw incidents, each with what the matcher makes of a phrasing that it was built without."""
    matchers = [Matcher(_without(knowledge, fold)) for fold in range(FOLDS)]
    drawn = []
    for _ in range(trials):
        incident = chance.choice(knowledge.active)
        number, phrasing = chance.choice(list(enumerate(_phrasings(incident))))
        drawn.append((incident, matchers[number % FOLDS].match(phrasing).prior))
    return drawn


def _phrasings(incident: Incident) -> list[str]:
    return [phrasing for symptom in incident.symptoms for phrasing in symptom.phrasings]


def _without(knowledge: KnowledgeBase, fold: int) -> KnowledgeBase:
    """Return the casebook without every fifth phrasing of each incident."""
    incidents = {}
    for incident in knowledge.incidents.values():
        kept = {text for number, text in enumerate(_phrasings(incident)) if number % FOLDS != fold}
        symptoms = tuple(
            symptom.model_copy(update={"phrasings": tuple(text for text in symptom.phrasings if text in kept)})
            for symptom in incident.symptoms
        )
        incidents[incident.id] = incident.model_copy(update={"symptoms": symptoms})
    return replace(knowledge, incidents=incidents)


def _simulate(
    table: Differential,
    incident: Incident,
    prior: dict[str, float],
    policy: Policy,
    noise: float,
    chance: random.Random,
) -> Result:
    findings: dict[str, str] = {}
    settled: set[str] = set()
    belief = table.weigh(prior, findings)
    start, steepest, minutes = _entropy(belief), 0.0, 0.0
    while belief.verdict is Verdict.UNSURE and len(settled) < MOST_CHECKS:
        name = policy(table, belief, settled, chance)
        if name is None:
            break
        check = table.knowledge.checks[name]
        steepest = max(steepest, *(table.gain(belief, other) for other in _answerable(table, settled)))
        settled.add(name)
        minutes += check.cost.minutes
        if chance.random() < noise / 2:
            continue
        if chance.random() < noise / 2:
            findings[name] = chance.choice(list(check.outcomes))
        else:
            weights = stated_likelihoods(check, incident)
            findings[name] = chance.choices(list(check.outcomes), weights=list(weights))[0]
        belief = table.weigh(prior, findings)
    best, probability = belief.ranked(1)[0]
    identified = belief.verdict is Verdict.IDENTIFIED
    bound = max(0.0, start - _entropy(belief)) / steepest if steepest else 0.0
    right = best == incident.id
    return Result(identified and right, identified and not right, len(settled), minutes, bound, probability, right)


def _answerable(table: Differential, settled: set[str]) -> list[str]:
    return [c.id for c in table.knowledge.checks.values() if c.id not in settled and c.cost.risk is not Risk.DISRUPTIVE]


def _entropy(belief: Belief) -> float:
    shares = belief.probabilities[belief.probabilities > 0]
    return float(-(shares * np.log2(shares)).sum())


def _row(name: str, noise: float, results: Sequence[Result]) -> str:
    count = len(results)
    checks = sum(result.checks for result in results) / count
    bound = sum(result.bound for result in results) / count
    right = sum(result.right for result in results) / count
    wrong = sum(result.wrong for result in results) / count
    minutes = sum(result.minutes for result in results) / count
    ratio = checks / bound if bound else float("nan")
    return f"{name:14} {noise:5.0%} {checks:7.2f} {bound:6.2f} {ratio:6.2f} {right:6.1%} {wrong:6.1%} {minutes:8.1f}"


def _calibration(results: Sequence[Result]) -> list[str]:
    """Return the reliability of the leading probability in ten bins, and the expected calibration error."""
    lines = ["", "leading probability   cases   mean   right"]
    error = 0.0
    for low in np.arange(0, 1, 0.1):
        inside = [result for result in results if low <= result.top < low + 0.1 or (low > 0.85 and result.top == 1)]
        if inside:
            mean = sum(result.top for result in inside) / len(inside)
            right = sum(result.top_right for result in inside) / len(inside)
            error += abs(mean - right) * len(inside) / len(results)
            lines.append(f"{low:.1f} to {low + 0.1:.1f}          {len(inside):7d} {mean:6.2f} {right:7.2f}")
    return [*lines, f"expected calibration error {error:.3f}"]


if __name__ == "__main__":
    print("\n".join(run()))
