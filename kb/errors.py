"""Every error Blip raises on purpose, each with the situation of the person who meets it.

BlipError                      anything a user can put right; its text is meant for them
├── KnowledgeBaseError         a casebook has entries that cannot be loaded (holds every Problem found)
├── NotFoundError              a name was given that the casebook does not have (holds the nearest names)
├── InputError                 a file or value given on the command line cannot be used
├── ServiceError               a service outside refuses us or does not answer
└── StoredIndexError           a saved search index is damaged or of another version
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple


class Problem(NamedTuple):
    """One thing that is wrong in a file, and where. Lines and columns count from 1."""

    path: Path
    line: int
    column: int
    field: str
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}:{self.column}"
        return f"{place}: {self.field}: {self.message}" if self.field else f"{place}: {self.message}"


class BlipError(Exception):
    """Something a user can put right. The text says what, where and what was expected."""


class KnowledgeBaseError(BlipError):
    """A casebook was refused as a whole, because at least one entry in it is wrong."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class NotFoundError(BlipError):
    """A name was given that the casebook does not have."""

    def __init__(self, kind: str, name: str, nearest: Sequence[str] = ()) -> None:
        self.kind, self.name, self.nearest = kind, name, tuple(nearest)
        hint = f"; did you mean {' or '.join(self.nearest)}?" if self.nearest else ""
        super().__init__(f"the casebook has no {kind} {name!r}{hint}")


class InputError(BlipError):
    """A file or value that was given cannot be used."""


class ServiceError(BlipError):
    """A service outside refuses what was set for it, or does not answer; the text holds no secret."""


class StoredIndexError(BlipError):
    """A saved search index cannot be read: damaged, foreign, or written by another version."""
