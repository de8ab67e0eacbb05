"""Entry files as pages: the front matter gives way to directives that draw it, line for line."""

from __future__ import annotations

import re

from sphinx.application import Sphinx

from kb.load import FOLDERS
from kb.model import Incident

from .knowledge import casebook_of

_BEFORE = {"incidents": "incident-facts", "checks": "check-facts", "families": "family-facts"}
_AFTER = {
    "incidents": (("References", "incident-references"), ("Confusable incidents", "confusable-incidents")),
    "checks": (),
    "families": (("Members", "family-members"), ("What to ask first", "family-tree"), ("All answers", "family-matrix")),
}
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def folder_of(docname: str) -> str | None:
    """Return the casebook folder that a page comes from, or None for every other page."""
    match docname.split("/"):
        case ["kb", folder, _] if folder in FOLDERS:
            return folder
    return None


def draw_front_matter(app: Sphinx, docname: str, source: list[str]) -> None:
    """Replace an entry's front matter by a heading and a directive, on as many lines as it had.

    The number of lines stays, so that a warning about the narrative names the line of the file.
    """
    folder = folder_of(docname)
    if folder is None:
        return
    book = casebook_of(app.config)
    entry = book.entries(folder)[docname.rpartition("/")[2]]
    app.env.metadata[docname]["orphan"] = "true"
    app.env.metadata[docname]["description"] = _description(entry)
    lines = source[0].splitlines()
    end = next(number for number, line in enumerate(lines) if number and line.rstrip() == "---")
    title = _PUNCTUATION.sub(r"\\\1", entry.title)  # type: ignore[attr-defined]
    top = [f"# {title}", f"```{{{_BEFORE[folder]}}}", "```"]
    top += [""] * (end + 1 - len(top))
    after = [line for heading, name in _AFTER[folder] for line in ("", f"## {heading}", f"```{{{name}}}", "```")]
    source[0] = "\n".join([*top, *lines[end + 1 :], *after, ""])


def _description(entry: object) -> str:
    """Return one sentence or two that say what the page is about, for search engines and link previews."""
    summary = getattr(entry, "summary", None) or f"{getattr(entry, 'question', '')} A check of the Blip casebook."
    return f"Withdrawn: {summary}" if isinstance(entry, Incident) and entry.withdrawn_because else str(summary)
