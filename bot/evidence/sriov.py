"""Virtual functions of a card: the `vf` lines of `ip link`, and the card's counters of refused source addresses."""

from __future__ import annotations

import re
from typing import ClassVar, Final

from bot.evidence.notebook import Line, Notebook

_FUNCTION: Final = re.compile(
    r"^\s+vf (?P<number>\d{1,4}) .{0,200}?spoof checking (?P<check>on|off)(?:.{0,40}?link-state (?P<link>\w{1,10}))?"
)
_CARD: Final = re.compile(r"^\d{1,5}: (?P<name>[\w.-]{1,20})(?:@\w{1,20})?: <")
_REFUSED: Final = re.compile(r"^\s+(?P<name>[\w.]{0,40}spoof[\w.]{0,40}): (?P<count>\d{1,18})\s*$", re.I)
_MOST: Final = 1000


class FunctionReader:
    """Remembers the functions and the counters, and judges at the end."""

    WORDS: ClassVar[tuple[str, ...]] = ()  # it reads commands, not logs

    def __init__(self, book: Notebook) -> None:
        self._book = book
        self._card = ""
        self._checked: dict[str, bool] = {}
        self._refused: dict[tuple[str, str, str], list[tuple[int, str]]] = {}

    def take(self, line: Line) -> bool:
        """Read one line; False when it is not about a virtual function."""
        if line.mark or line.stamp is not None or line.program:
            return False
        text = line.text[:400]
        card = _CARD.match(text)
        if card:
            self._card = card["name"]
            return False
        function = _FUNCTION.match(text)
        if function:
            self._note(function, line)
            return True
        refused = _REFUSED.match(text)
        if refused and len(self._refused) < _MOST:
            key = (line.place.file, line.place.host, refused["name"])
            self._refused.setdefault(key, []).append((int(refused["count"]), line.quote))
        return bool(refused)

    def finish(self) -> None:
        """Say whether the card refuses frames: its counters grow, or stand above zero where they were read once."""
        for readings in self._refused.values():
            first, last = readings[0], readings[-1]
            events = last[0] > (first[0] if len(readings) > 1 else 0)
            self._book.finding("vf-spoof-check", "on-with-events" if events else "off", last[1])
            if events:
                self._book.show(f"The card refuses frames with a source address that is not the function's: {last[1]}.")
        if self._checked and not any(self._checked.values()):
            self._book.finding("vf-spoof-check", "off", "; ".join(self._checked))

    def _note(self, function: re.Match[str], line: Line) -> None:
        if len(self._checked) < _MOST:
            self._checked[f"{self._card} {line.quote}"] = function["check"] == "on"
        if function["link"] == "disable":
            self._book.show(f"VF {function['number']} of {self._card or 'the card'} is held down (link-state disable).")
