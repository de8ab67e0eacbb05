"""The Bolt application, put together."""

from __future__ import annotations

import logging

from slack_bolt import App
from slack_sdk import WebClient

from bot.slack.desk import Desk
from bot.slack.listeners import register

_LOG = logging.getLogger("bot.slack.bolt")


def create_app(client: WebClient, desk: Desk) -> App:
    """Make the application that answers what Slack sends.

    Args:
        client: Slack's API, with the bot's token checked already.
        desk: answers the messages.
    """
    # Bolt also reads the token from the environment and warns that it has it twice.
    _LOG.setLevel(logging.ERROR)
    app = App(name="blip", client=client, logger=_LOG, token_verification_enabled=False)
    register(app, desk)
    return app
