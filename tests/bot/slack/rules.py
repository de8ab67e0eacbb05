"""What Slack's API holds against a payload, as far as it matters here, and independent of the SDK's own models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

TS = re.compile(r"\d{10}\.\d{6}")
_PING = re.compile(r"@(?:here|channel|everyone)\b")


def message_errors(payload: Mapping[str, Any], channels: Sequence[str]) -> Iterator[str]:
    """Yield Slack's error codes for a message."""
    if payload.get("channel") not in channels:
        yield "channel_not_found"
    text, blocks = payload.get("text") or "", payload.get("blocks") or []
    if not text:
        yield "no_text"
    if len(text) > 40_000:
        yield "msg_too_long"
    if "thread_ts" in payload and not TS.fullmatch(payload["thread_ts"]):
        yield "invalid_thread_ts"
    if "<" in text or ">" in text or _PING.search(text):
        yield "text_would_ping_or_link"
    if payload.get("link_names") or payload.get("parse", "none") != "none":
        yield "names_would_be_linked"
    if len(blocks) > 50 or any(True for block in blocks for _ in block_errors(block)):
        yield "invalid_blocks"
    if sum(block["type"] == "table" for block in blocks) > 1:
        yield "only_one_table_allowed"
    if sum(len(word) for block in blocks for word in words(block)) > 12_000:
        yield "msg_blocks_too_long"


def block_errors(block: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with one block."""
    kind = block.get("type")
    if kind == "header":
        yield from _text(block["text"], "plain_text", 150)
    elif kind == "section":
        yield from _text(block["text"], None, 3000)
    elif kind == "context":
        for element in block["elements"]:
            yield from _text(element, None, 3000)
    elif kind == "actions":
        yield from _actions(block["elements"])
    elif kind == "context_actions":
        buttons = block["elements"][0]
        for name in ("positive_button", "negative_button"):
            yield from _text(buttons[name]["text"], "plain_text", 75)
            if not 0 < len(buttons[name]["value"]) <= 2000:
                yield "feedback value"
    elif kind == "rich_text":
        if not block["elements"]:
            yield "empty rich text"
        for element in _walk(block):
            yield from _rich(element)
    elif kind == "table":
        yield from _table(block["rows"])
    else:
        yield f"unknown block {kind}"


def words(part: Any) -> Iterator[str]:
    """Yield the texts that a person sees in blocks."""
    if isinstance(part, Mapping):
        for key, value in part.items():
            if key == "text" and isinstance(value, str):
                yield value
            else:
                yield from words(value)
    elif isinstance(part, list):
        for each in part:
            yield from words(each)


def _text(text: Mapping[str, Any], kind: str | None, limit: int) -> Iterator[str]:
    if text["type"] not in ((kind,) if kind else ("plain_text", "mrkdwn")):
        yield f"text of type {text['type']}"
    if not 0 < len(text["text"]) <= limit:
        yield f"text of {len(text['text'])} characters"


def _actions(elements: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not 0 < len(elements) <= 25:
        yield f"{len(elements)} elements"
    names = [element["action_id"] for element in elements]
    if len(set(names)) != len(names):
        yield "action ids are not unique"
    for element in elements:
        yield from _text(element["text"], "plain_text", 75)
        if not 0 < len(element.get("value", "")) <= 2000:
            yield "button value"


def _walk(part: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for element in part.get("elements", []):
        yield element
        yield from _walk(element)


def _rich(element: Mapping[str, Any]) -> Iterator[str]:
    kind = element["type"]
    if kind in ("text", "link"):
        if not 0 < len(element["text"]) <= 3000:
            yield f"rich text of {len(element['text'])} characters"
        if kind == "link" and not re.match(r"https?://\S+$", element["url"]):
            yield "link"
    elif kind in ("rich_text_section", "rich_text_list", "rich_text_preformatted"):
        if not element["elements"]:
            yield f"empty {kind}"
    else:
        # A user, a group or a broadcast would ring somebody's phone.
        yield f"element {kind}"


def _table(rows: Sequence[Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    if not 0 < len(rows) <= 100 or any(not 0 < len(row) <= 20 for row in rows):
        yield "table size"
    if any(cell["type"] != "raw_text" or not cell["text"] for row in rows for cell in row):
        yield "table cell"
