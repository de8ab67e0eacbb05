"""Cases are kept between messages, the same way in SQLite and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.case import Case, Turn
from bot.store import KEEP_CASES, CaseStore
from kb.errors import InputError
from tests.postgres import postgres_url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'deep' / 'cases.sqlite3'}"
    else:
        with postgres_url(tmp_path) as address:
            yield address


@pytest.fixture
def store(url: str) -> Iterator[CaseStore]:
    store = CaseStore(url)
    yield store
    store.close()


def test_a_case_comes_back_as_it_was_kept(store: CaseStore) -> None:
    case = Case.new().after(Turn(text="größer — 断网", findings={"scope": "one-guest"}, asked="nic-model"))
    store.save("T1/C1/1.2", case)
    assert store.load("T1/C1/1.2") == case
    assert store.load("T1/C1/1.3") is None


def test_the_last_state_of_a_case_counts_also_for_another_process(url: str, store: CaseStore) -> None:
    case = Case.new()
    for number in range(3):
        case = case.after(Turn(text=str(number)))
        store.save("key", case)
    other = CaseStore(url)
    assert other.load("key") == case
    other.close()


def test_a_key_is_a_value_and_never_part_of_a_query(store: CaseStore) -> None:
    key = "x'; DROP TABLE cases; --"
    store.save(key, Case.new())
    assert store.load(key) is not None


def test_an_event_is_new_exactly_once_however_many_ask_at_once(store: CaseStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: store.seen("Ev1"), range(16)))
    assert answers.count(False) == 1
    assert store.seen("Ev2") is False


def test_old_cases_are_forgotten(url: str, store: CaseStore) -> None:
    store.save("old", Case.new())
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE cases SET touched = touched - :age"), {"age": KEEP_CASES + 1})
    assert store.load("old") is None
    store.save("new", Case.new())
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM cases")).scalar_one() == 1
    engine.dispose()


def test_a_case_of_an_older_version_is_no_case(url: str, store: CaseStore) -> None:
    store.save("key", Case.new())
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text('UPDATE cases SET content = \'{"of": "old"}\''))
    engine.dispose()
    assert store.load("key") is None


@pytest.mark.parametrize(
    "address",
    ["nonsense", "nosuchdb://host/name", "postgresql+psycopg://user:secret@127.0.0.1:1/none", "sqlite:////proc/no/x"],
)
def test_an_address_that_cannot_be_used_is_told_without_the_password(address: str) -> None:
    with pytest.raises(InputError) as caught:
        CaseStore(address)
    assert "secret" not in str(caught.value)
