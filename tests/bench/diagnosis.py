"""Operators simulated over the whole casebook: how many checks until the incident is identified, and how often wrongly.

The true incident is drawn at random, the opening message is one of its phrasings that the matcher has not seen, and the
answers are drawn from the incident's expectations; some of them are then made wrong or left out.

The entropy bound is what information theory leaves: the bits of doubt that were removed, divided by the most bits that
any one check could be expected to bring in that case.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from statistics import mean, median
from typing import Final, NamedTuple

import numpy as np

from kb.circumstances import tempered
from kb.diagnose import MIN_GAIN, Belief, Differential, Verdict, stated_likelihoods
from kb.load import KnowledgeBase, load
from kb.match import Matcher
from kb.model import Frequency, Incident, Risk
from tests.bench.descriptions import FOLDS, held_out
from tests.bench.table import Table
from tests.kb.made import make_check, make_knowledge

TRIALS: Final = 1000
MOST_CHECKS: Final = 25
CHECKS: Final = 500
NOISES: Final = (0.0, 0.1, 0.2)

Gains = Mapping[str, float]
Policy = Callable[[Differential, Belief, Gains, set[str], random.Random], str | None]


class Outcome(NamedTuple):
    """What became of one simulated case."""

    right: bool
    identified: bool
    probability: float
    checks: int
    minutes: float
    bound: float


def run(trials: int = TRIALS) -> list[Table]:
    """Return the tables of diagnosis."""
    knowledge = load()
    table = Differential(knowledge)
    openings = _openings(knowledge, trials, random.Random(1))
    rows = []
    reliability: list[Outcome] = []
    for label, policy in _POLICIES.items():
        for noise in NOISES:
            chance = random.Random(2)
            outcomes = [_simulate(table, incident, prior, policy, noise, chance) for incident, prior in openings]
            rows.append([label, f"{noise:.0%}", *_row(outcomes)])
            reliability += outcomes if policy is best_check else []
    title = (
        f"Diagnosis: {trials} simulated operators, {len(knowledge.active)} incidents, {len(knowledge.checks)} checks"
    )
    columns = [
        "asked in order of",
        "wrong or skipped",
        "checks",
        "bound",
        "ratio",
        "identified right",
        "wrong",
        "minutes",
    ]
    return [Table(title, columns, rows), _calibration(reliability), _speed()]


def best_check(
    table: Differential, belief: Belief, gains: Gains, settled: set[str], chance: random.Random
) -> str | None:
    """Ask as the bot does."""
    suggestion = table.next_check(belief, settled, MIN_GAIN if settled else 0.0)
    return suggestion.check.id if suggestion else None


def random_check(
    table: Differential, belief: Belief, gains: Gains, settled: set[str], chance: random.Random
) -> str | None:
    """Ask any check that could matter, in no order."""
    useful = [check for check in gains if check not in settled and gains[check] >= MIN_GAIN]
    return chance.choice(useful) if useful else None


def runbook_check(
    table: Differential, belief: Belief, gains: Gains, settled: set[str], chance: random.Random
) -> str | None:
    """Ask in the fixed order of a runbook: the checks that most incidents mention come first."""
    useful = [check for check in _runbook(table) if check not in settled and gains[check] >= MIN_GAIN]
    return useful[0] if useful else None


def _runbook(table: Differential) -> list[str]:
    incidents = table.knowledge.active
    return sorted(table.knowledge.checks, key=lambda check: -sum(check in incident.expect for incident in incidents))


_POLICIES: Final[dict[str, Policy]] = {"Blip": best_check, "chance": random_check, "a fixed runbook": runbook_check}


def _openings(knowledge: KnowledgeBase, trials: int, chance: random.Random) -> list[tuple[Incident, dict[str, float]]]:
    """Draw incidents, each with what the matcher makes of a phrasing that it was built without."""
    drawn = []
    for fold in range(FOLDS):
        rest, phrasings = held_out(knowledge, fold)
        matcher = Matcher(rest)
        by_incident: dict[str, list[str]] = defaultdict(list)
        for text, accept in phrasings:
            by_incident[next(iter(accept))].append(text)
        names = [name for name in matcher.ids if name in by_incident]
        for name in chance.choices(names, k=trials // FOLDS):
            drawn.append((knowledge.incidents[name], tempered(matcher.match(chance.choice(by_incident[name])).prior)))
    return drawn


def _simulate(
    table: Differential,
    incident: Incident,
    prior: Mapping[str, float],
    policy: Policy,
    noise: float,
    chance: random.Random,
) -> Outcome:
    findings: dict[str, str] = {}
    settled: set[str] = set()
    belief = table.weigh(prior, findings)
    start, steepest, minutes = _entropy(belief), 0.0, 0.0
    # Words alone never end a case, in the simulation as in the conversation.
    while (belief.verdict is Verdict.UNSURE or not settled) and len(settled) < MOST_CHECKS:
        gains = table.gains(belief)
        name = policy(table, belief, gains, settled, chance)
        if name is None:
            break
        check = table.knowledge.checks[name]
        gentle = [c for c in gains if c not in settled and table.knowledge.checks[c].cost.risk is not Risk.DISRUPTIVE]
        steepest = max(steepest, *(gains[one] for one in gentle))
        settled.add(name)
        minutes += check.cost.minutes
        dice = chance.random()
        if dice < noise / 2:
            continue
        weights = [1.0] * len(check.outcomes) if dice < noise else list(stated_likelihoods(check, incident))
        findings[name] = chance.choices(list(check.outcomes), weights=weights)[0]
        belief = table.weigh(prior, findings)
    best, probability = belief.ranked(1)[0]
    bound = max(0.0, start - _entropy(belief)) / steepest if steepest else 0.0
    identified = belief.verdict is Verdict.IDENTIFIED
    return Outcome(best == incident.id, identified, probability, len(settled), minutes, bound)


def _entropy(belief: Belief) -> float:
    shares = belief.probabilities[belief.probabilities > 0]
    return float(-(shares * np.log2(shares)).sum())


def _row(outcomes: Sequence[Outcome]) -> list[str]:
    checks, bound = mean(one.checks for one in outcomes), mean(one.bound for one in outcomes)
    return [
        f"{checks:.2f}",
        f"{bound:.2f}",
        f"{checks / bound:.2f}",
        f"{mean(one.identified and one.right for one in outcomes):.1%}",
        f"{mean(one.identified and not one.right for one in outcomes):.1%}",
        f"{mean(one.minutes for one in outcomes):.1f}",
    ]


def _calibration(outcomes: Sequence[Outcome]) -> Table:
    """Return the reliability of the first suspect's probability in ten bins, and the expected calibration error."""
    rows = []
    error = 0.0
    for number in range(10):
        inside = [one for one in outcomes if min(int(one.probability * 10), 9) == number]
        if inside:
            stated, right = mean(one.probability for one in inside), mean(one.right for one in inside)
            error += abs(stated - right) * len(inside) / len(outcomes)
            rows.append(
                [f"{number / 10:.1f} to {(number + 1) / 10:.1f}", str(len(inside)), f"{stated:.3f}", f"{right:.3f}"]
            )
    title = f"Reliability of the first suspect's probability over all noises (expected calibration error {error:.3f})"
    return Table(title, ["probability", "cases", "stated", "right"], rows)


def _speed() -> Table:
    """Return the time of one step (belief and next check) over made casebooks of growing size."""
    rows = []
    for incidents in (100, 1_000, 10_000):
        table = Differential(_made(incidents, CHECKS))
        findings = {f"check-{number}": "a" for number in range(3)}
        prior = dict.fromkeys(table.ids, 1 / incidents)
        times = []
        for _ in range(15):
            start = time.perf_counter()
            table.next_check(table.weigh(prior, findings), findings.keys())
            times.append(time.perf_counter() - start)
        rows.append([f"{incidents} incidents, {CHECKS} checks", f"{median(times) * 1000:.2f} ms"])
    return Table("One step of the diagnosis", ["casebook", "median"], rows)


def _made(incidents: int, checks: int) -> KnowledgeBase:
    chance = random.Random(3)
    made = [make_check(f"check-{number}", ["a", "b", "c", "d"]) for number in range(checks)]
    expectations = {
        f"incident-{number}": {
            check.id: {chance.choice("abcd"): Frequency.USUALLY} for check in chance.sample(made, 10)
        }
        for number in range(incidents)
    }
    return make_knowledge(made, expectations)


if __name__ == "__main__":
    print("\n".join(map(str, run())))
