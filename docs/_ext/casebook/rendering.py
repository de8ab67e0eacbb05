"""The pieces that pages are put together from, as docutils nodes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from kb.model import Frequency, Vantage

from .incremental import note_subject
from .knowledge import Casebook, casebook_of

Inline = nodes.Node | str
"""A piece of running text."""
Row = Sequence[Sequence[Inline]]
"""A table's row: a sequence of cells."""

VANTAGE = {
    Vantage.NETWORK: "on the network",
    Vantage.GUEST: "in the guest",
    Vantage.HOST: "on the host",
    Vantage.DHCP_SERVER: "on the DHCP server",
    Vantage.NETWORK_NODE: "on the network node",
    Vantage.SWITCH: "on the switch",
    Vantage.API: "through the cloud's API",
    Vantage.OPERATOR: "from memory",
}
"""Where one stands, as it is said in labels and headings."""

_WORDS = re.compile(r"`([^`\n]{1,200})`|\b([a-z0-9]+(?:-[a-z0-9]+)+)\b")


class disclosure(nodes.General, nodes.Element):  # noqa: N801 - docutils names its nodes this way
    """A part that opens on demand; its `summary` is always seen."""


def _open_disclosure(writer: Any, node: disclosure) -> None:
    state = " open" if node.get("open") else ""
    writer.body.append(f'<details class="disclosure"{state}><summary>{writer.encode(node["summary"])}</summary>\n')


def _close_disclosure(writer: Any, node: disclosure) -> None:
    writer.body.append("</details>\n")


def _pass(writer: Any, node: nodes.Node) -> None:
    """Write a node's children alone, where the output cannot fold."""


def setup_rendering(app: Sphinx) -> None:
    """Make the site's own nodes known to the writers."""
    app.add_node(disclosure, html=(_open_disclosure, _close_disclosure), text=(_pass, _pass), latex=(_pass, _pass))


class CasebookDirective(SphinxDirective):
    """A directive that draws something from the casebook."""

    @property
    def book(self) -> Casebook:
        """The casebook of this build."""
        return casebook_of(self.config)

    def depends_on(self, subject: str) -> None:
        """Note what this page is made from, so that it is read again when that changes."""
        note_subject(self.env, subject, self.book)

    def section(self, title: str, *content: nodes.Node) -> nodes.section:
        """Make a section of the page."""
        section = nodes.section("", nodes.title(title, title), *content)
        section["names"].append(nodes.fully_normalize_name(title))
        self.state.document.note_implicit_target(section, section)
        return section

    def prose(self, text: str) -> list[nodes.Node]:
        """Turn an entry's plain text into nodes: `code`, and ids as links to their pages."""
        pieces: list[nodes.Node] = []
        end = 0
        for match in _WORDS.finditer(text):
            code, word = match.groups()
            name = code or word
            place = self.book.place(name)
            # Outside backticks only an id of three parts or more is taken for one: `one-guest` may be plain prose.
            if code is None and (place is None or word.count("-") < 2):
                continue
            pieces.append(nodes.Text(text[end : match.start()]))
            pieces.append(self.link(name) if place else nodes.literal(name, name))
            end = match.end()
        pieces.append(nodes.Text(text[end:]))
        return [piece for piece in pieces if piece.astext()]

    def paragraph(self, text: str, *classes: str) -> nodes.paragraph:
        """Make a paragraph of an entry's plain text."""
        return nodes.paragraph("", "", *self.prose(text), classes=list(classes))

    def link(self, name: str, text: str | None = None) -> nodes.Node:
        """Link to an entry by its id; its title is the text unless another is given."""
        place = self.book.place(name)
        if place is None:
            return nodes.literal(name, name)
        return page_link(self.env.docname, place.docname, text or place.title)


def page_link(here: str, docname: str, text: str) -> addnodes.pending_xref:
    """Link to a page; a page that does not exist is a warning of the build."""
    content = nodes.inline(text, text)
    return addnodes.pending_xref(
        "",
        content,
        refdomain="std",
        reftype="doc",
        reftarget=f"/{docname}",
        refdoc=here,
        refexplicit=True,
        refwarn=True,
    )


def paragraph(*content: Inline, classes: Sequence[str] = ()) -> nodes.paragraph:
    """Make a paragraph of nodes and plain strings."""
    return nodes.paragraph("", "", *_nodes(content), classes=list(classes))


def badge(text: str, *classes: str) -> nodes.inline:
    """Make a small label."""
    return nodes.inline(text, text, classes=["badge", *classes])


def strong(text: str) -> nodes.strong:
    """Make a weighty word."""
    return nodes.strong(text, text)


def frequency(value: Frequency) -> nodes.inline:
    """Make the label of how often an outcome is seen."""
    return badge(value.value, f"freq-{value.value}")


def bullets(items: Iterable[Sequence[Inline]], *classes: str) -> nodes.bullet_list:
    """Make a list; an item's block nodes stay blocks, everything else becomes its first paragraph."""
    result = nodes.bullet_list(classes=list(classes))
    for item in items:
        result += nodes.list_item("", *_blocks(item))
    return result


def definitions(rows: Iterable[tuple[str, Sequence[Inline]]], *classes: str) -> nodes.definition_list:
    """Make a list of terms, each with what it is; block nodes stay blocks."""
    result = nodes.definition_list(classes=list(classes))
    for term, content in rows:
        definition = nodes.definition("", *_blocks(content))
        result += nodes.definition_list_item("", nodes.term(term, term), definition)
    return result


def table(header: Sequence[str], rows: Iterable[Row], *classes: str) -> nodes.table:
    """Make a table; each cell is a sequence of inline nodes and strings. The first column names its row."""
    group = nodes.tgroup(cols=len(header))
    for index in range(len(header)):
        group += nodes.colspec(colwidth=1, stub=int(index == 0))
    head = nodes.row("", *(nodes.entry("", paragraph(text)) for text in header))
    body = [nodes.row("", *(nodes.entry("", paragraph(*cell)) for cell in row)) for row in rows]
    group += nodes.thead("", head)
    group += nodes.tbody("", *body)
    return nodes.table("", group, classes=list(classes))


def code(text: str, language: str = "shell") -> nodes.literal_block:
    """Make a block to copy."""
    text = text.rstrip("\n")
    return nodes.literal_block(text, text, language=language)


def fold(summary: str, *content: nodes.Node, opened: bool = False) -> disclosure:
    """Make a part that opens on demand."""
    return disclosure("", *content, summary=summary, open=opened)


def _blocks(content: Sequence[Inline]) -> list[nodes.Node]:
    # docutils counts a reference among the body elements too, so that being inline decides.
    inline = [part for part in content if isinstance(part, str | nodes.Text | nodes.Inline)]
    blocks = [part for part in content if not isinstance(part, str | nodes.Text | nodes.Inline)]
    return [*([paragraph(*inline)] if inline else []), *blocks]


def _nodes(content: Iterable[Inline]) -> list[nodes.Node]:
    return [nodes.Text(part) if isinstance(part, str) else part for part in content]
