"""`slug` in a narrative becomes a link when it is the name of an entry; other code stays code."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

from .incremental import note_subject
from .knowledge import casebook_of

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class NamesBecomeLinks(SphinxTransform):
    """Link code that names an incident, a check or a family to its page."""

    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
        """Replace each such piece of code in the page."""
        book = casebook_of(self.config)
        here = self.env.docname
        for literal in list(self.document.findall(nodes.literal)):
            name = literal.astext()
            if (
                not _NAME.fullmatch(name)
                or "-" not in name
                or isinstance(literal.parent, nodes.reference | addnodes.pending_xref)
            ):
                continue
            # Noted even when nothing has that name: a later entry may take it.
            note_subject(self.env, f"name/{name}", book)
            place = book.place(name)
            if place is not None and place.docname != here:
                literal.replace_self(_link(literal, here, place.docname, place.title))


def _link(literal: nodes.literal, here: str, docname: str, title: str) -> addnodes.pending_xref:
    return addnodes.pending_xref(
        "",
        nodes.literal(literal.astext(), literal.astext(), classes=["name"]),
        refdomain="std",
        reftype="doc",
        reftarget=f"/{docname}",
        refdoc=here,
        refexplicit=True,
        refwarn=True,
        reftitle=title,
    )
