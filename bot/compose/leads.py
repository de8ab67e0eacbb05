"""Imported reports that read alike: the last and least of what a case is answered with, and nobody has checked them.

Whoever can file a bug can write anything into its title, so what is shown of it is short, in one line, printable, and
leads nowhere but to a plain web address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from bot.reply import Lead, Leads, Part

if TYPE_CHECKING:
    from kb.reports import FoundReport

SHOWN: Final = 3
"""How many reports may stand beside the suspects."""
LABEL: Final = "Not in the casebook, but these reports read alike"
MAX_TITLE: Final = 160
"""Characters of a title that are shown."""
MAX_NAME: Final = 40
"""Characters of an id or a word that are shown."""

_MOST_WORDS: Final = 6
_MAX_ADDRESS: Final = 500
# No spaces, quotes, brackets or other scripts, and no name of a user that passes for a host.
_ADDRESS: Final = re.compile(r"https?://[\w.-]+(?::\d{1,5})?(?:[/?#][\w./?#=&;:,+~%@!$*()-]*)?", re.ASCII)


def leads(found: Sequence[FoundReport]) -> list[Part]:
    """Show imported reports, or nothing when there are none."""
    return [Leads(LABEL, tuple(map(lead, found)))] if found else []


def lead(report: FoundReport) -> Lead:
    """Return what may be shown of an imported report: its title, and its id where nothing else would lead to it."""
    title, name, url = printable(report.title, MAX_TITLE), printable(report.id, MAX_NAME), address(report.url)
    shown = title if title and url else f"{title} ({name})" if title else name
    words = ", ".join(printable(word, MAX_NAME) for word in report.shared[:_MOST_WORDS])
    return Lead(shown, url, f"words shared: {words}")


def printable(text: str, limit: int) -> str:
    """Return a text in one line of at most `limit` characters, all of which show and none of which steers a screen."""
    shown = " ".join("".join(sign if sign.isprintable() else " " for sign in text[: 4 * limit]).split())
    return shown if len(shown) <= limit else f"{shown[: limit - 1].rstrip()}…"


def address(url: str) -> str | None:
    """Return an address as it is when what one reads is where it leads, None otherwise."""
    return url if len(url) <= _MAX_ADDRESS and _ADDRESS.fullmatch(url) else None
