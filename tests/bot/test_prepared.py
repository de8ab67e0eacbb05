"""What is kept for a fast start is never older, and never somebody else's, than the casebook it was made from."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from bot.prepared import cache_folder, prepared_conversation
from kb.load import BUILT_IN
from tests.kb.casebook import INCIDENT, Casebook


@pytest.fixture
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Casebook:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    book = Casebook(tmp_path / "private")
    book.incident.unlink()
    book.write("incidents/our-own-fault.md", INCIDENT)
    return book


def kept(folder: Path | None) -> list[Path]:
    return sorted(folder.glob("*.pickle")) if folder else []


def test_the_second_start_uses_what_the_first_one_kept(private: Casebook) -> None:
    prepared_conversation([private.root])
    (file,) = kept(cache_folder())
    before = file.stat().st_mtime_ns
    again = prepared_conversation([private.root])
    assert file.stat().st_mtime_ns == before
    assert "our-own-fault" in again.knowledge.incidents


def test_a_changed_entry_is_seen_at_once(private: Casebook) -> None:
    prepared_conversation([private.root])
    path = private.root / "incidents/our-own-fault.md"
    private.change(path, "title: Guest goes deaf under load", "title: Guest goes mute")
    assert prepared_conversation([private.root]).knowledge.incident("our-own-fault").title == "Guest goes mute"


def test_a_damaged_cache_is_made_anew(private: Casebook) -> None:
    prepared_conversation([private.root])
    (file,) = kept(cache_folder())
    for content in (b"", b"no pickle", pickle.dumps(["something else"])):
        file.write_bytes(content)
        assert len(prepared_conversation([private.root]).knowledge.incidents) > 100


def test_a_folder_that_others_may_write_is_not_trusted(private: Casebook, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "blip"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    assert cache_folder() is None
    assert prepared_conversation([private.root]).knowledge.incidents
    assert list(folder.iterdir()) == []


def test_no_cache_folder_at_all_is_no_trouble(private: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(BUILT_IN / "load.py"))
    assert cache_folder() is None
    assert prepared_conversation([private.root]).knowledge.incidents
