"""The buttons of a check: the outcome goes into the case, and the pressed message says what was chosen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pydantic import ValidationError
from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack import incoming
from bot.slack.desk import OLDER, Desk, Place, Press
from bot.slack.posting import apologising, post, whisper
from bot.slack.views import OUTCOME, answered, posts, sentence


def register(app: App, desk: Desk) -> None:
    """Register the listener for the buttons of outcomes."""

    @app.action(re.compile(rf"{OUTCOME}-\d{{1,4}}"))
    def outcome(ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        message = {**body.get("message", {}), "channel": body.get("channel", {}).get("id")}
        place = incoming.place_of(message, context.team_id)
        if place is not None:
            with apologising(client, place):
                _answer(desk, place, body, client)


def _answer(desk: Desk, place: Place, body: Mapping[str, Any], client: WebClient) -> None:
    user = body["user"]
    press = _press(body)
    answer = desk.press(place, press) if press else OLDER
    if press is None or isinstance(answer, str):
        whisper(client, place, user["id"], sentence(str(answer)))
        return
    _show_choice(client, place, body["message"], desk.chosen(press), str(user.get("name") or user["id"]))
    post(client, place, posts(answer))


def _press(body: Mapping[str, Any]) -> Press | None:
    """Return what a button says, or None when a version of Blip that spoke otherwise made it."""
    try:
        return Press.model_validate_json(str(body["actions"][0].get("value")))
    except ValidationError:
        return None


def _show_choice(client: WebClient, place: Place, message: Mapping[str, Any], chosen: str, who: str) -> None:
    # A message that was deleted meanwhile cannot be updated; the answer counts all the same.
    with suppress(SlackApiError):
        client.chat_update(
            channel=place.channel,
            ts=message["ts"],
            text=message.get("text") or "Blip",
            blocks=answered(message.get("blocks", []), chosen, who),
            parse="none",
            link_names=False,
        )
