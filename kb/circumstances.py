"""What signals and stated versions say about incidents, before any finding is weighed.

A signal is a line that is near-proof of its incident. A version decides more sharply: an incident whose `affects`
bounds exclude every version that the operator stated cannot be what they have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from kb.diagnose import NONE
from kb.load import KnowledgeBase
from kb.model import Incident
from kb.versions import applies

Version = tuple[str, str]
"""A component, by its usual name, and its version."""

SIGNAL: Final = 40.0
"""How many times as probable a signal makes its incident."""
VERSION_FITS: Final = 1.5
VERSION_EXCLUDED: Final = 0.02
"""Not nothing, for packages are patched without a new number, and the version may be that of another machine."""


WORDS_WEIGHT: Final = 0.35
"""The power to which a match's probability enters the belief. The words of a description are one witness, and one whose
statements hang together: taken at their face they would outvote the checks."""
MOST_NONE: Final = 0.15
"""The most that words alone contribute to `none`."""
WORDS_DOUBT: Final = 0.15
"""The share of belief that goes to all incidents alike, for a description may fit the wrong one altogether."""


def tempered(prior: Mapping[str, float]) -> dict[str, float]:
    """Return what a match is worth as a prior for a diagnosis; its probabilities sum to one.

    That words fit nothing known says more of the words than of the fault, once somebody goes on to run checks.
    """
    none = min(prior.get(NONE, 0.0), MOST_NONE)
    powers = {name: max(chance, 1e-9) ** WORDS_WEIGHT for name, chance in prior.items() if name != NONE}
    total = sum(powers.values())
    if not total:
        return {NONE: 1.0}
    shares = {name: (1 - WORDS_DOUBT) * power / total + WORDS_DOUBT / len(powers) for name, power in powers.items()}
    return {name: (1 - none) * share for name, share in shares.items()} | {NONE: none}


def informed(
    prior: Mapping[str, float], knowledge: KnowledgeBase, signals: Collection[str], versions: Iterable[Version]
) -> dict[str, float]:
    """Return a prior that heeds signals and versions; its probabilities sum to one again."""
    known = tuple(versions)
    weights = dict(prior)
    for incident in knowledge.active:
        weight = weights.get(incident.id, 0.0)
        if incident.id in signals:
            # However few of the words were understood, the line itself was seen.
            weight = max(weight, 1 / (len(knowledge.active) + 1)) * SIGNAL
        fits = fits_versions(incident, known)
        if fits is not None:
            weight *= VERSION_FITS if fits else VERSION_EXCLUDED
        weights[incident.id] = weight
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()} if total else {NONE: 1.0}


def fits_versions(incident: Incident, versions: Iterable[Version]) -> bool | None:
    """Tell whether stated versions are affected; None when they say nothing about this incident."""
    answers = [applies(affected, *version) for version in versions for affected in incident.affects]
    known = [answer for answer in answers if answer is not None]
    return any(known) if known else None
