"""Text -> matches: which incidents a description fits, how probably, and which of its words say so.

Each incident is one document of weighted fields, ranked by BM25F (Robertson, Zaragoza and Taylor, "Simple BM25
extension to multiple weighted fields", CIKM 2004) over stems, identifiers and the concepts of the trade. What people
say that is *not* in the casebook stands beside the incidents as documents of its own, so that a printer out of paper
finds its own kind.

Scores become probabilities by a logistic model with one more outcome, none of them, whose few weights are fitted on
descriptions that are kept out of the index (`python -m tests.bench.calibrate`).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import yaml
from numpy.typing import NDArray

from kb.diagnose import NONE
from kb.load import KnowledgeBase
from kb.model import Commonness, Frequency, Incident
from kb.reading import CONCEPT, read
from kb.typos import Speller

ELSEWHERE: Final = Path(__file__).with_name("elsewhere.yaml")

SUBJECT: Final = CONCEPT + "machine"
TROUBLES: Final = tuple(
    CONCEPT + concept for concept in ("unreachable", "deaf", "intermittent", "hangs", "packet-loss")
)
"""A machine or network in trouble: a message that says no more than this is not foreign, merely vague."""

FIELD_WEIGHTS: Final[Mapping[str, float]] = {
    "title": 2.0,
    "summary": 1.5,
    "symptom": 2.0,
    "phrasing": 2.0,
    "signal": 2.0,
    "expected": 0.7,
    "affects": 0.7,
    "cause": 0.6,
    "red-herring": 0.5,
    "reference": 0.5,
    "narrative": 0.5,
}
SATURATION: Final = 4.0
"""BM25's k1: high, for a word that many phrasings of an incident share says more than one of a single phrasing."""
LENGTH: Final = 0.15
"""BM25's b."""
SHOWN: Final = 10
"""Matches that get their reasons; nobody reads more."""
_REASONS: Final = 6
_PRIOR: Final = {Commonness.COMMON: 1.0, Commonness.OCCASIONAL: 0.0, Commonness.RARE: -1.0}


class Weights(NamedTuple):
    """How scores become logits: `words * score / possible**damping + prior * commonness` for an incident.

    None of them has `none + vague * log(possible)`. `possible` is the sum of the rarities of a description's tokens:
    how much it says.
    """

    words: float
    damping: float
    prior: float
    none: float
    vague: float


WEIGHTS: Final = Weights(words=12.25, damping=0.58, prior=1.36, none=16.64, vague=-2.0)


@dataclass(frozen=True)
class Match:
    """An incident ranked for a description."""

    id: str
    title: str
    probability: float
    because: tuple[str, ...]
    """The words that earned it, the most telling first."""
    against: tuple[str, ...]
    """Telling words of the description that the incident does not have."""


@dataclass(frozen=True)
class Matching:
    """Everything a description says: a probability for each incident and for none of them."""

    matches: tuple[Match, ...]
    none: float
    in_trouble: bool
    """True when a machine or a network is said to be in trouble, however little else is told."""

    @property
    def prior(self) -> dict[str, float]:
        """The probabilities as the diagnosis takes them."""
        return {match.id: match.probability for match in self.matches} | {NONE: self.none}


class _Postings(NamedTuple):
    """The documents that have a token, in order, and what it is worth in each."""

    places: NDArray[np.int32]
    weights: NDArray[np.float32]


class Matcher:
    """The casebook's words, weighed once, to match any number of descriptions against."""

    def __init__(self, knowledge: KnowledgeBase, weights: Weights = WEIGHTS) -> None:
        incidents = knowledge.active
        self._weights = weights
        self._titles = tuple(incident.title for incident in incidents)
        self.ids = tuple(incident.id for incident in incidents)
        self._prior = np.array([_PRIOR[incident.how_common] for incident in incidents])
        documents = [list(fields(incident, knowledge)) for incident in incidents]
        documents += [[("phrasing", text) for text in texts] for texts in elsewhere().values()]
        self._count = len(documents)
        self._speller = Speller(text for document in documents for _, text in document)
        counted = [_counted(document) for document in documents]
        self._rarity = _rarity(counted)
        self._postings = _invert(_bm25(counted, self._rarity))

    def match(self, text: str) -> Matching:
        """Rank all incidents for a description, best first."""
        query = read(self._speller.correct(text))
        probabilities = self.probabilities(query)
        order = np.argsort(-probabilities[:-1], kind="stable")
        matches = []
        for rank, index in enumerate(order):
            because, against = self._reasons(query, int(index)) if rank < SHOWN else ((), ())
            chance = float(probabilities[index])
            matches.append(Match(self.ids[index], self._titles[index], chance, because, against))
        none = float(probabilities[-1])
        return Matching(tuple(matches), none, SUBJECT in query and any(trouble in query for trouble in TROUBLES))

    def probabilities(self, query: Iterable[str]) -> NDArray[np.float64]:
        """Return the probability of each incident and, last, of none of them."""
        scores, possible = self.scores(query)
        logits, none = combine(self._weights, scores, possible, self._prior)
        return _softmax(logits, none, len(self.ids))

    def scores(self, query: Iterable[str]) -> tuple[NDArray[np.float64], float]:
        """Return the BM25F score of each document for some tokens, and how much they could earn at most."""
        scores = np.zeros(self._count)
        unseen = math.log(1 + self._count)
        possible = 0.0
        for token in query:
            postings = self._postings.get(token)
            if postings is None:
                possible += unseen
            else:
                scores[postings.places] += postings.weights
                possible += self._rarity[token]
        return scores, max(possible, 1.0)

    @property
    def commonness(self) -> NDArray[np.float64]:
        """How common each incident is, as the weights take it."""
        return self._prior

    def _reasons(self, query: Mapping[str, str], index: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the words that speak for an incident and those that it lacks, the most telling first."""
        earned: dict[str, float] = {}
        lacking: dict[str, float] = {}
        for token, written in query.items():
            postings = self._postings.get(token)
            if postings is None:
                continue
            place = int(np.searchsorted(postings.places, index))
            if place < len(postings.places) and postings.places[place] == index:
                earned[written] = earned.get(written, 0.0) + float(postings.weights[place])
            else:
                lacking[written] = max(lacking.get(written, 0.0), self._rarity[token])
        return _best(earned), _best({word: value for word, value in lacking.items() if word not in earned})


def combine(
    weights: Weights, scores: NDArray[np.float64], possible: float, prior: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Return the logit of each document, and that of none of them."""
    logits = weights.words * scores / possible**weights.damping
    logits[: len(prior)] += weights.prior * prior
    return logits, weights.none + weights.vague * math.log(possible)


def _softmax(logits: NDArray[np.float64], none: float, incidents: int) -> NDArray[np.float64]:
    """Return the probabilities of the incidents; all that is not one of them is summed up as none."""
    highest = max(float(logits.max(initial=none)), none)
    odds = np.exp(logits - highest)
    known = odds[:incidents] / (odds.sum() + math.exp(none - highest))
    return np.append(known, max(0.0, 1 - known.sum()))


def _best(values: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(sorted(values, key=lambda word: -values[word])[:_REASONS])


@cache
def elsewhere() -> Mapping[str, tuple[str, ...]]:
    """Return what people say that is not about the network of a virtual machine, by topic."""
    data = yaml.load(ELSEWHERE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {topic: tuple(str(text) for text in texts) for topic, texts in data.items()}


def fields(incident: Incident, knowledge: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """Yield the texts that describe an incident, each with its kind."""
    yield "title", incident.title
    yield "summary", incident.summary
    for symptom in incident.symptoms:
        yield "symptom", symptom.sees
        yield from (("phrasing", phrasing) for phrasing in symptom.phrasings)
    yield from (("signal", signal.example) for signal in incident.signals)
    yield from (("red-herring", herring.theory) for herring in incident.red_herrings)
    yield "cause", incident.cause.text
    for affected in incident.affects:
        yield "affects", " ".join(filter(None, (affected.component, affected.versions, affected.on)))
    yield from (("reference", reference.title) for reference in incident.references if reference.title)
    yield "narrative", incident.body
    for check, outcomes in incident.expect.items():
        for outcome, frequency in outcomes.items():
            if frequency in (Frequency.ALWAYS, Frequency.USUALLY):
                shown = knowledge.checks[check].outcomes[outcome]
                yield "expected", ". ".join((shown.label, *shown.says))


def _counted(document: Iterable[tuple[str, str]]) -> dict[str, float]:
    """Count a document's tokens, each by the weight of the field it stands in and once a text."""
    counts: dict[str, float] = defaultdict(float)
    for field, text in document:
        for token in read(text):
            counts[token] += FIELD_WEIGHTS[field]
    return counts


def _rarity(documents: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the inverse document frequency of each token."""
    frequency = Counter(token for document in documents for token in document)
    return {token: math.log(1 + (len(documents) - n + 0.5) / (n + 0.5)) for token, n in frequency.items()}


def _bm25(documents: Sequence[Mapping[str, float]], rarity: Mapping[str, float]) -> list[dict[str, float]]:
    """Return the weight of each token in each document."""
    lengths = [sum(counts.values()) for counts in documents]
    mean = sum(lengths) / max(len(lengths), 1) or 1.0
    return [
        {
            token: rarity[token] * count / (count + SATURATION * (1 - LENGTH + LENGTH * length / mean))
            for token, count in counts.items()
        }
        for counts, length in zip(documents, lengths, strict=True)
    ]


def _invert(vectors: Iterable[Mapping[str, float]]) -> dict[str, _Postings]:
    places: dict[str, list[int]] = defaultdict(list)
    weights: dict[str, list[float]] = defaultdict(list)
    for number, vector in enumerate(vectors):
        for token, weight in vector.items():
            places[token].append(number)
            weights[token].append(weight)
    return {
        token: _Postings(np.array(numbers, dtype=np.int32), np.array(weights[token], dtype=np.float32))
        for token, numbers in places.items()
    }
