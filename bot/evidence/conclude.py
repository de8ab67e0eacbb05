"""DHCP messages of all sources -> conversations, and the findings that only follow from several sources together."""

from __future__ import annotations

from dataclasses import replace

from bot.evidence.conversation import asked, converse, repeats
from bot.evidence.model import Conversation, DhcpMessage
from bot.evidence.notebook import Notebook, Weight

IN_WORDS = {
    "answered": "answered",
    "answered-but-ignored": "answered, but the client did not take the answer",
    "renewal-unanswered": "a renewal that stayed without an answer",
    "unanswered": "no answer",
    "nak": "refused by the server (NAK)",
    "gave-up": "the client gave up",
}

_LOSSES = {
    "lost": "the client lost its lease",
    "gave-up": "the client gave up",
    "no-answer": "the client got no answer",
}


def talk(book: Notebook) -> tuple[Conversation, ...]:
    """Put the conversations together and write down what they show."""
    messages = [
        replace(message, time=book.clock.place(stamp) if stamp is not None else message.time)
        for stamp, message in book.dhcp
    ]
    conversations = converse(messages)
    has_server_log = any(message.side == "server" for message in messages)
    for conversation in conversations:
        _judge(book, conversation, has_server_log)
    for stamp, message in book.dhcp[:500]:
        where = f" {message.address}" if message.address else ""
        towards = f" to {message.server}" if message.from_client and message.server else ""
        book.event_at(stamp, f"DHCP {message.what}{where}{towards}", message.source, message.line)
    return conversations


def _judge(book: Notebook, conversation: Conversation, has_server_log: bool) -> None:
    messages = conversation.messages
    served = [message for message in messages if message.side == "server" and message.what in ("offer", "ack")]
    for exchange in conversation.exchanges[:20]:
        if exchange.label != "answered":
            over = ", the client went over to asking everybody" if exchange.rebinding else ""
            since = f" from {exchange.start}" if exchange.start else ""
            asked_for = f"{exchange.asked} request{'' if exchange.asked == 1 else 's'}"
            book.show(f"DHCP of {conversation.client}{since}: {asked_for}, {IN_WORDS[exchange.label]}{over}.")
    lost = [message for message in messages if message.what in _LOSSES]
    if lost and not conversation.exchanges:
        when = f" at {lost[0].stamp}" if lost[0].stamp else ""
        book.show(f"DHCP of {conversation.client}: {_LOSSES[lost[0].what]}{when}.")
    ignored = any(exchange.label == "answered-but-ignored" for exchange in conversation.exchanges)
    if served and (ignored or any(message.side == "client" for message in messages) or repeats(messages)):
        for message in served[:3]:
            book.finding("dhcp-server-log", "answers", message.quote)
    if conversation.signature:
        _signature(book, conversation)
    if ignored and served and not book.has("reply-seen-in-guest", "bad-checksum") and _renews(messages):
        because = (
            f"the server acknowledged {len([m for m in served if m.what == 'ack'])} times, and the client, "
            "which had a lease, asked again each time"
        )
        book.finding("reply-seen-in-guest", "absent", because)
    questions = asked(messages)
    if (
        has_server_log
        and questions
        and questions[0].side != "server"
        and not any(m.side == "server" for m in messages)
        and len(questions) > 2
    ):
        _never_arrives(book, conversation, questions)


def _signature(book: Notebook, conversation: Conversation) -> None:
    book.show(
        f"The seven steps of The Issue: {conversation.client} asked to renew, the server acknowledged every time, "
        "the client heard "
        "none of it, asked everybody, and gave up."
    )
    for message in conversation.messages:
        if message.side == "server" and message.what == "ack":
            book.finding("dhcp-server-log", "answers", message.quote, Weight.LINED_UP)


def _renews(messages: tuple[DhcpMessage, ...]) -> bool:
    """Tell whether the client held a lease: it asked its own server, by unicast."""
    return any(
        message.what == "request" and message.server and not message.broadcast and message.side != "server"
        for message in messages
    )


def _never_arrives(book: Notebook, conversation: Conversation, questions: list[DhcpMessage]) -> None:
    taken = any(message.side == "client" and message.what in ("ack", "bound") for message in conversation.messages)
    if not taken and conversation.client.count(":") == 5:
        book.finding(
            "dhcp-server-log",
            "request-never-arrives",
            f"{len(questions)} requests of {conversation.client}, none in the server's log",
            Weight.LINED_UP,
        )
