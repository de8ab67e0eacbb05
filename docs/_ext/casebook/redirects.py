"""Small pages at the addresses that entries had under their former names, and at the site's root."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sphinx.application import Sphinx

from .knowledge import casebook_of

Page = tuple[str, dict[str, Any], str]


def redirect_pages(app: Sphinx) -> Iterator[Page]:
    """Give Sphinx each redirect as a page name, a context and a template."""
    book = casebook_of(app.config)
    for former, name in book.knowledge.redirects.items():
        place = book.place(name)
        if place is not None:
            folder = place.docname.rpartition("/")[0]
            yield f"{folder}/{former}", {"title": place.title, "target": place.docname}, "redirect.html"
    root = app.config.root_doc
    if root != "index":
        yield "index", {"title": app.config.html_title, "target": root}, "redirect.html"
