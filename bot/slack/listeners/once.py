"""Middleware: whatever Slack delivers twice is handled once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import App, BoltResponse

from bot.slack.desk import Desk


def register(app: App, desk: Desk) -> None:
    """Drop events and presses that were delivered before.

    Slack repeats an event that it holds for unacknowledged, up to an hour later and perhaps to another process, so the
    ids are kept in the store. The retry header alone says nothing: the first delivery may never have arrived.
    """

    @app.middleware
    def once(body: Mapping[str, Any], next: Callable[[], BoltResponse]) -> BoltResponse:
        name = delivery(body)
        if name is None or desk.first_time(name):
            return next()
        return BoltResponse(status=200, body="")


def delivery(body: Mapping[str, Any]) -> str | None:
    """Return the name that all deliveries of the same event or press share."""
    if event := body.get("event_id"):
        return str(event)
    actions = body.get("actions")
    if isinstance(actions, list) and actions:
        user = body.get("user") or {}
        return f"{user.get('team_id')} {user.get('id')} {actions[0].get('action_ts')} {actions[0].get('action_id')}"
    return None
