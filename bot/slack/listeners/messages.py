"""Mentions, direct messages, and what is said in a thread that the bot takes part in."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

from slack_bolt import App, BoltContext
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.conversation import Message
from bot.slack import incoming
from bot.slack.desk import Desk, Place
from bot.slack.incoming import Event
from bot.slack.posting import apologising, post
from bot.slack.uploads import fetch
from bot.slack.views import posts


def register(app: App, desk: Desk) -> None:
    """Register the listeners for messages."""

    @app.event("app_mention")
    @app.event("message")
    def message(event: Event, context: BoltContext, client: WebClient) -> None:
        place = incoming.place_of(event, context.team_id)
        if place is None or not incoming.is_written(event):
            return
        if not incoming.is_direct(event, context.bot_user_id):
            outsider = "thread_ts" not in event or incoming.is_for_others(event)
            if outsider or not desk.engaged(place):
                return
        # A mention arrives twice, as itself and as a message of its channel, and with files only one of them may come.
        if desk.first_time(f"{place.team} {place.channel} {event.get('ts')}"):
            with apologising(client, place):
                _answer(desk, place, event, context, client)


def _answer(desk: Desk, place: Place, event: Event, context: BoltContext, client: WebClient) -> None:
    text = incoming.plain(event.get("text"), context.bot_user_id)
    with tempfile.TemporaryDirectory(prefix="blip-") as folder:
        if event.get("files"):
            _show_status(client, place)
        uploads = fetch(event.get("files"), Path(folder), str(client.token), client.base_url)
        answer = desk.answer(place, Message(text=text, attachments=uploads.attachments))
    post(client, place, posts(answer, uploads.notes))


def _show_status(client: WebClient, place: Place) -> None:
    """Show that files are being read; the reply takes the status away."""
    # It is decoration: a thread that cannot have a status is answered all the same.
    with suppress(SlackApiError):
        client.assistant_threads_setStatus(
            channel_id=place.channel, thread_ts=place.thread, status="is reading the files …"
        )
