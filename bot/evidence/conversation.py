"""Client log, server log and captures -> one DHCP conversation a client, on one clock, with each exchange labelled.

The clocks of two machines differ. What both sides saw (a request sent and received) gives the difference: every pair of
like messages votes for one, the difference that most messages agree on wins, and the median of the agreeing ones is
taken. That is the usual way to align two event logs when transit times are small beside the gaps between messages.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from heapq import merge
from itertools import pairwise
from statistics import median
from typing import Final

from bot.evidence.model import Conversation, DhcpMessage, Exchange

_AGREE: Final = 1.5
"""Seconds within which two messages with the same clock difference count as one message seen twice."""
_PAUSE: Final = 900.0
"""Seconds of silence after which a client's next request opens a new exchange."""
_VOTERS: Final = 120
_ANSWERS: Final = ("offer", "ack", "nak", "reply")
_ENDS: Final = ("bound", "gave-up", "no-answer", "lost")


def converse(messages: Iterable[DhcpMessage]) -> tuple[Conversation, ...]:
    """Return one conversation a client, the busiest first.

    Args:
        messages: what all the sources saw, with times where they have any.
    """
    groups: dict[str, list[DhcpMessage]] = defaultdict(list)
    for message in _named(list(messages)):
        groups[message.mac or _origin(message) or message.address or "a client"].append(message)
    conversations = [_conversation(client, group) for client, group in groups.items()]
    return tuple(sorted(conversations, key=lambda talk: -len(talk.messages)))


def _origin(message: DhcpMessage) -> str:
    """Return which machine's log a client's message is from: by its name, or the log's where lines name no machine."""
    if message.host or message.side != "client":
        return message.host
    return re.sub(r"^\((.*)\)$", r"\1", message.source) or "a client"


def _named(messages: Sequence[DhcpMessage]) -> list[DhcpMessage]:
    """Fill in the client's MAC where another source knows it: by transaction, address or name, or as the only one."""
    by_xid = {message.xid: message.mac for message in messages if message.xid and message.mac}
    by_address: dict[str, str] = {}
    by_host: dict[str, str] = {}
    for message in messages:
        if message.mac and message.side != "client":
            if message.address and message.address != "0.0.0.0":  # noqa: S104
                by_address.setdefault(message.address, message.mac)
            if message.host:
                by_host.setdefault(message.host.partition(".")[0], message.mac)
    macs = {message.mac for message in messages if message.mac}
    hosts = {_origin(message) for message in messages if message.side == "client"}
    only = next(iter(macs)) if len(macs) == 1 and len(hosts) <= 1 else ""
    host_macs = {
        _origin(message): by_address[message.address]
        for message in messages
        if message.side == "client" and message.address in by_address
    }
    named = []
    for message in messages:
        mac = (
            message.mac
            or by_xid.get(message.xid, "")
            or by_address.get(message.address, "")
            or host_macs.get(_origin(message), "")
            or (by_host.get(message.host.partition(".")[0], "") if message.host else "")
            or only
        )
        named.append(message if mac == message.mac else replace(message, mac=mac))
    return named


def _conversation(client: str, group: Sequence[DhcpMessage]) -> Conversation:
    clientside = [message for message in group if message.side != "server"]
    serverside = [message for message in group if message.side == "server"]
    clock = ""
    if clientside and serverside:
        estimate = offset(clientside, serverside)
        if estimate is not None:
            ahead, matched = estimate
            clock = _clock_words(ahead, matched)
            serverside = [
                replace(message, time=None if message.time is None else message.time - ahead) for message in serverside
            ]
    # What one side logged within one second stays in the order of its log.
    sides = [[message for message in clientside if message.side == side] for side in ("client", "wire")]
    merged = list(merge(*(sorted(side, key=_placed) for side in (*sides, serverside)), key=_order))
    exchanges = tuple(_exchanges(merged))
    return Conversation(client, tuple(merged), exchanges, clock, seven_steps(merged))


def _placed(message: DhcpMessage) -> tuple[float, int]:
    return (float("-inf") if message.time is None else message.time, message.line)


def _order(message: DhcpMessage) -> tuple[float, int]:
    if message.time is None:
        return (float("-inf"), message.line)
    # At the same moment a question comes before its answer, and the side that sends before the side that receives.
    sides = {"client": 0, "wire": 1, "server": 2} if message.from_client else {"server": 3, "wire": 4, "client": 5}
    return (message.time, sides[message.side])


def offset(clientside: Sequence[DhcpMessage], serverside: Sequence[DhcpMessage]) -> tuple[float, int] | None:
    """Estimate how far the server's clock is ahead of the client's, in seconds, and from how many messages.

    Returns:
        None when no message was seen on both sides.
    """
    ours = _by_kind(clientside)
    theirs = _by_kind(serverside)
    votes = sorted(
        later - sooner for kind in ours for sooner in ours[kind][:_VOTERS] for later in theirs.get(kind, [])[:_VOTERS]
    )
    if not votes:
        return None
    support = [(bisect_left(votes, vote + _AGREE) - bisect_left(votes, vote - _AGREE), vote) for vote in votes]
    most = max(count for count, _ in support)
    # Retransmissions at regular distances agree on several differences; clocks are usually close to each other.
    centre = min((vote for count, vote in support if count == most), key=abs)
    agreeing = [vote for vote in votes if abs(vote - centre) <= _AGREE]
    return median(agreeing), len(agreeing)


def _by_kind(messages: Sequence[DhcpMessage]) -> dict[str, list[float]]:
    kinds: dict[str, list[float]] = defaultdict(list)
    for message in messages:
        if message.time is not None and message.what in ("discover", "request", "release", "decline"):
            kinds[message.what].append(message.time)
    return kinds


def _clock_words(ahead: float, matched: int) -> str:
    seen = f"from {matched} message{'s' if matched > 1 else ''} seen on both sides"
    if abs(ahead) < 1:
        return f"the two clocks agree to within a second ({seen})"
    return (
        f"the server's clock is {abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'} the client's "
        f"({seen}); times are the client's"
    )


def _exchanges(messages: Sequence[DhcpMessage]) -> Iterable[Exchange]:
    """Cut a conversation into exchanges: from a request to the answer that the client took, or to its giving up."""
    current: list[DhcpMessage] = []
    last: float | None = None
    for message in messages:
        paused = last is not None and message.time is not None and message.time - last > _PAUSE
        over = bool(current) and message.from_client and (_settled(current) or _anew(current[-1], message))
        if (paused or over) and current:
            yield _labelled(current)
            current = []
        if current or message.from_client or message.what in _ANSWERS:
            current.append(message)
        last = message.time if message.time is not None else last
    if current:
        yield _labelled(current)


def _settled(messages: Sequence[DhcpMessage]) -> bool:
    """Tell whether the client took an answer. A capture or a server's log shows it by the client's falling silent."""
    return messages[-1].what in ("bound", "gave-up") or any(
        message.side == "client" and message.what in ("ack", "bound") for message in messages
    )


def _anew(last: DhcpMessage, message: DhcpMessage) -> bool:
    """Tell whether a client begins again after its address was acknowledged: one that missed that asks for it again."""
    return last.what == "ack" and message.what == "discover"


def asked(messages: Iterable[DhcpMessage]) -> list[DhcpMessage]:
    """Return the client's questions, each once, from the source nearest to the client that has any."""
    questions = [message for message in messages if message.what in ("discover", "request")]
    for side in ("client", "wire", "server"):
        seen = [message for message in questions if message.side == side]
        if seen:
            return seen
    return []


def _labelled(messages: Sequence[DhcpMessage]) -> Exchange:
    questions = asked(messages)
    rebinding = any(message.what == "request" and message.broadcast for message in questions) and any(
        message.what == "request" and message.server and not message.broadcast for message in questions
    )
    answers = [message for message in messages if message.what in _ANSWERS and message.side in ("server", "wire")]
    taken = any(message.side == "client" and message.what in ("ack", "bound") for message in messages)
    nak = any(message.what == "nak" for message in messages)
    gave_up = any(message.what in ("gave-up", "no-answer", "lost") for message in messages)
    has_client_log = any(message.side == "client" for message in messages)
    start = messages[0].stamp
    if taken and not nak:
        label = "answered"
    elif nak:
        label = "nak"
    elif (answers and answers[-1].bad_checksum and repeats(messages)) or (
        answers and (gave_up or repeats(messages) >= 2 or (has_client_log and not taken and len(questions) > 1))
    ):
        label = "answered-but-ignored"
    elif answers:
        label = "answered"
    elif any(message.what == "request" and message.server and not message.broadcast for message in questions):
        label = "renewal-unanswered"
    elif gave_up:
        label = "gave-up"
    else:
        label = "unanswered"
    return Exchange(label, start, len(questions), len(answers), rebinding, gave_up)


def repeats(messages: Sequence[DhcpMessage]) -> int:
    """Count how often the client asked the same again although it had been answered already.

    A discover after an offer, or a request after an acknowledgement, within the time that a client waits before it
    repeats itself: dhclient and udhcpc wait 3 to 64 seconds (RFC 2131, section 4.1). A server's log alone does not tell
    a repetition from the renewal of a very short lease, so there the limit is lower.
    """
    questions = [message for message in asked(messages) if message.time is not None]
    patience = 20.0 if questions and questions[0].side == "server" else 64.0
    count = 0
    for one, following in pairwise(questions):
        if one.what != following.what or one.time is None or following.time is None:
            continue
        wanted = ("offer", "reply") if one.what == "discover" else ("ack", "reply")
        answered = any(
            message.what in wanted
            and message.side != "client"
            and message.time is not None
            and one.time - 0.5 <= message.time <= following.time
            for message in messages
        )
        count += answered and 0.5 < following.time - one.time < patience
    return count


def seven_steps(messages: Sequence[DhcpMessage]) -> bool:
    """Recognise the conversation of The Issue.

    1 the client asks its server to renew, 2 the server acknowledges, 3 the client repeats, 4 the server acknowledges
    again, 5 the client asks everybody, 6 the server acknowledges a third time, 7 the client gives up. Repetitions of a
    step are allowed; hearing an acknowledgement is not.
    """
    step = 0
    for message in messages:
        if message.what in ("ack", "bound") and message.side == "client":
            step = 0
        elif message.what == "request" and message.broadcast and message.note != "selecting":
            step = 5 if step in (2, 3, 4) else step
        elif message.what == "request" and (message.side != "server" or step == 0):
            # A server's log does not say whether a request was broadcast, so it can only open the sequence.
            step = 1 if step == 0 else 3 if step == 2 else step
        elif message.what in ("ack", "reply") and message.side != "client":
            step = {1: 2, 3: 4, 5: 6}.get(step, step)
        elif message.what in _ENDS or message.what == "discover":
            if step == 6 and message.what != "bound":
                return True
            step = 0 if message.side == "client" else step
    return False


def labels(conversation: Conversation) -> Counter[str]:
    """Count the labels of a conversation's exchanges."""
    return Counter(exchange.label for exchange in conversation.exchanges)
