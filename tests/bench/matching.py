"""Matching measured: the casebook's matcher beside rapidfuzz and bm25s, what each part adds, typos, and its speed.

Every method ranks the same incidents for the same descriptions in one run: the half of the operators' own words that no
weight was fitted on, public reports retold that nobody looks at, the phrasings of the casebook kept out of the index in
turn, and, when the environment names a file in BLIP_CASES, the cases in it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple
from unittest.mock import patch

import bm25s
import numpy as np
import Stemmer
from rapidfuzz import fuzz, process

from bot.cli.match import matched
from bot.conversation import Conversation
from kb import match as matching
from kb.load import KnowledgeBase, load
from kb.match import Matcher, fields
from tests.bench.descriptions import (
    FOLDS,
    OPERATORS,
    UNSEEN,
    Description,
    halves,
    held_out,
    misspelt,
    other_cases,
    pasted,
    read,
)
from tests.bench.table import Table, share

FLAGSHIP: Final = "qemu-bridged-network-loss"
FALSE_POSITIVES: Final = 0.05


class Ranked(NamedTuple):
    """The best three incidents for a description, the first one's probability, and whether it is identified."""

    best: tuple[str, ...]
    chance: float
    identified: bool


Method = Callable[[str], Ranked]


def run() -> list[Table]:
    """Return the tables of matching."""
    knowledge = load()
    sets = {"operators, other half": halves(OPERATORS)[1], "public reports retold": list(read(UNSEEN))}
    if other_cases():
        sets["cases of BLIP_CASES"] = other_cases()
    tables = [_compared(knowledge, name, descriptions) for name, descriptions in sets.items()]
    return [*tables, _ablation(knowledge, sets), _left_out(knowledge), _speed(knowledge)]


def _compared(knowledge: KnowledgeBase, name: str, descriptions: Sequence[Description]) -> Table:
    methods = {
        "rapidfuzz WRatio, titles": _fuzzy(knowledge, fuzz.WRatio, titles=True),
        "rapidfuzz token_set_ratio, whole text": _fuzzy(knowledge, fuzz.token_set_ratio, titles=False),
        "bm25s (Snowball stems), whole text": _bm25s(knowledge),
        "Blip": _answered(Conversation(knowledge)),
    }
    rows = [[label, *_measured(method, descriptions)] for label, method in methods.items()]
    rows.append(["Blip, an edit in every third word", *_measured(methods["Blip"], misspelt(descriptions))])
    rows.append(["Blip, within twenty messages about nothing known", *_measured(methods["Blip"], pasted(descriptions))])
    known = sum(description.known for description in descriptions)
    title = f"Matching: {name} ({known} of an incident, {len(descriptions) - known} of none)"
    return Table(title, ["method", *_MEASURES], rows)


_MEASURES: Final = ("top1", "top3", "flagship", "recall@5%FPR", "identified", "wrongly identified", "none identified")


def _measured(method: Method, descriptions: Sequence[Description]) -> list[str]:
    known = [(one, method(one.text)) for one in descriptions if one.known]
    none = [method(one.text) for one in descriptions if not one.known]
    flagship = [ranked.best[0] in one.accept for one, ranked in known if FLAGSHIP in one.accept]
    threshold = float(np.quantile([ranked.chance for ranked in none], 1 - FALSE_POSITIVES)) if none else 0.0
    wrong = [ranked.identified and ranked.best[0] not in one.accept for one, ranked in known]
    return [
        share([ranked.best[0] in one.accept for one, ranked in known]),
        share([bool(one.accept & set(ranked.best)) for one, ranked in known]),
        share(flagship),
        share([ranked.chance > threshold for _, ranked in known]),
        share([ranked.identified for _, ranked in known]),
        share(wrong),
        share([ranked.identified for ranked in none]),
    ]


def _answered(conversation: Conversation) -> Method:
    """Rank as `blip match` answers: words, signals, versions and facts told in passing."""

    def ranked(text: str) -> Ranked:
        answer = matched(conversation, text)
        best = answer["matches"]
        return Ranked(tuple(one["id"] for one in best[:3]), best[0]["probability"], answer["verdict"] == "identified")

    return ranked


def _blip(matcher: Matcher) -> Method:
    """Rank by the words alone."""

    def ranked(text: str) -> Ranked:
        best = matcher.match(text).matches[:3]
        return Ranked(tuple(one.id for one in best), best[0].probability, identified=False)

    return ranked


def _fuzzy(knowledge: KnowledgeBase, scorer: Callable[..., float], *, titles: bool) -> Method:
    texts = {incident.id: incident.title if titles else _whole(knowledge, incident.id) for incident in knowledge.active}

    def ranked(text: str) -> Ranked:
        found = process.extract(text.lower(), texts, scorer=scorer, processor=str.lower, limit=3)
        return Ranked(tuple(str(key) for _, _, key in found), float(found[0][1]), identified=False)

    return ranked


def _bm25s(knowledge: KnowledgeBase) -> Method:
    stemmer = Stemmer.Stemmer("english")
    ids = [incident.id for incident in knowledge.active]
    index = bm25s.BM25()
    whole = [_whole(knowledge, name) for name in ids]
    index.index(bm25s.tokenize(whole, stopwords="en", stemmer=stemmer, show_progress=False), show_progress=False)

    def ranked(text: str) -> Ranked:
        tokens = bm25s.tokenize([text], stopwords="en", stemmer=stemmer, show_progress=False)
        places, scores = index.retrieve(tokens, k=3, show_progress=False)
        return Ranked(tuple(ids[place] for place in places[0]), float(scores[0][0]), identified=False)

    return ranked


def _whole(knowledge: KnowledgeBase, name: str) -> str:
    return "\n".join(text for _, text in fields(knowledge.incidents[name], knowledge))


def _ablation(knowledge: KnowledgeBase, sets: dict[str, list[Description]]) -> Table:
    """Return what is lost when one part of the matcher is left out."""
    rows = []
    for label, part in _PARTS.items():
        with part(knowledge) as changed:
            matcher = _blip(Matcher(changed, matching.WEIGHTS))
            rows.append([label, *(value for one in sets.values() for value in _measured(matcher, one)[:2])])
    columns = [f"{measure}, {name}" for name in sets for measure in ("top1", "top3")]
    return Table("What each part adds", ["without", *columns], rows)


@contextmanager
def _all(knowledge: KnowledgeBase) -> Iterator[KnowledgeBase]:
    yield knowledge


@contextmanager
def _without_concepts(knowledge: KnowledgeBase) -> Iterator[KnowledgeBase]:
    with patch("kb.reading.concepts", return_value={}):
        yield knowledge


@contextmanager
def _without_typos(knowledge: KnowledgeBase) -> Iterator[KnowledgeBase]:
    with patch("kb.typos.Speller.correct", lambda self, text: text):
        yield knowledge


@contextmanager
def _without_prior(knowledge: KnowledgeBase) -> Iterator[KnowledgeBase]:
    with patch("kb.match.WEIGHTS", matching.WEIGHTS._replace(prior=0.0)):
        yield knowledge


@contextmanager
def _without_classifier(knowledge: KnowledgeBase) -> Iterator[KnowledgeBase]:
    with patch("kb.match.WEIGHTS", matching.WEIGHTS._replace(learned=0.0, learned_none=0.0)):
        yield knowledge


@contextmanager
def _without_phrasings(knowledge: KnowledgeBase) -> Iterator[KnowledgeBase]:
    incidents = {}
    for incident in knowledge.incidents.values():
        symptoms = tuple(symptom.model_copy(update={"phrasings": ()}) for symptom in incident.symptoms)
        incidents[incident.id] = incident.model_copy(update={"symptoms": symptoms})
    yield replace(knowledge, incidents=incidents)


@contextmanager
def _without_elsewhere(knowledge: KnowledgeBase) -> Iterator[KnowledgeBase]:
    with patch("kb.match.elsewhere", return_value={}):
        yield knowledge


_PARTS: Final = {
    "nothing (all of it)": _all,
    "phrasings": _without_phrasings,
    "which words tell look-alikes apart": _without_classifier,
    "words of the trade": _without_concepts,
    "how common an incident is": _without_prior,
    "what the casebook is not for": _without_elsewhere,
    "corrected typos": _without_typos,
}


def _left_out(knowledge: KnowledgeBase) -> Table:
    """Return how often a phrasing finds its incident when it is not in the index."""
    rows = []
    first = third = count = 0
    for fold in range(FOLDS):
        rest, phrasings = held_out(knowledge, fold)
        method = _blip(Matcher(rest))
        for one in phrasings:
            best = method(one.text).best
            first += best[0] in one.accept
            third += bool(one.accept & set(best))
            count += 1
    rows.append([str(count), f"{first / count:.3f}", f"{third / count:.3f}"])
    return Table(
        "Phrasings, a fifth of each incident's left out of the index at a time", ["phrasings", "top1", "top3"], rows
    )


def _speed(knowledge: KnowledgeBase) -> Table:
    """Return the median time of one description, and that of a cold start of the command."""
    texts = [one.text for one in halves(OPERATORS)[1]]
    methods = {
        "Blip, full ranking with reasons": _blip(Matcher(knowledge)),
        "rapidfuzz token_set_ratio, whole text": _fuzzy(knowledge, fuzz.token_set_ratio, titles=False),
        "bm25s, whole text": _bm25s(knowledge),
    }
    times = {label: median(_timed(method, texts)) for label, method in methods.items()}
    base = times["Blip, full ranking with reasons"]
    rows = [[label, f"{seconds * 1000:.2f} ms", f"{seconds / base:.1f}"] for label, seconds in times.items()]
    blip = Path(sys.executable).with_name("blip")
    command = [str(blip), "match", "--json", texts[0]]
    cold = median(_timed(lambda _: subprocess.run(command, capture_output=True, check=True), range(7)))
    rows.append(["`blip match` from a cold start", f"{cold * 1000:.0f} ms", f"{cold / base:.0f}"])
    return Table(f"Speed over {len(knowledge.active)} incidents", ["method", "median", "times Blip"], rows)


def _timed(method: Callable[[Any], object], inputs: Sequence[Any]) -> Iterator[float]:
    method(inputs[0])
    for one in inputs:
        start = time.perf_counter()
        method(one)
        yield time.perf_counter() - start


if __name__ == "__main__":
    print("\n".join(map(str, run())))
