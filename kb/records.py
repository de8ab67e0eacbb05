"""Read files of one JSON object a line, which is how collections of reports travel."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from kb.errors import InputError


class Record(NamedTuple):
    """One object of a file, and where it stands for the error that it may deserve. Lines count from 1."""

    path: Path
    line: int
    values: dict[str, Any]

    def name(self, key: str) -> str:
        """Return the id under a key, which may be written as a number.

        Raises:
            InputError: There is none, or it is empty or holds white space, which no list of results can carry.
        """
        value = self.values.get(key)
        name = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(name, str) or not name or name.split() != [name]:
            raise self.wrong(f'"{key}" must be an id without white space, not {_shown(value)}')
        return name

    def text(self, key: str, default: str | None = None) -> str:
        """Return the text under a key, or the default when the key is missing or null.

        Raises:
            InputError: It is something else than text, or missing without a default.
        """
        value = self.values.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise self.wrong(f'"{key}" must be a text, not {_shown(value)}')
        return value

    def wrong(self, message: str) -> InputError:
        """Return the error that says what is wrong in this line."""
        return InputError(f"{self.path}:{self.line}: {message}")


def read_records(path: Path) -> Iterator[Record]:
    """Yield the objects of a file one after the other, holding one line at a time; empty lines are passed over.

    Raises:
        InputError: The file cannot be read, or a line is not a JSON object in UTF-8.
    """
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield Record(path, number, _object(path, number, line))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error


def _object(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}:{number}: not a JSON object ({error})") from error
    if not isinstance(value, dict):
        raise InputError(f"{path}:{number}: must be a JSON object, not {_shown(value)}")
    return value


def _shown(value: object) -> str:
    """Return a value as JSON, cut to a length that fits a message."""
    if value is None:
        return "nothing"
    shown = json.dumps(value)
    return shown if len(shown) <= 60 else f"{shown[:60]}…"
