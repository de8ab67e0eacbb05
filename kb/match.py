"""Text -> matches: which incidents a description fits, how probably, and which of its words say so.

Two witnesses are heard. Each incident is one document of weighted fields, ranked over stems, identifiers and the
concepts of the trade: that says how much of a description an incident has. A classifier learned from the same sentences
says which words tell it from its look-alikes. What people say that is *not* in the casebook stands beside the
incidents, as documents and as a class of its own, so that a printer out of paper finds its own kind.

Both together become probabilities by a logistic model with one more outcome, none of them, whose few weights are fitted
on descriptions that are kept out of the index (`python -m tests.bench.calibrate`).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain, repeat
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import yaml
from numpy.typing import NDArray

from kb.bm25f import Bm25f
from kb.circumstances import SIGNAL
from kb.classifier import Classifier
from kb.concepts import vocabulary
from kb.diagnose import NONE
from kb.load import KnowledgeBase
from kb.mentions import Mentions
from kb.model import Commonness, Frequency, Incident
from kb.reading import CONCEPT, Said, merged, read, read_sentence, sentences
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
FEW_SENTENCES: Final = 4
"""Sentences up to which all of a description is heard: whoever says little says nothing beside the point."""
_LIKELIER_THAN_NOT: Final = math.log(0.5)
SHOWN: Final = 10
"""Matches that get their reasons; nobody reads more."""
LEAST_NAMED: Final = 0.05
"""The least probability of an incident whose report is named, before that counts as a signal does: somebody who gives a
number need not describe the fault."""
_REASONS: Final = 6
PRIOR: Final[Mapping[Commonness, float]] = {
    Commonness.COMMONEST: 6.0,
    Commonness.COMMON: 1.0,
    Commonness.OCCASIONAL: 0.0,
    Commonness.RARE: -1.0,
}
"""How many steps an incident stands above an occasional one before anything is said."""


class Weights(NamedTuple):
    """How a description's scores become logits.

    An incident has `words * score / possible**damping + learned * log_probability + prior * commonness`. None of them
    has `words * score / possible**damping + learned_none * log_probability + none + vague * log(possible)`, with the
    score of the best topic that is elsewhere.
    """

    words: float
    damping: float
    learned: float
    prior: float
    learned_none: float
    none: float
    vague: float


WEIGHTS: Final = Weights(words=1.79, damping=0.34, learned=1.12, prior=0.2, learned_none=0.32, none=1.99, vague=-0.54)


class Scored(NamedTuple):
    """What the two witnesses say of a description."""

    words: NDArray[np.float64]
    """The BM25F score of each document: the incidents, then the topics that are elsewhere."""
    possible: float
    """The sum of the rarities of the description's tokens: how much it says, and the most that a score could be."""
    learned: NDArray[np.float32]
    """The classifier's log probability of each incident and, last, of what is elsewhere."""


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


class Matcher:
    """The casebook's words, weighed once, to match any number of descriptions against."""

    def __init__(self, knowledge: KnowledgeBase, weights: Weights = WEIGHTS) -> None:
        incidents = knowledge.active
        self._weights = weights
        self._titles = tuple(incident.title for incident in incidents)
        self.ids = tuple(incident.id for incident in incidents)
        self._prior = np.array([PRIOR[incident.how_common] for incident in incidents])
        documents = [list(fields(incident, knowledge)) for incident in incidents]
        documents += [[("phrasing", text) for text in texts] for texts in elsewhere().values()]
        self._mentions = Mentions(incidents)
        ways = chain.from_iterable(vocabulary().values())
        self.speller = Speller([*(text for document in documents for _, text in document), *ways])
        sentences = [[(field, read(text)) for field, text in document] for document in documents]
        counted = [_counted(document) for document in sentences]
        self._ranking = Bm25f(counted[: len(incidents)], counted[len(incidents) :])
        classes = [min(number, len(incidents)) for number, document in enumerate(sentences) for _ in document]
        self._classifier = Classifier([_features(said) for document in sentences for _, said in document], classes)

    def match(self, text: str) -> Matching:
        """Rank all incidents for a description, best first."""
        said = self.read(text)
        named = self._mentions.find(text)
        probabilities = self._heeding(named, self.probabilities(said))
        order = np.argsort(-probabilities[:-1], kind="stable")
        reasons = chain(self._reasons(said, order[:SHOWN]), repeat(((), ())))
        matches = tuple(
            Match(self.ids[index], self._titles[index], chance, (*_of(named, self.ids[index]), *because), against)
            for index, chance, (because, against) in zip(
                order.tolist(), probabilities[order].tolist(), reasons, strict=False
            )
        )
        in_trouble = SUBJECT in said.tokens and any(trouble in said.tokens for trouble in TROUBLES)
        return Matching(matches, float(probabilities[-1]), in_trouble)

    def read(self, text: str) -> Said:
        """Return what a description says, its typing errors corrected.

        Of a long one, what is beside the point is left out: signatures, pleasantries, logs of other programs.
        """
        said = [read_sentence(sentence) for sentence in sentences(self.speller.correct(text))]
        if len(said) > FEW_SENTENCES:
            said = [part for part in said if not self._beside_the_point(part)] or said
        return merged(said)

    def probabilities(self, said: Said) -> NDArray[np.float64]:
        """Return the probability of each incident and, last, of none of them."""
        logits = combine(self._weights, self.scores(said), self._prior)
        odds = np.exp(logits - logits.max())
        probabilities: NDArray[np.float64] = odds / odds.sum()
        return probabilities

    def _heeding(self, named: Mapping[str, str], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return probabilities that heed which incidents' reports were named."""
        odds = probabilities.copy()
        places = [self.ids.index(name) for name in named]
        odds[places] = SIGNAL * np.maximum(odds[places], LEAST_NAMED)
        heeded: NDArray[np.float64] = odds / odds.sum()
        return heeded

    def scores(self, said: Said) -> Scored:
        """Return how well each document fits what was said, by both witnesses."""
        return Scored(*self._ranking.scores(said.tokens), self._classifier.log_probabilities(_features(said)))

    @property
    def commonness(self) -> NDArray[np.float64]:
        """How common each incident is, as the weights take it."""
        return self._prior

    def _beside_the_point(self, sentence: Said) -> bool:
        """Tell whether a sentence is likelier about what is elsewhere than about any incident."""
        elsewhere = self._classifier.log_probabilities(_features(sentence))[len(self.ids) :]
        return bool(sentence.tokens) and bool((elsewhere > _LIKELIER_THAN_NOT).any())

    def _reasons(self, said: Said, shown: NDArray[np.intp]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Yield for each incident the words that speak for it and those that it lacks, the most telling first."""
        earned: list[dict[str, float]] = [defaultdict(float) for _ in shown]
        lacking: list[dict[str, float]] = [{} for _ in shown]
        learned = self._classifier.contributions(said.tokens, shown)
        for token, written in said.tokens.items():
            rarity = self._ranking.rarity.get(token)
            if rarity is None:
                continue
            for place, weight in enumerate(self._ranking.worth(token, shown)):
                if weight:
                    earned[place][written] += weight + learned[token][place]
                else:
                    lacking[place][written] = max(lacking[place].get(written, 0.0), rarity)
        for for_it, without in zip(earned, lacking, strict=True):
            best = {word: value for word, value in for_it.items() if value > 0}
            yield _best(best), _best({word: value for word, value in without.items() if word not in for_it})


def combine(weights: Weights, scored: Scored, prior: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logit of each incident and, last, of none of them."""
    incidents = len(prior)
    words = weights.words * scored.words / scored.possible**weights.damping
    known = words[:incidents] + weights.learned * scored.learned[:incidents] + weights.prior * prior
    # What is elsewhere is one class, or none at all in a casebook that knows of nothing else.
    elsewhere = words[incidents:].max(initial=0.0) + weights.learned_none * scored.learned[incidents:].sum()
    return np.append(known, elsewhere + weights.none + weights.vague * math.log(scored.possible))


def _of(named: Mapping[str, str], incident: str) -> tuple[str, ...]:
    return (named[incident],) if incident in named else ()


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
                # A single word answers a question; without it it says nothing.
                yield "expected", ". ".join((shown.label, *(words for words in shown.says if " " in words)))


def _features(said: Said) -> tuple[str, ...]:
    """Return what the classifier learns from."""
    return (*said.tokens, *said.pairs, *said.pieces, *said.manner)


def _counted(document: Iterable[tuple[str, Said]]) -> dict[str, float]:
    """Count a document's tokens, each by the weight of the field it stands in and once a text."""
    counts: dict[str, float] = defaultdict(float)
    for field, said in document:
        for token in said.tokens:
            counts[token] += FIELD_WEIGHTS[field]
    return counts
