"""Which documents read like a text, why, and how an index survives on disk."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import StoredIndexError
from kb.index import Document, Index

FIELDS = {"title": 3.0, "text": 1.0}
SUBJECTS = [
    "bridge",
    "tunnel",
    "firewall",
    "router",
    "switch",
    "gateway",
    "balancer",
    "resolver",
    "scheduler",
    "volume",
]
FAULTS = ["drops packets", "leaks memory", "reboots", "loses routes", "logs errors", "sends garbage", "times out"]


def documents() -> Iterator[Document]:
    for number in range(70):
        subject, fault = SUBJECTS[number % 10], FAULTS[number // 10]
        text = f"After the upgrade our {subject} {fault} every night, version 2.{number}-ubuntu"
        yield Document(f"{subject}-{number}", {"title": f"The {subject} {fault}", "text": text})
    yield Document(
        "deaf",
        {
            "title": "Guest goes deaf under load",
            "text": "virtio_net on br-int stops receiving; nf_conntrack table full",
        },
    )
    yield Document("empty", {})


@pytest.fixture(scope="module")
def index() -> Index:
    return Index.build(documents(), FIELDS)


@pytest.fixture
def saved(index: Index, tmp_path: Path) -> Path:
    index.save(tmp_path / "index")
    return tmp_path / "index"


def test_the_document_that_says_it_comes_first(index: Index) -> None:
    assert index.search("guests go deaf when loaded")[0].id == "deaf"
    assert index.search("firewall leaking memory")[0].id == "firewall-12"


def test_an_identifier_is_found_by_its_name_and_by_its_parts(index: Index) -> None:
    for text in ("nf_conntrack", "conntrack", "BR-INT", "virtio_net", "virtio"):
        assert index.search(text)[0].id == "deaf"


def test_a_misspelt_word_beside_a_right_one_speaks_for_what_is_spelt_alike(index: Index) -> None:
    hits = index.search("the resolver garbbage")
    assert max(hits, key=lambda hit: hit.likeness.spelling).id == "resolver-57"


def test_scores_fall_and_lie_between_0_and_1(index: Index) -> None:
    hits = index.search("the switch reboots every night", limit=100)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert 0 <= scores[-1] <= scores[0] <= 1
    assert all(0 <= each <= 1.000001 for hit in hits for each in hit.likeness)


def test_reasons_name_the_words_of_the_query_with_their_fields_and_sum_to_the_likeness_in_words(index: Index) -> None:
    hit = index.search("Firewalls leaking")[0]
    assert {(reason.word, reason.field) for reason in hit.because} == {
        (word, field) for word in ("Firewalls", "leaking") for field in FIELDS
    }
    assert sum(reason.score for reason in hit.because) == pytest.approx(hit.likeness.words, rel=1e-5)
    assert [reason.score for reason in hit.because] == sorted((r.score for r in hit.because), reverse=True)


def test_the_parts_of_an_identifier_are_one_reason(index: Index) -> None:
    assert [(reason.word, reason.field) for reason in index.search("virtio_net")[0].because] == [("virtio_net", "text")]


def test_a_word_in_a_heavier_field_earns_more() -> None:
    twins = [
        Document("below", {"title": "one thing", "text": "broken"}),
        Document("above", {"title": "broken", "text": "one thing"}),
    ]
    assert [hit.id for hit in Index.build(twins, FIELDS).search("broken")] == ["above", "below"]
    assert [hit.id for hit in Index.build(twins, {"title": 1, "text": 3}).search("broken")] == ["below", "above"]


def test_no_more_than_the_limit_come_back(index: Index) -> None:
    assert len(index.search("night", limit=3)) == 3
    assert len(index.search("night", limit=1000)) == 70


def test_a_number_leads_back_to_the_document(index: Index) -> None:
    names = [document.id for document in documents()]
    assert all(names[hit.number] == hit.id for hit in index.search("router"))


def test_nothing_is_found_for_a_text_without_a_known_word(index: Index) -> None:
    assert index.search("") == []
    assert index.search("zzzz qqqq ???") == []


def test_an_index_of_nothing_finds_nothing(tmp_path: Path) -> None:
    Index.build([], FIELDS).save(tmp_path / "none")
    assert Index.load(tmp_path / "none").search("anything") == []
    assert len(Index.load(tmp_path / "none")) == 0


def test_equal_documents_keep_their_order() -> None:
    twins = [Document(str(number), {"title": "the same fault"}) for number in range(40)]
    assert [hit.id for hit in Index.build(twins, FIELDS).search("fault", 5)] == ["0", "1", "2", "3", "4"]


def test_a_field_without_a_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="titel"):
        Index.build([Document("a", {"titel": "misspelt"})], FIELDS)


def test_the_second_stage_ranks_documents_that_came_from_elsewhere(index: Index) -> None:
    query = index.read("router")
    ranked = index.rank(query, np.array([3, 13, 70]), limit=2)
    assert {hit.id for hit in ranked} == {"router-3", "router-13"}


def test_the_same_documents_give_the_same_answers(index: Index) -> None:
    again = Index.build(documents(), FIELDS)
    assert again.search("switch loses routes", 50) == index.search("switch loses routes", 50)


def test_a_loaded_index_answers_as_the_built_one(index: Index, saved: Path) -> None:
    loaded = Index.load(saved)
    for text in ("switch loses routes", "nf_conntrack", "deaf guest 虚拟机", ""):
        assert loaded.search(text, 50) == index.search(text, 50)
    assert len(loaded) == len(index)


def test_another_process_gives_the_same_answer(saved: Path, index: Index) -> None:
    program = (
        "import sys, pathlib, kb.index; i = kb.index.Index.load(pathlib.Path(sys.argv[1])); print(i.search('deaf'))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run(
        [sys.executable, "-c", program, str(saved)], check=True, capture_output=True, text=True, env=environment
    )
    assert done.stdout.strip() == repr(index.search("deaf"))


def test_a_process_keeps_the_index_it_loaded_while_a_new_one_takes_its_place(saved: Path) -> None:
    loaded = Index.load(saved)
    Index.build([Document("other", {"title": "something else"})], FIELDS).save(saved)
    assert loaded.search("deaf")[0].id == "deaf"
    assert Index.load(saved).search("something")[0].id == "other"
    assert [path.name for path in saved.parent.iterdir()] == ["index"]


def test_a_directory_that_is_no_index_is_neither_loaded_nor_replaced(index: Index, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "todo.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for name in ("notes", "file", "missing"):
        with pytest.raises(StoredIndexError, match=name):
            Index.load(tmp_path / name)
    for name in ("notes", "file"):
        with pytest.raises(StoredIndexError, match=name):
            index.save(tmp_path / name)
    assert (tmp_path / "notes" / "todo.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "manifest", ["", "{", "[]", "null", "{}", '{"format": "other"}', '{"format": "blip-arrays-1"}']
)
def test_a_manifest_that_is_not_ours_is_told(saved: Path, manifest: str) -> None:
    (saved / "manifest.json").write_text(manifest)
    with pytest.raises(StoredIndexError, match=re.escape(str(saved))):
        Index.load(saved)


def test_a_manifest_that_lacks_a_part_of_an_index_is_told(saved: Path) -> None:
    manifest = (saved / "manifest.json").read_text()
    (saved / "manifest.json").write_text(manifest.replace('"postings.gain"', '"postings.other"'))
    with pytest.raises(StoredIndexError):
        Index.load(saved)
    (saved / "manifest.json").write_text(manifest.replace('"fields"', '"columns"'))
    with pytest.raises(StoredIndexError):
        Index.load(saved)


def test_every_file_that_is_missing_cut_short_or_foreign_is_told(saved: Path) -> None:
    for path in sorted(saved.glob("*.npy")):
        whole = path.read_bytes()
        for damaged in (b"", whole[: len(whole) // 2], b"PK\x03\x04" + whole, b"\x00" * len(whole)):
            path.write_bytes(damaged)
            with pytest.raises(StoredIndexError, match="build it again"):
                Index.load(saved)
        path.unlink()
        with pytest.raises(StoredIndexError, match="build it again"):
            Index.load(saved)
        path.write_bytes(whole)
    assert Index.load(saved).search("deaf")


@pytest.mark.parametrize("name", ["postings.document", "postings.start", "weighing.start", "weighing.token"])
def test_numbers_that_cannot_be_are_told_at_the_latest_when_a_search_meets_them(saved: Path, name: str) -> None:
    array = np.load(saved / f"{name}.npy")
    np.save(saved / f"{name}.npy", np.full_like(array, 2_000_000_000))
    with pytest.raises(StoredIndexError):
        Index.load(saved).search("the switch reboots")


@given(st.text())
def test_no_text_raises(index: Index, text: str) -> None:
    assert len(index.search(text)) <= 10


@given(
    st.lists(st.sampled_from(["The", "Firewall", "br-int", "Leaks", "memory", "Night", "deaf", "unknown"]), min_size=1)
)
def test_the_order_of_the_results_is_the_same_in_any_case(index: Index, words: list[str]) -> None:
    text = " ".join(words)
    for changed in (text.upper(), text.lower(), text.title(), text.swapcase()):
        assert [hit.id for hit in index.search(changed)] == [hit.id for hit in index.search(text)]


@given(st.permutations(["firewall", "leaks", "memory", "deaf", "guest", "night"]))
def test_the_order_of_the_words_changes_nothing(index: Index, words: list[str]) -> None:
    assert [hit.id for hit in index.search(" ".join(words))] == [
        hit.id for hit in index.search("firewall leaks memory deaf guest night")
    ]


@given(st.lists(st.text(max_size=40), max_size=12), st.text(max_size=40))
def test_documents_of_any_text_can_be_built_and_searched(texts: list[str], query: str) -> None:
    index = Index.build((Document(str(at), {"text": text}) for at, text in enumerate(texts)), FIELDS)
    assert {hit.id for hit in index.search(query)} <= {str(at) for at in range(len(texts))}


@pytest.mark.parametrize("noise", ["lorem ipsum {} ", "x", "网", "kernel: [{}.123456] eth{}: nothing\n"])
def test_a_megabyte_of_text_is_answered(index: Index, noise: str) -> None:
    paste = "".join(noise.replace("{}", str(number)) for number in range(1_000_000 // len(noise)))
    assert "deaf" in [hit.id for hit in index.search(f"guest goes deaf under load\n{paste}")[:3]]


def test_a_document_covers_the_information_of_the_words_it_shares_with_the_query(index: Index) -> None:
    """In nats: minus the logarithm of the share of documents that hold the word."""
    deaf = index.search("deaf")[0].number
    covered = index.coverage(index.read("deaf"), deaf)
    assert covered.share == 1
    assert covered.nats == pytest.approx(np.log(len(index)), abs=0.5)
    half = index.coverage(index.read("deaf firewall-less tunnel"), deaf)
    assert half.nats == pytest.approx(covered.nats)
    assert half.share < 0.7


def test_unheard_words_are_told_but_not_covered_and_unheard_names_do_not_count(index: Index) -> None:
    deaf = index.search("deaf")[0].number
    alone, named, worded = (
        index.coverage(index.read(text), deaf).share for text in ("deaf", "deaf 10.1.2.3 0xbeef", "deaf zzzz")
    )
    assert (alone, named) == (1, 1)
    assert worded == pytest.approx(0.5)


def test_an_identifier_is_covered_once_with_its_parts(index: Index) -> None:
    deaf = index.search("deaf")[0].number
    whole = index.coverage(index.read("nf_conntrack"), deaf)
    assert whole.share == 1
    assert whole.nats == pytest.approx(index.coverage(index.read("conntrack"), deaf).nats)


def test_nothing_is_covered_of_an_empty_query(index: Index) -> None:
    assert index.coverage(index.read(""), 0) == (0, 0)
