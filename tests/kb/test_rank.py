"""A corpus and queries in, a run that public scorers read out."""

import json
from pathlib import Path

import ir_measures
import pytest
from ir_measures import RR

from kb.errors import InputError
from kb.rank import rank_corpus

CORPUS: list[dict[str, object]] = [
    {"_id": "1", "title": "Bridge drops packets", "text": "the bridge drops every packet under load"},
    {"_id": "2", "title": "Bridge drops frames", "text": "frames and packets are gone under load"},
    {"_id": "3", "title": "Clock is wrong", "text": "time stands still in the guest"},
    {"_id": 4, "text": "no title here, and a backwards clock"},
]
QUERIES: list[dict[str, object]] = [
    {"_id": "1", "text": "Bridge drops packets"},
    {"_id": "q", "text": "backwards clock"},
]


def lines(path: Path, records: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return lines(tmp_path / "corpus.jsonl", CORPUS)


@pytest.fixture
def queries(tmp_path: Path) -> Path:
    return lines(tmp_path / "queries.jsonl", QUERIES)


def test_a_run_has_six_columns_ranks_from_1_and_falling_scores(corpus: Path, queries: Path, tmp_path: Path) -> None:
    assert rank_corpus(corpus, queries, tmp_path / "out.trec", depth=100) == 2
    rows = [line.split(" ") for line in (tmp_path / "out.trec").read_text().splitlines()]
    assert all(len(row) == 6 and row[1] == "Q0" and row[5] == "blip" for row in rows)
    for query in ("1", "q"):
        own = [row for row in rows if row[0] == query]
        assert [int(row[3]) for row in own] == list(range(1, len(own) + 1))
        assert [float(row[4]) for row in own] == sorted((float(row[4]) for row in own), reverse=True)


def test_a_public_scorer_reads_the_run_and_the_right_documents_are_first(
    corpus: Path, queries: Path, tmp_path: Path
) -> None:
    rank_corpus(corpus, queries, tmp_path / "out.trec")
    wanted = [ir_measures.Qrel("1", "2", 1), ir_measures.Qrel("q", "4", 1)]
    run = list(ir_measures.read_trec_run(str(tmp_path / "out.trec")))  # type: ignore[no-untyped-call]
    assert ir_measures.calc_aggregate([RR], wanted, run)[RR] == 1


def test_a_query_does_not_return_itself_and_still_fills_the_depth(corpus: Path, queries: Path, tmp_path: Path) -> None:
    rank_corpus(corpus, queries, tmp_path / "out.trec", depth=1)
    rows = [line.split(" ") for line in (tmp_path / "out.trec").read_text().splitlines()]
    assert [(row[0], row[2], row[3]) for row in rows] == [("1", "2", "1"), ("q", "4", "1")]


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b'{"_id": "5", "text": ',
        b"[1, 2]",
        b"17",
        b'{"text": "no id"}',
        b'{"_id": "", "text": "empty id"}',
        b'{"_id": "a b", "text": "an id in two words"}',
        b'{"_id": true, "text": "no id either"}',
        b'{"_id": "5"}',
        b'{"_id": "5", "text": 17}',
        b'{"_id": "5", "text": "caf\xe9"}',
        b"[" * 100_000,
    ],
)
def test_a_malformed_line_is_named_and_leaves_no_run(corpus: Path, queries: Path, tmp_path: Path, line: bytes) -> None:
    for path, number in ((corpus, 6), (queries, 4)):
        whole = path.read_bytes()
        path.write_bytes(whole + b"\n" + line + b"\n")
        with pytest.raises(InputError) as told:
            rank_corpus(corpus, queries, tmp_path / "out.trec")
        assert str(told.value).startswith(f"{path}:{number}: ")
        assert len(str(told.value)) < 500
        path.write_bytes(whole)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus.jsonl", "queries.jsonl"]


def test_a_document_that_is_there_twice_is_named(queries: Path, tmp_path: Path) -> None:
    twice = lines(tmp_path / "twice.jsonl", [CORPUS[0], CORPUS[0]])
    with pytest.raises(InputError, match=r"twice\.jsonl:2: .*earlier line"):
        rank_corpus(twice, queries, tmp_path / "out.trec")


def test_files_that_cannot_be_read_or_written_and_a_depth_of_nothing_are_told(
    corpus: Path, queries: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="absent"):
        rank_corpus(tmp_path / "absent", queries, tmp_path / "out.trec")
    with pytest.raises(InputError, match="nowhere"):
        rank_corpus(corpus, queries, tmp_path / "nowhere" / "out.trec")
    with pytest.raises(InputError, match="depth"):
        rank_corpus(corpus, queries, tmp_path / "out.trec", depth=0)
