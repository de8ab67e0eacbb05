"""The buttons that say whether a conclusion was right: thanks, a way on, and a line in the log for the casebook."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot.slack import incoming
from bot.slack.posting import whisper
from bot.slack.views import FEEDBACK, sentence

RIGHT: Final = "Good. `summary` gives the case as text for the ticket."
WRONG: Final = (
    "Thank you, that is worth knowing. Tell me here what does not fit, or `undo` the last answer. "
    "Once it is solved, please report the error on the incident's page."
)

_LOG = logging.getLogger(__name__)


def register(app: App) -> None:
    """Register the listener for the feedback buttons."""

    @app.action(FEEDBACK)
    def feedback(ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        message = {**body.get("message", {}), "channel": body.get("channel", {}).get("id")}
        place = incoming.place_of(message, context.team_id)
        opinion, _, conclusion = str(body["actions"][0].get("value")).partition(" ")
        # A wrong conclusion is what the casebook's keepers must hear of, so it shows without any logging set up.
        _LOG.log(logging.INFO if opinion == "right" else logging.WARNING, "called %s: %.100r", opinion[:5], conclusion)
        if place is not None:
            whisper(client, place, body["user"]["id"], sentence(RIGHT if opinion == "right" else WRONG))
