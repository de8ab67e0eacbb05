"""The DHCP conversation of The Issue as a sequence diagram."""

from __future__ import annotations

from typing import Final

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from kb.sequence import Message, describe, sequence_svg

_GUEST, _TAP, _SERVER = "Guest", "Tap on the host", "DHCP server"
TITLE: Final = "Seven steps that look like a DHCP fault"
CONVERSATION: Final = (
    Message(_TAP, _TAP, "Heavy traffic: a wake-up is lost, nobody empties the queue"),
    Message(_GUEST, _SERVER, "1. DHCPREQUEST to its own server: please renew"),
    Message(_SERVER, _TAP, "2. DHCPACK"),
    Message(_TAP, _GUEST, "the reply stays in the queue", lost=True),
    Message(_GUEST, _SERVER, "3. The same DHCPREQUEST again"),
    Message(_SERVER, _TAP, "4. DHCPACK again"),
    Message(_TAP, _GUEST, "it is not delivered either", lost=True),
    Message(_GUEST, _SERVER, "5. DHCPREQUEST to everybody, 255.255.255.255"),
    Message(_SERVER, _TAP, "6. A third DHCPACK"),
    Message(_TAP, _GUEST, "once more nothing", lost=True),
    Message(_GUEST, _GUEST, "7. Gives up; the lease ends and the address is gone"),
)


class DhcpConversation(SphinxDirective):
    """Draw what the guest and the DHCP server say to each other while the guest is deaf."""

    def run(self) -> list[nodes.Node]:
        """Return the diagram, and its description where no SVG can be shown."""
        drawing = nodes.raw("", sequence_svg(TITLE, (_GUEST, _TAP, _SERVER), CONVERSATION), format="html")
        words = nodes.raw("", describe(CONVERSATION), format="text latex")
        caption = nodes.paragraph(
            "", "The server answers every time; every answer reaches the tap and none the guest.", classes=["caption"]
        )
        return [nodes.container("", drawing, words, caption, classes=["sequence"])]
