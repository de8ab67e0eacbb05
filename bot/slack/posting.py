"""Messages -> the thread. Nothing that is posted unfurls a link or turns a name into a mention."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.slack.desk import Place
from bot.slack.views import Post

SORRY: Final = "Something went wrong here. Your case is kept; please send that again."

_LOG = logging.getLogger(__name__)
_BLOCKS_REFUSED: Final = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})


def post(client: WebClient, place: Place, messages: Iterable[Post]) -> None:
    """Post messages into a thread, in order; a message whose blocks Slack refuses is posted as text."""
    for message in messages:
        try:
            _post(client, place, message)
        except SlackApiError as error:
            if _code(error) not in _BLOCKS_REFUSED:
                raise
            _LOG.error("Slack refused the blocks of a message (%s); it was sent as text", _code(error))
            _post(client, place, Post(message.text, ()))


def whisper(client: WebClient, place: Place, user: str, message: Post) -> None:
    """Show a message in a thread to one person only."""
    client.chat_postEphemeral(
        channel=place.channel, user=user, thread_ts=place.thread, text=message.text, blocks=message.blocks
    )


@contextmanager
def apologising(client: WebClient, place: Place) -> Iterator[None]:
    """Answer a failure with a sentence in the thread: the log has the details, the thread no secrets."""
    try:
        yield
    except Exception as error:
        if isinstance(error, SlackApiError):
            _LOG.error("Slack refused a call: %s", _code(error))
        else:
            _LOG.exception("a message could not be answered")
        with suppress(SlackClientError, OSError):
            _post(client, place, Post(SORRY, ()))


def _post(client: WebClient, place: Place, message: Post) -> None:
    client.chat_postMessage(
        channel=place.channel,
        thread_ts=place.thread,
        text=message.text,
        blocks=message.blocks or None,
        unfurl_links=False,
        unfurl_media=False,
        link_names=False,
        parse="none",
    )


def _code(error: SlackApiError) -> str:
    return str(error.response.get("error", "unknown error"))
