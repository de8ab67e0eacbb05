"""Plain text -> elements of Slack's rich text.

Rich text has no markup of its own: `<!channel>`, `@here`, asterisks and underscores stay what was typed, so nothing
that a stranger pasted can ping anybody or change how a message looks. Only the fallback text, which notifications and
screen readers use, is markup, and is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from slack_sdk.models.blocks import (
    RichTextElement,
    RichTextElementParts,
    RichTextPreformattedElement,
    RichTextSectionElement,
)

MAX_TEXT: Final = 3000
"""Characters of one element; Slack says so of sections, and is known to refuse longer elements elsewhere too."""

_Text = RichTextElementParts.Text
_Style = RichTextElementParts.TextStyle

# Control characters, lone surrogates, and marks that turn the direction of what follows.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_CODE = re.compile(r"`([^`\n]{1,500})`")
_LABEL = re.compile(r"[A-Z][^\n.:`“<>]{0,33}:(?=\s|$)")
_PING = re.compile(r"@(?=channel|here|everyone|group)", re.IGNORECASE)
_WORD_JOINER: Final = "\u2060"


def printable(text: str) -> str:
    """Return a text without characters that cannot be shown or that disturb their neighbours."""
    return _UNPRINTABLE.sub(" ", text)


def escape(text: str) -> str:
    """Return a text for the places where Slack reads markup: nothing in it is a mention, a link or a ping."""
    text = printable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _PING.sub(f"@{_WORD_JOINER}", text)


def shorten(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def chunks(text: str, limit: int = MAX_TEXT) -> Iterator[str]:
    """Cut a text into pieces of at most `limit` characters, at a line's end or a space where there is one."""
    while len(text) > limit:
        cut = max(text.rfind("\n", limit // 2, limit), text.rfind(" ", limit // 2, limit)) + 1 or limit
        yield text[:cut]
        text = text[cut:]
    if text.strip():
        yield text


def words(text: str) -> list[RichTextElement]:
    """Return the elements of a sentence: a leading label such as `Cause:` in bold, code in code, all else as it is."""
    label = _LABEL.match(text)
    elements = [_Text(text=label[0], style=_Style(bold=True))] if label else []
    position = label.end() if label else 0
    for code in _CODE.finditer(text, position):
        elements += _plain(text[position : code.start()])
        elements.append(_Text(text=code[1], style=_Style(code=True)))
        position = code.end()
    return [*elements, *_plain(text[position:])]


def sentence(text: str) -> RichTextSectionElement:
    """Return a paragraph."""
    return RichTextSectionElement(elements=words(text))


def bold(text: str) -> RichTextSectionElement:
    """Return a paragraph in bold."""
    return RichTextSectionElement(elements=[_Text(text=text, style=_Style(bold=True))])


def linked(text: str, url: str | None) -> RichTextSectionElement:
    """Return a line of a list, as a link when the address is one that Slack takes."""
    link = _link(text, url)
    return RichTextSectionElement(elements=[link]) if link else sentence(text)


def cited(text: str, url: str | None, remark: str) -> RichTextSectionElement:
    """Return a stranger's words, as a link where that can be, and a remark on them; all letter by letter."""
    return RichTextSectionElement(elements=[_link(text, url) or _Text(text=text), _Text(text=remark)])


def preformatted(text: str) -> RichTextPreformattedElement:
    """Return something to copy, letter by letter."""
    return RichTextPreformattedElement(elements=[_Text(text=text)])


def _link(text: str, url: str | None) -> RichTextElementParts.Link | None:
    if url and url.startswith(("https://", "http://")) and len(url) <= MAX_TEXT and url.isprintable():
        return RichTextElementParts.Link(url=url, text=text)
    return None


def _plain(text: str) -> list[_Text]:
    return [_Text(text=text)] if text else []
