"""The DHCP conversation of The Issue as a sequence diagram."""

from __future__ import annotations

from typing import Final

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from kb.sequence import Arrow, sequence_svg

_GUEST, _TAP, _SERVER = "Guest", "Tap on the host", "DHCP server"
TITLE: Final = "Seven steps that look like a DHCP fault"
CONVERSATION: Final = (
    Arrow(_TAP, _TAP, "a wake-up is lost under load", fate="note"),
    Arrow(_GUEST, _SERVER, "1. please renew my lease"),
    Arrow(_SERVER, _TAP, "2. acknowledged"),
    Arrow(_TAP, _GUEST, "stays in the queue", fate="lost"),
    Arrow(_GUEST, _SERVER, "3. please renew my lease"),
    Arrow(_SERVER, _TAP, "4. acknowledged"),
    Arrow(_TAP, _GUEST, "stays in the queue", fate="lost"),
    Arrow(_GUEST, _SERVER, "5. anybody (255.255.255.255), please renew"),
    Arrow(_SERVER, _TAP, "6. acknowledged"),
    Arrow(_TAP, _GUEST, "stays in the queue", fate="lost"),
    Arrow(_GUEST, _GUEST, "7. gives up, the lease ends", fate="note"),
)
WORDS: Final = (
    "The server answers three times. Every answer reaches the guest's tap on the host, none the guest: a wake-up was "
    "lost under load, and nobody empties the queue."
)


class DhcpConversation(SphinxDirective):
    """Draw what the guest and the DHCP server say to each other while the guest is deaf."""

    def run(self) -> list[nodes.Node]:
        """Return the diagram, and its description where no SVG can be shown."""
        drawing = nodes.raw("", sequence_svg(TITLE, (_GUEST, _TAP, _SERVER), CONVERSATION), format="html")
        return [nodes.container("", drawing, nodes.paragraph("", WORDS, classes=["caption"]), classes=["diagram"])]
