"""What the bot listens to: one module a feature of the platform."""

from slack_bolt import App

from bot.slack.desk import Desk
from bot.slack.listeners import feedback, home, messages, once, outcomes


def register(app: App, desk: Desk) -> None:
    """Register the middleware and all listeners."""
    for module in (once, messages, outcomes):
        module.register(app, desk)
    feedback.register(app)
    home.register(app)
