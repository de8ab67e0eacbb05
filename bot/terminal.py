"""The conversation on a terminal: plain text, with colours only where a person will see them."""

from __future__ import annotations

import os
import select
import shutil
import sys
import textwrap
from collections.abc import Iterator
from typing import Final, TextIO

from bot.case import Case
from bot.conversation import Conversation, Message
from bot.reply import Bullets, Choices, Code, Diagram, Heading, Leads, Paragraph, Part, Reply, Table

_BOLD: Final = "\033[1m"
_DIM: Final = "\033[2m"
_CYAN: Final = "\033[36m"
_PLAIN: Final = "\033[0m"
_PROMPT: Final = "> "
_PASTE_SECONDS: Final = 0.05


class Terminal:
    """Reads messages from one stream and writes replies to another until the input ends or says `quit`."""

    def __init__(self, conversation: Conversation, source: TextIO, sink: TextIO) -> None:
        self._conversation = conversation
        self._source, self._sink = source, sink
        self._colour = sink.isatty() and "NO_COLOR" not in os.environ
        self._width = min(shutil.get_terminal_size((100, 24)).columns, 100)

    def run(self) -> None:
        """Hold the conversation. A blank line ends a message of several lines that were pasted in one go."""
        case = Case.new()
        self._show(self._conversation.greeting())
        self._write("Write `help` for what I understand, `quit` to leave.\n")
        while (text := self._read()) is not None:
            if text.strip().lower() in ("quit", "exit", ":q"):
                break
            case, reply = self._conversation.answer(case, Message(text=text))
            self._show(reply)

    def _read(self) -> str | None:
        """Return the next message: the line that was typed, and whatever was pasted along with it."""
        if self._source.isatty():
            return _read_paste(_PROMPT)
        line = self._source.readline()
        return line if line else None

    def _show(self, reply: Reply) -> None:
        parts = (part for part in reply.parts if not isinstance(part, Diagram))
        self._write("\n" + "\n\n".join("\n".join(self._lines(part)) for part in parts) + "\n\n")

    def _write(self, text: str) -> None:
        self._sink.write(text)
        self._sink.flush()

    def _lines(self, part: Part) -> Iterator[str]:
        match part:
            case Heading(text):
                yield from (self._painted(_BOLD, line) for line in textwrap.wrap(text, self._width))
            case Paragraph(text):
                yield from textwrap.wrap(text, self._width)
            case Bullets(items):
                for item in items:
                    yield from textwrap.wrap(item.text, self._width, initial_indent="  - ", subsequent_indent="    ")
                    if item.url:
                        yield self._painted(_DIM, f"    {item.url}")
            case Code(text, caption):
                if caption:
                    yield self._painted(_DIM, f"{caption}:")
                yield from (self._painted(_CYAN, f"    {line}") for line in text.splitlines())
            case Table(header, rows):
                yield from self._table(header, rows)
            case Choices(_, choices):
                for number, choice in enumerate(choices, start=1):
                    yield f"  {number}  {choice.label}  " + self._painted(_DIM, f"({choice.outcome})")

            case Leads(label, leads):
                yield from textwrap.wrap(f"{label}:", self._width)
                for lead in leads:
                    yield from textwrap.wrap(lead.title, self._width, initial_indent="  - ", subsequent_indent="    ")
                    for line in filter(None, (lead.url, lead.because)):
                        yield self._painted(_DIM, f"    {line}")

    def _table(self, header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Iterator[str]:
        widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
        for row in (header, *rows):
            line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            yield self._painted(_BOLD, line) if row is header else line

    def _painted(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_PLAIN}" if self._colour else text


def _read_paste(prompt: str) -> str | None:
    """Read a line, and the lines that arrive with it because they were pasted."""
    lines: list[str] = []
    try:
        lines.append(input(prompt))
        while select.select([sys.stdin], [], [], _PASTE_SECONDS)[0]:
            lines.append(input())
    except (EOFError, KeyboardInterrupt):
        return "\n".join(lines) if lines else None
    return "\n".join(lines)
