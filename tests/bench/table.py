"""Show what was measured."""

from collections.abc import Sequence
from typing import NamedTuple


class Table(NamedTuple):
    """Rows of figures under one title; the first cell of a row names what the others measure."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __str__(self) -> str:
        lines = (self.columns, ["---"] * len(self.columns), *self.rows) if self.rows else ()
        return "\n".join([f"## {self.title}", "", *(f"| {' | '.join(line)} |" for line in lines), ""])


def share(those: Sequence[bool]) -> str:
    """Return how many of some answers are true, as a share; a dash where there is none."""
    return f"{sum(those) / len(those):.3f}" if those else "-"
