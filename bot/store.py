"""Cases kept between messages, and the events that were seen: SQLite for one process, PostgreSQL for several.

Little is kept and not for long: a case is forgotten a month after its last message, an event id after an hour.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from sqlalchemy import Column, Float, MetaData, String, Table, Text, create_engine, delete, insert, select, update
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, OperationalError

from bot.case import Case
from kb.errors import InputError

KEEP_CASES: Final = 30 * 86400.0
"""Seconds after its last message that a case is forgotten."""
KEEP_EVENTS: Final = 3600.0
"""Seconds that an event id is remembered; Slack repeats an event for at most 11 minutes."""

_METADATA = MetaData()
_CASES = Table(
    "cases",
    _METADATA,
    Column("key", String(200), primary_key=True),
    Column("touched", Float, nullable=False, index=True),
    Column("content", Text, nullable=False),
)
_EVENTS = Table(
    "events",
    _METADATA,
    Column("id", String(200), primary_key=True),
    Column("seen", Float, nullable=False, index=True),
)


class CaseStore:
    """Keeps cases under a key of the channel's choosing (a thread, a browser's case id)."""

    def __init__(self, url: str) -> None:
        """Open the store, and make its tables when they are missing.

        Args:
            url: a database address such as `sqlite:///cases.sqlite3` or `postgresql+psycopg://host/name`.

        Raises:
            InputError: the address is none, or nothing answers there.
        """
        try:
            address = make_url(url)
            if address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:"):
                Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
            self._engine = create_engine(address, pool_pre_ping=True)
            _METADATA.create_all(self._engine)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            raise InputError(f"BLIP_DATABASE_URL is no database address that can be used here: {error}") from error
        except (OperationalError, OSError):
            # The error's own text can hold the password; the rendered address hides it.
            shown = address.render_as_string(hide_password=True)
            raise InputError(f"the database {shown} does not answer or may not be written") from None

    def load(self, key: str) -> Case | None:
        """Return the case kept under a key, or None when there is none (any more)."""
        query = select(_CASES.c.content).where(_CASES.c.key == key, _CASES.c.touched > time.time() - KEEP_CASES)
        with self._engine.connect() as connection:
            content = connection.execute(query).scalar_one_or_none()
        if content is None:
            return None
        try:
            return Case.model_validate_json(content)
        except ValidationError:
            # A case of an older version cannot be continued; its channel opens a new one.
            return None

    def save(self, key: str, case: Case) -> None:
        """Keep a case under a key, in place of what was kept there, and forget cases that are too old."""
        now = time.time()
        values = {"touched": now, "content": case.model_dump_json()}
        with self._engine.begin() as connection:
            connection.execute(delete(_CASES).where(_CASES.c.touched < now - KEEP_CASES))
            if connection.execute(update(_CASES).where(_CASES.c.key == key).values(values)).rowcount == 0:
                self._insert_or_update(connection, key, values)

    def seen(self, event: str) -> bool:
        """Tell whether an event was seen before, and remember that it is seen now.

        Of several processes that ask at the same time, exactly one is told that the event is new.
        """
        now = time.time()
        with self._engine.begin() as connection:
            connection.execute(delete(_EVENTS).where(_EVENTS.c.seen < now - KEEP_EVENTS))
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(_EVENTS).values(id=event[:200], seen=now))
        except IntegrityError:
            return True
        return False

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @staticmethod
    def _insert_or_update(connection: Connection, key: str, values: dict[str, object]) -> None:
        try:
            with connection.begin_nested():
                connection.execute(insert(_CASES).values(key=key, **values))
        except IntegrityError:
            # Another process opened the same case a moment ago.
            connection.execute(update(_CASES).where(_CASES.c.key == key).values(values))
