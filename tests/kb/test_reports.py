"""Imported bug reports: read from a file, kept in a directory, found again by a text."""

import json
from pathlib import Path

import pytest

from kb.errors import InputError, StoredIndexError
from kb.index import Document, Index
from kb.reports import FIELDS, Reports

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
