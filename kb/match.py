"""Text -> matches: which incidents a description fits, how probably, and which of its words say so."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import yaml
from numpy.typing import NDArray

from kb.diagnose import NONE
from kb.load import KnowledgeBase
from kb.model import Frequency, Incident
from kb.reading import CONCEPT, read

ELSEWHERE: Final = Path(__file__).with_name("elsewhere.yaml")

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
PASSAGES: Final = frozenset({"title", "summary", "symptom", "phrasing", "signal"})
"""The fields that are short enough to be compared with a description one by one."""

SATURATION, LENGTH = 1.2, 0.4


class Weights(NamedTuple):
    """How the scores become probabilities: fitted on descriptions that were kept out of the index."""

    words: float = 9.0
    passages: float = 9.0
    bias: float = -6.0


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
        return {match.id: match.probability for match in self.matches} | {NONE: self.none}


class _Postings(NamedTuple):
    places: NDArray[np.int32]
    weights: NDArray[np.float32]


class Matcher:
    """The casebook's words, weighed once, to match any number of descriptions against."""

    def __init__(self, knowledge: KnowledgeBase, weights: Weights = Weights()) -> None:
        self.weights = weights
        incidents = knowledge.active
        self._titles = tuple(incident.title for incident in incidents)
        self.ids = tuple(incident.id for incident in incidents)
        documents = [list(_fields(incident, knowledge)) for incident in incidents]
        documents += [[("phrasing", text) for text in texts] for texts in elsewhere().values()]
        counted = [[(field, read(text)) for field, text in document] for document in documents]
        self._count = len(documents)
        self._rarity = _rarity(counted)
        self._words = _invert(_bm25f(counted, self._rarity))
        passages = [(number, counts) for number, document in enumerate(counted) for f, counts in document if f in PASSAGES]
        self._owners = np.array([number for number, _ in passages], dtype=np.int32)
        self._starts = np.flatnonzero(np.diff(self._owners, prepend=-1))
        self._passages = _invert([_unit(counts, self._rarity) for _, counts in passages])

    def scores(self, query: Counter[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return two likenesses of each document to a text: by all of its words, and by its nearest sentences."""
        words = np.zeros(self._count)
        near = np.zeros(len(self._owners))
        possible = sum(self._rarity.get(token, self._unseen) for token in query) or 1.0
        length = math.sqrt(sum(self._rarity.get(token, self._unseen) ** 2 for token in query)) or 1.0
        for token in query:
            postings = self._words.get(token)
            if postings is not None:
                words[postings.places] += postings.weights
            postings = self._passages.get(token)
            if postings is not None:
                near[postings.places] += postings.weights * (self._rarity[token] / length)
        passages = np.add.reduceat(near**3, self._starts) ** (1 / 3)
        return words / possible, passages

    @property
    def _unseen(self) -> float:
        return math.log(1 + self._count)

    def match(self, text: str) -> Matching:
        """Rank all incidents for a description, best first."""
        query = read(text)
        words, passages = self.scores(query)
        logits = self.weights.words * words + self.weights.passages * passages + self.weights.bias
        odds = np.exp(logits)
        total = odds.sum() + 1.0
        number = len(self.ids)
        probabilities = odds[:number] / total
        order = np.argsort(-probabilities, kind="stable")
        matches = tuple(
            Match(self.ids[index], self._titles[index], float(probabilities[index]), self._because(query, int(index)))
            for index in order
        )
        return Matching(matches, float(1 - probabilities.sum()))

    def _because(self, query: Counter[str], index: int, limit: int = 6) -> tuple[str, ...]:
        earned: dict[str, float] = {}
        for token in query:
            postings = self._words.get(token)
            if postings is not None:
                place = int(np.searchsorted(postings.places, index))
                if place < len(postings.places) and postings.places[place] == index:
                    earned[token.removeprefix(CONCEPT)] = float(postings.weights[place])
        return tuple(sorted(earned, key=lambda token: -earned[token])[:limit])


@cache
def elsewhere() -> Mapping[str, tuple[str, ...]]:
    """Return what people say that is not about the network of a virtual machine, by topic."""
    data = yaml.load(ELSEWHERE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {topic: tuple(str(text) for text in texts) for topic, texts in data.items()}


def _fields(incident: Incident, knowledge: KnowledgeBase) -> Iterator[tuple[str, str]]:
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


def _rarity(documents: list[list[tuple[str, Counter[str]]]]) -> dict[str, float]:
    """Return the inverse document frequency of each token (Robertson and Zaragoza 2009)."""
    frequency = Counter(token for document in documents for token in {t for _, counts in document for t in counts})
    return {token: math.log(1 + (len(documents) - n + 0.5) / (n + 0.5)) for token, n in frequency.items()}


def _bm25f(documents: list[list[tuple[str, Counter[str]]]], rarity: Mapping[str, float]) -> list[dict[str, float]]:
    """Return the BM25F weight of each token in each document (Robertson, Zaragoza and Taylor 2004)."""
    summed = []
    for document in documents:
        counts: dict[str, float] = defaultdict(float)
        for field, tokens in document:
            for token, count in tokens.items():
                counts[token] += FIELD_WEIGHTS[field] * count
        summed.append(counts)
    lengths = [sum(counts.values()) for counts in summed]
    mean = sum(lengths) / max(len(lengths), 1) or 1.0
    return [
        {
            token: rarity[token] * count / (count + SATURATION * (1 - LENGTH + LENGTH * length / mean))
            for token, count in counts.items()
        }
        for counts, length in zip(summed, lengths, strict=True)
    ]


def _unit(counts: Counter[str], rarity: Mapping[str, float]) -> dict[str, float]:
    """Return a passage as a vector of length one, each token by its rarity."""
    length = math.sqrt(sum(rarity[token] ** 2 for token in counts)) or 1.0
    return {token: rarity[token] / length for token in counts}


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
