"""A DHCP conversation -> a sequence diagram for a page."""

from __future__ import annotations

from bot.evidence.model import Conversation, DhcpMessage
from kb.sequence import Arrow, sequence_svg

_CLIENT, _SERVER = "guest", "DHCP server"
_WORDS = {
    "bound": "has its address",
    "gave-up": "gives up",
    "no-answer": "heard no offer",
    "lost": "loses its lease",
    "bad-checksum": "drops replies with bad checksums",
}


def conversation_svg(conversation: Conversation) -> str:
    """Draw a conversation; an answer that the server sent and the client never heard is drawn as lost.

    A message that two sources saw is drawn once, as the source nearest to its sender saw it.
    """
    title = f"DHCP conversation of {conversation.client}"
    return sequence_svg(title, [_CLIENT, _SERVER], [_arrow(message, conversation) for message in _once(conversation)])


def _once(conversation: Conversation) -> list[DhcpMessage]:
    sides = {message.side for message in conversation.messages}
    asks = next((side for side in ("client", "wire", "server") if side in sides), "client")
    answers = next((side for side in ("server", "wire", "client") if side in sides), "server")
    return [
        message
        for message in conversation.messages
        if message.what in _WORDS or message.side == (asks if message.from_client else answers)
    ]


def _arrow(message: DhcpMessage, conversation: Conversation) -> Arrow:
    if message.what in _WORDS:
        return Arrow(_CLIENT, _CLIENT, _WORDS[message.what], message.stamp, "note")
    if message.from_client:
        words = f"{message.what} (to everybody)" if message.broadcast else message.what
        return Arrow(_CLIENT, _SERVER, words, message.stamp)
    heard = message.side == "client" or not any(other.side == "client" for other in conversation.messages)
    heard = heard or any(_same(message, other) for other in conversation.messages)
    return Arrow(_SERVER, _CLIENT, message.what, message.stamp, "arrives" if heard else "lost")


def _same(sent: DhcpMessage, heard: DhcpMessage) -> bool:
    """Tell whether the client's log holds this answer, or says within two seconds that it took it."""
    near = sent.time is not None and heard.time is not None and abs(sent.time - heard.time) <= 2
    return heard.side == "client" and heard.what in (sent.what, "bound") and near
