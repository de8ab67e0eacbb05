"""The app's own place in Slack: prompts to begin with, before anything was said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from slack_bolt import App, SetSuggestedPrompts

from bot.slack.incoming import Event

MANIFEST: Final = Path(__file__).parents[1] / "manifest.json"
TITLE: Final = "What do you see? For example:"


def register(app: App) -> None:
    """Register the listener for an opened conversation with the app; it shows the prompts of the manifest."""
    prompts = json.loads(MANIFEST.read_text("utf-8"))["features"]["agent_view"]["suggested_prompts"]

    @app.event("app_home_opened")
    def home(event: Event, set_suggested_prompts: SetSuggestedPrompts) -> None:
        if event.get("tab") == "messages":
            set_suggested_prompts(prompts=prompts, title=TITLE)
