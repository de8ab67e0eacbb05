"""Text -> matches: which incidents a description fits, how probably, and which of its words say so."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from kb import text as words
from kb.load import KnowledgeBase
from kb.model import Incident

FIELD_WEIGHTS: Final[Mapping[str, float]] = {
    "title": 2.0,
    "summary": 1.5,
    "symptom": 2.0,
    "phrasing": 2.0,
    "signal": 2.0,
    "cause": 0.6,
    "red-herring": 0.5,
    "reference": 0.5,
    "affects": 0.7,
}


@dataclass(frozen=True)
class Match:
    """An incident ranked for a description."""

    id: str
    title: str
    probability: float
    because: tuple[str, ...]


@dataclass(frozen=True)
class Matching:
    """Everything a description says: a probability for each incident and for none of them."""

    matches: tuple[Match, ...]
    none: float

    @property
    def prior(self) -> dict[str, float]:
        """The probabilities as the diagnosis takes them."""
        from kb.diagnose import NONE

        return {match.id: match.probability for match in self.matches} | {NONE: self.none}


class Matcher:
    """The casebook's words, weighed once, to match any number of descriptions against."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self._knowledge = knowledge
        self._postings: dict[str, dict[str, float]] = defaultdict(dict)
        for incident in knowledge.active:
            for token, weight in weighted_tokens(incident).items():
                self._postings[token][incident.id] = weight / (weight + 1.2)
        self._count = len(knowledge.active)

    def match(self, text: str) -> Matching:
        """Rank all incidents for a description, best first."""
        earned: dict[str, Counter[str]] = defaultdict(Counter)
        possible = 0.0
        for token in dict.fromkeys(words.tokens(text)):
            postings = self._postings.get(token, {})
            idf = math.log(1 + (self._count - len(postings) + 0.5) / (len(postings) + 0.5))
            possible += idf
            for name, weight in postings.items():
                earned[name][token] += idf * weight
        scores = {name: sum(tokens.values()) for name, tokens in earned.items()}
        sharpness = 1.0 if not possible else min(1.0, 6.0 / math.sqrt(possible))
        odds = {name: math.exp(score * sharpness - 6.0) for name, score in scores.items()}
        total = sum(odds.values()) + 1.0
        ranked = sorted(odds, key=lambda name: (-odds[name], name))
        matches = tuple(
            Match(
                name,
                self._knowledge.incidents[name].title,
                odds[name] / total,
                tuple(token for token, _ in earned[name].most_common(6)),
            )
            for name in ranked
        )
        return Matching(matches, 1.0 / total)


def weighted_tokens(incident: Incident) -> Counter[str]:
    """Count an incident's tokens, each by the weight of the field it stands in."""
    counts: Counter[str] = Counter()
    for field, text in fields(incident):
        for token in words.tokens(text):
            counts[token] += FIELD_WEIGHTS[field]  # type: ignore[assignment]
    return counts


def fields(incident: Incident) -> Iterator[tuple[str, str]]:
    """Yield the texts of an incident that describe it, each with its kind."""
    yield "title", incident.title
    yield "summary", incident.summary
    for symptom in incident.symptoms:
        yield "symptom", symptom.sees
        for phrasing in symptom.phrasings:
            yield "phrasing", phrasing
    for signal in incident.signals:
        yield "signal", signal.example
    for herring in incident.red_herrings:
        yield "red-herring", herring.theory
    yield "cause", incident.cause.text
    for affected in incident.affects:
        yield "affects", " ".join(filter(None, (affected.component, affected.versions, affected.on)))
    for reference in incident.references:
        yield "reference", reference.title or ""
