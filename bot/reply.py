"""What the bot says, free of any channel: a few kinds of parts that each channel draws in its own way.

Texts are plain: a channel escapes them. Nothing here was typed by a user without having been bounded before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """A short line above what follows."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """One or more sentences."""

    text: str


@dataclass(frozen=True)
class Item:
    """One line of a list, perhaps with a page that it leads to."""

    text: str
    url: str | None = None


@dataclass(frozen=True)
class Bullets:
    """A list of lines."""

    items: tuple[Item, ...]


@dataclass(frozen=True)
class Code:
    """Something to copy, or to paste elsewhere; `caption` says where it is run or what it is."""

    text: str
    caption: str = ""


@dataclass(frozen=True)
class Table:
    """Rows under a header; every row is as long as the header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Diagram:
    """A drawing, as SVG, of what the part before it says in words; a channel without pictures leaves it out."""

    title: str
    svg: str


@dataclass(frozen=True)
class Choice:
    """One answer to a check: the outcome it sets and the words on its button."""

    outcome: str
    label: str


@dataclass(frozen=True)
class Choices:
    """The answers to a check. A channel with buttons makes buttons, others list the outcomes' names."""

    check: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Lead:
    """A page that a stranger wrote: its title, perhaps its address, and why it is shown.

    Nothing in a title is markup, whatever it looks like.
    """

    title: str
    url: str | None
    because: str


@dataclass(frozen=True)
class Leads:
    """Pages that may help and that nobody has checked; no channel shows them without the label that says so."""

    label: str
    leads: tuple[Lead, ...]


Part = Heading | Paragraph | Bullets | Code | Table | Diagram | Choices | Leads


@dataclass(frozen=True)
class Reply:
    """One answer of the bot, in parts from top to bottom."""

    parts: tuple[Part, ...]

    @property
    def headline(self) -> str:
        """The first heading or paragraph: what a notification shows."""
        return next((part.text for part in self.parts if isinstance(part, Heading | Paragraph)), "")

    def markdown(self) -> str:
        """Write the reply as Markdown, for a terminal, a JSON client or a case file."""
        return "\n\n".join("\n".join(_lines(part)) for part in self.parts if not isinstance(part, Diagram))


def _lines(part: Part) -> Iterator[str]:
    match part:
        case Heading(text):
            yield f"### {text}"
        case Paragraph(text):
            yield text
        case Bullets(items):
            for item in items:
                yield f"- {item.text} <{item.url}>" if item.url else f"- {item.text}"
        case Code(text, caption):
            if caption:
                yield f"{caption}:"
            fence = "````" if "```" in text else "```"
            yield from (fence, *text.splitlines(), fence)
        case Table(header, rows):
            yield "| " + " | ".join(header) + " |"
            yield "|" + " --- |" * len(header)
            for row in rows:
                yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
        case Choices(_, choices):
            for choice in choices:
                yield f"- `{choice.outcome}`: {choice.label}"
        case Leads(label, leads):
            yield f"{label}:"
            yield ""
            for lead in leads:
                address = f" <{lead.url}>" if lead.url else ""
                yield f"- {_literal(lead.title)}{address} ({lead.because})"


def _literal(text: str) -> str:
    """Return a text of one line as code, in which Markdown sees no links, pictures or tags."""
    marks = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " if "`" in (text[:1], text[-1:]) else ""
    return f"{marks}{space}{text}{space}{marks}"
