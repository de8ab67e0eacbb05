"""A reply -> messages in Block Kit.

Everything is built with the SDK's models, which refuse what is too long; the limits that they do not know (blocks and
characters of a message, rows and number of tables) are kept here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextActionsBlock,
    ContextBlock,
    FeedbackButtonsElement,
    HeaderBlock,
    PlainTextObject,
    RawTextObject,
    RichTextBlock,
    RichTextElement,
    RichTextListElement,
    TableBlock,
)
from slack_sdk.models.blocks.basic_components import FeedbackButtonObject, TableBlockColumnSettings

from bot.case import Case
from bot.reply import Bullets, Choice, Choices, Code, Heading, Item, Leads, Paragraph, Part, Reply, Table
from bot.slack import richtext
from bot.slack.desk import Answer, Press

OUTCOME: Final = "outcome"
"""What the action ids of a check's buttons begin with."""
FEEDBACK: Final = "feedback"
"""The action id of the buttons that say whether a conclusion was right."""

MAX_BLOCKS: Final = 50
MAX_CHARACTERS: Final = 12_000
"""Blocks and characters of one message."""
MAX_REPLY: Final = 24_000
"""Characters of one reply; more would bury the thread."""
MAX_FALLBACK: Final = 3000
MAX_HEADER: Final = 150
MAX_BUTTON: Final = 75
MAX_BUTTONS: Final = 25
MAX_ROWS: Final = 99
MAX_COLUMNS: Final = 20
MAX_CELL: Final = 500
SHORT: Final = 30
"""Characters of a button that every client shows; longer answers are listed above, and their buttons are numbers."""

CANNOT_TELL: Final = "I can't tell"
_NO_CASE: Final = Case(id="")
_CUT: Final = "The rest is too long for Slack and was left out."


@dataclass(frozen=True)
class Post:
    """One message: its blocks, and the escaped text that notifications and screen readers use instead of them."""

    text: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class _Piece:
    """A block with the words that are in it."""

    block: Block
    words: str
    needed: bool = False
    """True when the piece must be sent however long the reply is."""


def posts(answer: Answer, notes: Sequence[str] = ()) -> tuple[Post, ...]:
    """Draw an answer.

    Args:
        answer: what the conversation said.
        notes: sentences to say first, about what could not be used.
    """
    parts = (*(Paragraph(note) for note in notes), *answer.reply.parts)
    pieces = [piece for part in parts for piece in _draw(part, answer)]
    if answer.concluded:
        pieces.append(_Piece(_feedback(answer), "", needed=True))
    return tuple(_post(message) for message in _packed(_bounded(pieces)))


def sentence(text: str) -> Post:
    """Draw one sentence."""
    return posts(Answer(_NO_CASE, Reply((Paragraph(text),))))[0]


def answered(blocks: Sequence[dict[str, Any]], chosen: str, who: str) -> list[dict[str, Any] | Block]:
    """Return a message's blocks with the buttons replaced by what was chosen.

    Args:
        blocks: the message as Slack sent it back; Slack's own blocks are handed on as they came.
        chosen: the answer in words.
        who: the person's name; plain text, for a mention would ring.
    """
    kept: list[dict[str, Any] | Block] = [block for block in blocks if block.get("type") != "actions"]
    text = richtext.shorten(richtext.printable(f"Answered by {who}: {chosen}"), 500)
    return [*kept[: MAX_BLOCKS - 1], ContextBlock(elements=[PlainTextObject(text=text, emoji=False)])]


def _draw(part: Part, answer: Answer) -> Iterator[_Piece]:
    match part:
        case Heading(text):
            yield from _heading(richtext.printable(text))
        case Paragraph(text):
            for chunk in richtext.chunks(richtext.printable(text)):
                yield _rich(chunk, richtext.sentence(chunk))
        case Bullets(items):
            for lines in _grouped(items):
                elements = [richtext.linked(line.text, line.url) for line in lines]
                text = "\n".join(f"• {line.text}" for line in lines)
                yield _rich(text, RichTextListElement(style="bullet", elements=elements))
        case Code(text, caption):
            yield from _code(richtext.printable(text), richtext.printable(caption))
        case Table(header, rows):
            yield from _table(header, rows)
        case Choices(check, choices):
            yield from _choices(check, choices, answer)
        case Leads():
            yield _leads(part)


def _heading(text: str) -> Iterator[_Piece]:
    if 0 < len(text.strip()) <= MAX_HEADER:
        yield _Piece(HeaderBlock(text=PlainTextObject(text=text, emoji=False)), text)
        return
    for chunk in richtext.chunks(text):
        yield _rich(chunk, richtext.bold(chunk))


def _code(text: str, caption: str) -> Iterator[_Piece]:
    above = [richtext.sentence(f"{richtext.shorten(caption, 300)}:")] if caption else []
    for chunk in richtext.chunks(text.strip("\n")):
        words = f"{caption}:\n{chunk}" if above else chunk
        yield _rich(words, *above, richtext.preformatted(chunk))
        above = []


def _grouped(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Clean the lines of a list, and cut it where one block would grow too long."""
    group: list[Item] = []
    for item in items:
        line = Item(richtext.shorten(richtext.printable(item.text).strip(), richtext.MAX_TEXT), item.url)
        if group and sum(len(other.text) for other in (*group, line)) > richtext.MAX_TEXT:
            yield group
            group = []
        if line.text:
            group.append(line)
    if group:
        yield group


def _leads(part: Leads) -> _Piece:
    """Draw the label and its list in one block, so that no cut can part them."""
    label = f"{richtext.shorten(richtext.printable(part.label), MAX_CELL)}:"
    lines = [
        (_cell(lead.title), lead.url, f" ({richtext.shorten(richtext.printable(lead.because), MAX_CELL)})")
        for lead in part.leads
    ]
    elements = [richtext.cited(*line) for line in lines]
    text = "\n".join((label, *(f"• {title}{reason}" for title, _, reason in lines)))
    return _rich(text, richtext.sentence(label), RichTextListElement(style="bullet", elements=elements))


def _table(header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Iterator[_Piece]:
    wrapped = [TableBlockColumnSettings(is_wrapped=True) for _ in header[:MAX_COLUMNS]]
    for start in range(0, len(rows), MAX_ROWS):
        lines = [_cells(row) for row in (header, *rows[start : start + MAX_ROWS])]
        cells = [[RawTextObject(text=cell) for cell in line] for line in lines]
        words = "\n".join(" | ".join(line) for line in lines)
        if len(words) <= MAX_CHARACTERS:
            yield _Piece(TableBlock(rows=cells, column_settings=wrapped), words)
        else:
            yield from _code(words, "")


def _cells(row: tuple[str, ...]) -> list[str]:
    return [_cell(text) for text in row[:MAX_COLUMNS]]


def _cell(text: str) -> str:
    # Slack refuses an empty one.
    return richtext.shorten(richtext.printable(text).strip(), MAX_CELL) or "–"


def _choices(check: str, choices: tuple[Choice, ...], answer: Answer) -> Iterator[_Piece]:
    labels = [richtext.shorten(richtext.printable(each.label).strip() or each.outcome, 300) for each in choices]
    words = "\n".join(f"{number}. {label}" for number, label in enumerate(labels, start=1))
    listed = any(len(label) > SHORT for label in labels)
    if listed:
        elements = [richtext.sentence(label) for label in labels]
        yield _Piece(RichTextBlock(elements=[RichTextListElement(style="ordered", elements=elements)]), words, True)

    def button(number: int, text: str, label: str, outcome: str | None) -> ButtonElement:
        press = Press(case=answer.case.id, check=check, outcome=outcome, turn=len(answer.case.turns))
        return ButtonElement(
            text=PlainTextObject(text=text, emoji=False),
            action_id=f"{OUTCOME}-{number}",
            value=press.model_dump_json(),
            accessibility_label=richtext.shorten(label, MAX_BUTTON),
        )

    buttons = [
        button(number, str(number) if listed else label, label, choice.outcome)
        for number, (label, choice) in enumerate(zip(labels, choices, strict=True), start=1)
    ]
    buttons.append(button(0, CANNOT_TELL, CANNOT_TELL, None))
    for start in range(0, len(buttons), MAX_BUTTONS):
        block = ActionsBlock(elements=buttons[start : start + MAX_BUTTONS])
        yield _Piece(block, "" if listed else words, needed=True)


def _feedback(answer: Answer) -> ContextActionsBlock:
    def button(text: str, opinion: str) -> FeedbackButtonObject:
        return FeedbackButtonObject(text=text, value=f"{opinion} {answer.concluded}", accessibility_label=text)

    buttons = FeedbackButtonsElement(
        action_id=FEEDBACK,
        positive_button=button("That was it", "right"),
        negative_button=button("That was not it", "wrong"),
    )
    return ContextActionsBlock(elements=[buttons])


def _rich(words: str, *elements: RichTextElement) -> _Piece:
    return _Piece(RichTextBlock(elements=list(elements)), words)


def _bounded(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """Leave out what a reply has too much of, and say so where it happens."""
    left = MAX_REPLY
    cut = False
    for piece in pieces:
        fits = len(piece.words) <= left and not cut
        if fits or piece.needed:
            left -= len(piece.words)
            yield piece
        elif not cut:
            cut = True
            yield _rich(_CUT, richtext.sentence(_CUT))


def _packed(pieces: Iterable[_Piece]) -> Iterator[list[_Piece]]:
    """Share pieces out to messages: so many blocks, so many characters, one table each."""
    message: list[_Piece] = []
    for piece in pieces:
        together = [*message, piece]
        tables = sum(isinstance(each.block, TableBlock) for each in together)
        characters = sum(len(each.words) for each in together)
        if message and (len(together) > MAX_BLOCKS or characters > MAX_CHARACTERS or tables > 1):
            yield message
            together = [piece]
        message = together
    if message:
        yield message


def _post(pieces: Sequence[_Piece]) -> Post:
    words = "\n".join(piece.words for piece in pieces if piece.words)
    text = richtext.escape(richtext.shorten(words, MAX_FALLBACK))
    return Post(text or "Blip", tuple(piece.block for piece in pieces))
