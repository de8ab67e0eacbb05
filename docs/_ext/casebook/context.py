"""What every page carries besides its content: a description, and ways to mend it or to report an error on it."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urlencode

from docutils import nodes
from sphinx.application import Sphinx


def add_context(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give the page's template `description`, `edit_url` and `report_url`."""
    repository, branch = context["repository"], context["branch"]
    meta = context.get("meta") or {}
    context["description"] = meta.get("description") or _first_paragraph(doctree) or context["default_description"]
    if meta.get("script"):
        app.add_js_file(meta["script"])
    source = f"{pagename}{context['page_source_suffix']}" if doctree is not None else "docs/_templates/" + template
    context["edit_url"] = f"{repository}/edit/{branch}/{source}"
    title = str(context.get("title") or pagename)
    body = f"Page: {pagename}\nSource: {source}\n\nWhat is wrong, and how do you know (a link, an output)?\n"
    context["report_url"] = f"{repository}/issues/new?" + urlencode(
        {"title": f"Error on page: {_plain(title)}", "body": body}
    )


def _first_paragraph(doctree: nodes.document | None) -> str:
    if doctree is None:
        return ""
    first = next(iter(doctree.findall(nodes.paragraph)), None)
    return " ".join(first.astext().split())[:300] if first else ""


def _plain(title: str) -> str:
    """Take the markup out of a rendered title."""
    return html.unescape(re.sub(r"<[^<>]{0,200}>", "", title))
