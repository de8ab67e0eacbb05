"""Imported bug reports: read from a file, kept in a directory, found again by a text."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kb.errors import InputError, StoredIndexError
from kb.index import Document, Index
from kb.reports import FIELDS, Reports
from tests.imported import DEAF, HOSTILE, PRINTER, PRINTER_STORY, saved_reports
from tests.site import ROOT

REPORTS = [
    {"id": 997978, "title": "Guest goes deaf", "text": "network gone under load", "url": "https://bugs.example/997978"},
    {"id": "b2", "title": "桥接网络断开", "text": "重启后恢复"},
    {"id": "b3", "title": "Clock drifts", "text": None, "url": "https://bugs.example/b3"},
]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "reports.jsonl"
    path.write_text("".join(json.dumps(report) + "\n" for report in REPORTS), encoding="utf-8")
    return path


def test_a_report_is_found_with_its_title_address_and_reasons(source: Path) -> None:
    (found,) = Reports.read(source).search("the network of a guest is gone")
    assert (found.id, found.title, found.url) == ("997978", "Guest goes deaf", "https://bugs.example/997978")
    assert 0 < found.score <= 1
    assert {reason.word for reason in found.because} == {"network", "guest", "gone"}


def test_saved_reports_answer_as_those_just_read(source: Path, tmp_path: Path) -> None:
    built = Reports.read(source)
    built.save(tmp_path / "reports")
    loaded = Reports.load(tmp_path / "reports")
    assert len(loaded) == len(built) == 3
    for text in ("deaf guest", "网络", "clock", ""):
        assert loaded.search(text) == built.search(text)
    assert loaded.search("网络")[0].url == ""


def test_a_malformed_line_is_named(source: Path) -> None:
    with source.open("a", encoding="utf-8") as out:
        out.write('{"title": "no id"}\n')
    with pytest.raises(InputError, match=r'reports\.jsonl:4: "id"'):
        Reports.read(source)


def test_an_index_without_titles_is_no_saved_reports(tmp_path: Path) -> None:
    Index.build([Document("a", {"title": "something"})], FIELDS).save(tmp_path / "index")
    with pytest.raises(StoredIndexError, match="holds no reports"):
        Reports.load(tmp_path / "index")


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Reports:
    return Reports.load(saved_reports(tmp_path_factory.mktemp("tracker"), DEAF, PRINTER, HOSTILE))


def test_a_report_that_tells_most_of_the_story_reads_alike(tracker: Reports) -> None:
    """In other words and with a machine's own address, which no report of somebody else could hold."""
    (found,) = tracker.alike("web-7 (10.4.3.2) dropped off the network after last night's backup, dhclient gone", 3)
    assert found.id == "LP-1"
    assert {"backup", "network", "dhclient"} <= set(found.shared)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "???",
        "backup",
        "the network",
        "zorble flux quux network gone",
        "the backup server needs a bigger disk because tapes, robots and the changer firmware are all end of life",
        "who brings the cake to the office on friday",
    ],
)
def test_a_text_that_merely_shares_words_with_a_report_finds_nothing_unasked(tracker: Reports, text: str) -> None:
    assert tracker.alike(text, 3) == []
    if "backup" in text:
        assert tracker.search(text), "who asks is shown it all the same"


def test_no_more_than_the_limit_read_alike_and_the_most_alike_comes_first(tracker: Reports) -> None:
    assert [found.id for found in tracker.alike(PRINTER_STORY, 3)] == ["LP-2", HOSTILE["id"]]
    assert [found.id for found in tracker.alike(PRINTER_STORY, 1)] == ["LP-2"]


def test_glue_words_are_not_named_among_the_shared_ones(tracker: Reports) -> None:
    found = tracker.alike(f"the thing is: {PRINTER_STORY}", 1)[0]
    assert "the" in {reason.word for reason in found.because}
    assert "the" not in found.shared
    assert {"printer", "toner"} <= set(found.shared)


def test_what_is_no_saved_index_is_told_with_what_was_expected(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for name in (".", "file", "missing"):
        with pytest.raises(StoredIndexError, match=r"expected a directory that `blip reports build` wrote"):
            Reports.load(tmp_path / name)


def test_titles_of_another_collection_are_told(tmp_path: Path) -> None:
    here, there = (saved_reports(tmp_path / name, *reports) for name, reports in (("a", [DEAF]), ("b", [])))
    for part in ("characters", "ends"):
        name = f"titles.{part}.npy"
        shutil.copy(there / name, here / name)
    manifest = json.loads((here / "manifest.json").read_text())
    manifest["arrays"] |= {
        name: form
        for name, form in json.loads((there / "manifest.json").read_text())["arrays"].items()
        if name.startswith("titles.")
    }
    (here / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(StoredIndexError, match="do not fit"):
        Reports.load(here)


def test_two_processes_search_one_index_at_once_and_keep_it_while_it_is_replaced(tmp_path: Path) -> None:
    directory = saved_reports(tmp_path, DEAF)
    program = (
        "import pathlib, sys; from kb.reports import Reports; r = Reports.load(pathlib.Path(sys.argv[1]));"
        "print(len(r), flush=True); sys.stdin.readline(); print([f.id for f in r.search('backup dhclient')])"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "211\n"
    assert saved_reports(tmp_path) == directory
    assert [process.communicate("go\n")[0] for process in processes] == ["['LP-1']\n"] * 2
    assert Reports.load(directory).search("backup dhclient") == []
