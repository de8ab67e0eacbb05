"""Messages between a few actors -> a sequence diagram as one SVG element that needs nothing else.

Colours are the page's own (`currentColor` and two CSS variables with fallbacks), so it works in light and dark. The
title and the description carry everything for those who do not see the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final, Literal, NamedTuple

_COLUMN: Final = 250
_ROW: Final = 34
_TOP: Final = 56
_MARGIN: Final = 110
_MOST: Final = 200
_LONGEST: Final = 44


class Arrow(NamedTuple):
    """One message. `lost` ones end in a cross before they arrive."""

    sender: str
    receiver: str
    text: str
    time: str = ""
    fate: Literal["arrives", "lost", "note"] = "arrives"


def sequence_svg(title: str, actors: Sequence[str], messages: Sequence[Arrow]) -> str:
    """Draw who said what to whom, from top to bottom.

    Args:
        title: what the diagram shows; it becomes the accessible name.
        actors: from left to right; every sender and receiver must be one of them.
        messages: in the order of time. A note stands at its sender and goes nowhere.
    """
    shown = messages[:_MOST]
    places = {actor: _MARGIN + index * _COLUMN for index, actor in enumerate(actors)}
    width = _MARGIN * 2 + _COLUMN * max(len(actors) - 1, 1)
    height = _TOP + _ROW * (len(shown) + 1)
    words = [_spoken(message) for message in shown]
    if len(messages) > len(shown):
        words.append(f"{len(messages) - len(shown)} more messages are left out.")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="sequence" role="img" viewBox="0 0 {width} {height}" '
        f'width="{width}" '
        'style="max-width:100%;height:auto" font-family="system-ui, sans-serif" font-size="13" fill="currentColor">',
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(' '.join(words))}</desc>",
        *(_actor(actor, place, height) for actor, place in places.items()),
        *(_message(message, places, _TOP + _ROW * row) for row, message in enumerate(shown, 1)),
        "</svg>",
    ]
    return "\n".join(parts)


def _spoken(message: Arrow) -> str:
    time = f"{message.time} " if message.time else ""
    if message.fate == "note":
        return f"{time}{message.sender}: {message.text}."
    lost = ", which does not arrive" if message.fate == "lost" else ""
    return f"{time}{message.sender} to {message.receiver}: {message.text}{lost}."


def _actor(name: str, place: int, height: int) -> str:
    return (
        f'<text x="{place}" y="24" text-anchor="middle" font-weight="600">{escape(_short(name))}</text>'
        f'<line x1="{place}" y1="34" x2="{place}" y2="{height - 8}" stroke="currentColor" stroke-opacity=".35"/>'
    )


def _message(message: Arrow, places: dict[str, int], y: int) -> str:
    start, stop = places[message.sender], places[message.receiver]
    label = escape(_short(message.text))
    time = (
        f'<text x="4" y="{y + 4}" font-size="11" opacity=".75">{escape(message.time[-15:])}</text>'
        if message.time
        else ""
    )
    if message.fate == "note" or start == stop:
        return f'{time}<text x="{start + 8}" y="{y + 4}" font-style="italic">{label}</text>'
    towards = 1 if stop > start else -1
    middle = (start + stop) // 2
    if message.fate == "lost":
        colour, end = "var(--sequence-lost, #c2410c)", stop - towards * 36
        tip = f'<path d="M{end - 5} {y - 5}l10 10m0-10l-10 10" stroke="{colour}" stroke-width="2" fill="none"/>'
        dash = ' stroke-dasharray="5 4"'
    else:
        colour, end, dash = "var(--sequence-line, currentColor)", stop, ""
        tip = (
            f'<path d="M{end - towards * 8} {y - 4}L{end} {y}L{end - towards * 8} {y + 4}" stroke="{colour}" '
            'fill="none"/>'
        )
    line = f'<line x1="{start}" y1="{y}" x2="{end}" y2="{y}" stroke="{colour}"{dash}/>'
    return f'{time}<text x="{middle}" y="{y - 6}" text-anchor="middle">{label}</text>{line}{tip}'


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
