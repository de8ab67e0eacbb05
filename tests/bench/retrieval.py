"""Measure the index beside rapidfuzz and bm25s: how well it finds, and how fast.

`python -m tests.bench.retrieval [--full]`. Quality is measured on the collections in BEIR layout under the directory
that `BLIP_BEIR` names (one folder a collection: corpus.jsonl, queries.jsonl, qrels/test.tsv), by a public scorer. Speed
is measured on generated texts, everything in one process and one run, so that the ratios hold on any machine.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

import bm25s
import ir_measures
import numpy as np
import Stemmer
from ir_measures import AP, P, Qrel, R, ScoredDoc, nDCG
from rapidfuzz import fuzz, process, utils

from kb.index import Document, Index
from kb.rank import rank_corpus
from kb.records import read_records
from kb.reports import FIELDS
from tests.bench.table import Table

SIZES: Final = (1_000, 10_000, 100_000)
FULL_SIZE: Final = 1_000_000

_DEPTH: Final = 100
_MEASURES: Final = (AP, nDCG @ 10, P @ 1, R @ 10)
_QUERIES: Final = 100
_PATIENCE: Final = 10.0  # seconds for the queries of one method, so that the slow ones are asked fewer
_VOCABULARY: Final = 50_000


def run(full: bool = False) -> list[Table]:
    """Measure quality and speed; `full` adds a million documents."""
    directory = os.environ.get("BLIP_BEIR")
    return [*quality(Path(directory) if directory else None), speed((*SIZES, FULL_SIZE) if full else SIZES)]


class Collection(NamedTuple):
    """A public test collection: documents as title and text, queries, and which documents answer them."""

    folder: Path
    corpus: Mapping[str, tuple[str, str]]
    queries: Mapping[str, str]
    judged: Sequence[Qrel]

    @classmethod
    def read(cls, folder: Path) -> "Collection":
        """Read the test part of a collection in BEIR layout."""
        rows = [line.split("\t") for line in (folder / "qrels" / "test.tsv").read_text().splitlines()[1:]]
        judged = [Qrel(query, document, int(score)) for query, document, score in rows]
        wanted = {each.query_id for each in judged}
        corpus = {
            each.name("_id"): (each.text("title", ""), each.text("text"))
            for each in read_records(folder / "corpus.jsonl")
        }
        queries = {each.name("_id"): each.text("text") for each in read_records(folder / "queries.jsonl")}
        return cls(folder, corpus, {name: text for name, text in queries.items() if name in wanted}, judged)


def quality(directory: Path | None) -> Iterator[Table]:
    """Yield one table a collection, or one that says why there is none."""
    folders = sorted(path.parent for path in directory.glob("*/corpus.jsonl")) if directory else []
    if not folders:
        yield Table("Quality: skipped, BLIP_BEIR names no directory of collections in BEIR layout", (), ())
    methods: dict[str, Callable[[Collection], Iterable[ScoredDoc]]] = {
        "blip": _run_of_blip,
        "bm25s": _run_of_bm25s,
        "rapidfuzz token_set_ratio": _run_of_rapidfuzz,
    }
    for collection in map(Collection.read, folders):
        rows = []
        for name, ranked in methods.items():
            found = ir_measures.calc_aggregate(_MEASURES, collection.judged, list(ranked(collection)))
            rows.append([name, *(f"{found[measure]:.3f}" for measure in _MEASURES)])
        size = f"{len(collection.corpus):,} documents, {len(collection.queries):,} queries"
        yield Table(f"Quality: {collection.folder.name}, {size}", ("method", *map(str, _MEASURES)), rows)


def _run_of_blip(collection: Collection) -> Iterator[ScoredDoc]:
    with tempfile.TemporaryDirectory() as scratch:
        run = Path(scratch, "run.trec")
        rank_corpus(collection.folder / "corpus.jsonl", collection.folder / "queries.jsonl", run, _DEPTH)
        ranked = list(ir_measures.read_trec_run(str(run)))  # type: ignore[no-untyped-call]
    yield from (each for each in ranked if each.query_id in collection.queries)


def _run_of_bm25s(collection: Collection) -> Iterator[ScoredDoc]:
    names = list(collection.corpus)
    search = Bm25s([f"{title} {text}" for title, text in collection.corpus.values()])
    for query, text in collection.queries.items():
        found, scores = search(text, min(_DEPTH + 1, len(names)))
        yield from _others(query, ((names[at], score) for at, score in zip(found, scores, strict=True)))


def _run_of_rapidfuzz(collection: Collection) -> Iterator[ScoredDoc]:
    corpus = {name: utils.default_process(f"{title} {text}") for name, (title, text) in collection.corpus.items()}
    for query, text in collection.queries.items():
        wanted = utils.default_process(text)
        best = process.extract(wanted, corpus, scorer=fuzz.token_set_ratio, limit=_DEPTH + 1)
        yield from _others(query, ((name, score) for _, score, name in best))


def _others(query: str, ranked: Iterable[tuple[str, float]]) -> Iterator[ScoredDoc]:
    """Leave the query itself out of what was found for it."""
    return (ScoredDoc(query, name, float(score)) for name, score in ranked if name != query)


class Bm25s:
    """bm25s as its documentation shows it: Snowball stems, English stop words, its own constants."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._stemmer = Stemmer.Stemmer("english")
        self._index = bm25s.BM25()
        self._index.index(self._tokens(list(texts)), show_progress=False)

    def __call__(self, text: str, limit: int) -> tuple[list[int], list[float]]:
        """Return the places and the scores of the best texts."""
        found, scores = self._index.retrieve(self._tokens([text]), k=limit, show_progress=False)
        return found[0].tolist(), scores[0].tolist()

    def _tokens(self, texts: list[str]) -> object:
        return bm25s.tokenize(texts, stopwords="en", stemmer=self._stemmer, show_progress=False)


def speed(sizes: Sequence[int]) -> Table:
    """Time one query, ten answers wanted, over generated reports."""
    columns = ("reports", "blip, with reasons", "bm25s", "rapidfuzz WRatio over titles", "blip built in", "blip holds")
    return Table(
        "Speed: median of one query, and how many times as long the others take", columns, list(map(_timed, sizes))
    )


def _timed(size: int) -> list[str]:
    """Time each method in turn, so that no two of them hold a million reports at once."""
    questions = [f"{title} {text[:40]}" for title, text in islice(generated(size), _QUERIES)]
    ours, built, held = _time_of_blip(size, questions)
    others = (_time_of_bm25s(size, questions), _time_of_rapidfuzz(size, questions))
    times = [f"{1000 * ours:.2f} ms", *(f"{1000 * other:.2f} ms = {other / ours:.2f} ×" for other in others)]
    return [f"{size:,}", *times, f"{built:.1f} s", f"{held / 1e6:,.0f} MB"]


def _time_of_blip(size: int, questions: Sequence[str]) -> tuple[float, float, int]:
    """Return the seconds of one query and of building, and the bytes held."""
    started = time.perf_counter()
    reports = (dict(zip(FIELDS, report, strict=True)) for report in generated(size))
    index = Index.build((Document(str(at), fields) for at, fields in enumerate(reports)), FIELDS)
    built = time.perf_counter() - started
    held = sum(array.nbytes for array in index.arrays().values())
    return _median_time(lambda question: index.search(question, 10), questions), built, held


def _time_of_bm25s(size: int, questions: Sequence[str]) -> float:
    search = Bm25s([f"{title} {text}" for title, text in generated(size)])
    return _median_time(lambda question: search(question, 10), questions)


def _time_of_rapidfuzz(size: int, questions: Sequence[str]) -> float:
    titles = [title for title, _ in generated(size)]
    return _median_time(lambda question: process.extract(question, titles, limit=10), questions)


def _median_time(ask: Callable[[str], object], questions: Sequence[str]) -> float:
    """Return the median seconds of one question, asking as many as patience allows."""
    ask(questions[0])  # the first one warms caches and compiles what is compiled late
    times: list[float] = []
    for question in questions:
        started = time.perf_counter()
        ask(question)
        times.append(time.perf_counter() - started)
        if sum(times) > _PATIENCE:
            break
    return median(times)


def generated(amount: int) -> Iterator[tuple[str, str]]:
    """Yield titles and texts of made-up words, as frequent as words are (Zipf's law), the same ones every time."""
    chance = np.random.default_rng(20)
    letters = np.array(list("etaoinshrdlucmfwypvbgkjqxz"))
    vocabulary = ["".join(chance.choice(letters, size)) for size in chance.integers(3, 11, _VOCABULARY)]
    reach = np.cumsum(1 / np.arange(1, _VOCABULARY + 1))
    for number in range(amount):
        drawn = np.searchsorted(reach, chance.random(chance.integers(20, 80)) * reach[-1])
        words = [vocabulary[each] for each in drawn]
        yield " ".join(words[:8]), f"{' '.join(words[8:])} eth{number % 16} {number}"


if __name__ == "__main__":
    for table in run(full="--full" in sys.argv[1:]):
        print(table)
