"""A conversation as a sequence diagram: plain SVG that follows the colours of the page it stands in.

Colours come from CSS variables with `currentColor` as the fallback, so that one drawing serves light and dark pages.
The text alternative in `<desc>` says the same as the drawing, message by message.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import Final

LANE: Final = 220
"""Distance between two actors, in the drawing's units; text is 13 units high."""
_MARGIN: Final = 80
_HEAD: Final = 46
_LINE: Final = 17
_CHARACTER: Final = 6.6
_LABEL_LINES: Final = 4

_STYLE: Final = """
.seq text { font: 13px var(--font-stack, system-ui, sans-serif); fill: var(--color-foreground-primary, currentColor); }
.seq .actor { font-weight: 600; text-anchor: middle; }
.seq .label { text-anchor: middle; }
.seq .life { stroke: var(--color-foreground-border, currentColor); stroke-dasharray: 3 4; }
.seq .box { fill: var(--color-background-secondary, none); stroke: var(--color-foreground-border, currentColor); }
.seq .arrow { stroke: var(--color-brand-content, currentColor); stroke-width: 1.6; fill: none; }
.seq .head { fill: var(--color-brand-content, currentColor); stroke: none; }
.seq .lost { stroke: var(--blip-lost, #d4492f); stroke-width: 1.8; fill: none; }
.seq .note { fill: var(--color-background-secondary, none); stroke: var(--color-foreground-border, currentColor); }
"""


@dataclass(frozen=True)
class Message:
    """One arrow of the diagram, or a note on one actor when `source` and `target` are the same."""

    source: str
    target: str
    text: str
    lost: bool = False
    """True for a message that was sent and never arrived."""


def sequence_svg(title: str, actors: Sequence[str], messages: Sequence[Message]) -> str:
    """Draw who said what to whom, from top to bottom.

    Args:
        title: the drawing's name, for people who do not see it.
        actors: the names above the lanes, from left to right.
        messages: in the order in which they were sent; each names two of the actors.

    Raises:
        ValueError: a message names nobody that takes part.
    """
    lanes = {actor: _MARGIN + index * LANE for index, actor in enumerate(actors)}
    strangers = {name for message in messages for name in (message.source, message.target)} - lanes.keys()
    if strangers:
        raise ValueError(f"no actor of the diagram: {', '.join(sorted(strangers))}")
    drawn: list[str] = []
    y = float(_HEAD + 14)
    for message in messages:
        part, y = _draw(message, lanes[message.source], lanes[message.target], y)
        drawn.append(part)
    width, height = 2 * _MARGIN + (len(actors) - 1) * LANE, y + 10
    frame = "".join(_lane(actor, x, height) for actor, x in lanes.items())
    name = "seq-" + hashlib.sha256(repr((title, messages)).encode()).hexdigest()[:8]
    return (
        f'<svg class="seq" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-labelledby="{name}-t" aria-describedby="{name}-d">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(describe(messages))}</desc>'
        f"<style>{_STYLE}</style>{frame}{''.join(drawn)}</svg>"
    )


def describe(messages: Sequence[Message]) -> str:
    """Tell the diagram in words."""
    return " ".join(f"{number}. {_describe(message)}" for number, message in enumerate(messages, start=1))


def _describe(message: Message) -> str:
    if message.source == message.target:
        return f"{message.source}: {message.text}."
    fate = " (never arrives)" if message.lost else ""
    return f"{message.source} to {message.target}: {message.text}{fate}."


def _lane(actor: str, x: float, height: float) -> str:
    return (
        f'<line class="life" x1="{x}" y1="{_HEAD - 8}" x2="{x}" y2="{height - 4:g}"/>'
        f'<rect class="box" x="{x - 72}" y="6" width="144" height="30" rx="6"/>'
        f'<text class="actor" x="{x}" y="26">{escape(actor)}</text>'
    )


def _draw(message: Message, start: float, end: float, y: float) -> tuple[str, float]:
    """Draw one message below `y`; return the drawing and where the next may begin."""
    if start == end:
        return _note(message.text, start, y)
    room = max(int((abs(end - start) - 12) / _CHARACTER), 8)
    lines = wrap(message.text, room)[:_LABEL_LINES]
    middle = (start + end) / 2
    text = _text(lines, middle, y)
    y += len(lines) * _LINE + 2
    way = 1 if end > start else -1
    if message.lost:
        stop = end - way * 26
        cross = f"M{stop - 5:g} {y - 5:g}l10 10m0 -10l-10 10"
        return (
            f'{text}<path class="arrow" d="M{start:g} {y:g}H{stop - way * 8:g}"/><path class="lost" d="{cross}"/>',
            y + 20,
        )
    point = f"M{end:g} {y:g}l{-way * 9} -4.5v9z"
    return f'{text}<path class="arrow" d="M{start:g} {y:g}H{end - way * 6:g}"/><path class="head" d="{point}"/>', y + 20


def _note(words: str, x: float, y: float) -> tuple[str, float]:
    lines = wrap(words, int(142 / _CHARACTER))[: _LABEL_LINES + 1]
    height = len(lines) * _LINE + 8
    box = f'<rect class="note" x="{x - 74}" y="{y - 8:g}" width="148" height="{height}" rx="4"/>'
    return box + _text(lines, x, y + 1), y + height + 10


def _text(lines: Sequence[str], x: float, y: float) -> str:
    return "".join(
        f'<text class="label" x="{x:g}" y="{y + 6 + index * _LINE:g}">{escape(line)}</text>'
        for index, line in enumerate(lines)
    )
