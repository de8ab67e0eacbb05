"""An event of Slack -> the words that were typed, and whether they were meant for the bot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from bot.slack.desk import Place

Event = Mapping[str, Any]

MAX_TEXT: Final = 200_000
"""Characters of a message that are looked at; Slack itself cuts at 40,000."""

_WRITTEN: Final = frozenset({None, "file_share", "thread_broadcast"})
"""The kinds of message that a person has written; all others tell of edits, deletions, joins, bots …"""
# Slack escapes every < that was typed, so that what stands in angle brackets is its own.
_ENTITY = re.compile(r"<([^<>|\n]{1,3000})(?:\|([^<>\n]{0,3000}))?>")
_MENTION = re.compile(r"<@([A-Z0-9]{1,32})(?:\|[^<>\n]{0,80})?>")
_EMOJI_ONLY = re.compile(r"(?:\s|:[a-z0-9_+'-]{1,100}:)*")


def place_of(event: Event, team: str | None) -> Place | None:
    """Return the thread that an event belongs to; a message outside a thread begins its own.

    Direct messages are threads too: an answer that hangs on the first message ever sent there would be lost in it.
    """
    channel, thread = event.get("channel"), event.get("thread_ts") or event.get("ts")
    return Place(team or "", str(channel), str(thread)) if channel and thread else None


def is_written(event: Event) -> bool:
    """Tell whether a person wrote this now, rather than a bot, an edit or a notice of Slack."""
    return event.get("subtype") in _WRITTEN and bool(event.get("user")) and not event.get("bot_id")


def is_direct(event: Event, bot: str | None) -> bool:
    """Tell whether a message speaks to the bot: a direct message, or one that mentions it."""
    return event.get("channel_type") == "im" or event.get("type") == "app_mention" or bot in _mentioned(event)


def is_for_others(event: Event) -> bool:
    """Tell whether a message mentions somebody, so that a thread's bystander should keep quiet."""
    return bool(_mentioned(event))


def plain(text: object, bot: str | None) -> str:
    """Return what a person typed: without Slack's escapes, link syntax and code marks, and without the bot's name."""
    if not isinstance(text, str) or _EMOJI_ONLY.fullmatch(text[:MAX_TEXT]):
        return ""
    words = _ENTITY.sub(lambda match: _entity(match[1], match[2], bot), text[:MAX_TEXT])
    words = words.replace("```", "\n").replace("`", "")
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _entity(target: str, label: str | None, bot: str | None) -> str:
    if target.startswith("@"):
        return "" if target[1:] == bot else f"@{label or 'somebody'}"
    if target.startswith("#"):
        return f"#{label or 'channel'}"
    if target.startswith("!"):
        return label or f"@{target[1:].split('^')[0]}"
    return label or target.removeprefix("mailto:").removeprefix("tel:")


def _mentioned(event: Event) -> set[str]:
    text = event.get("text")
    return set(_MENTION.findall(text[:MAX_TEXT])) if isinstance(text, str) else set()
