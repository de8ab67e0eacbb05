"""The app's manifest asks for what the code needs, and for nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import bot.slack
from bot.slack.listeners.home import MANIFEST

SCOPES = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "app_home_opened": None,
    "chat_postMessage": "chat:write",
    "chat_postEphemeral": "chat:write",
    "chat_update": "chat:write",
    "assistant_threads_setStatus": "assistant:write",
    "set_suggested_prompts": "assistant:write",
    "url_private_download": "files:read",
    "auth_test": None,
    "apps_connections_open": None,
}
"""The scope of the bot token that an event, a method or a file needs."""

CODE = "\n".join(path.read_text("utf-8") for path in Path(bot.slack.__file__).parent.rglob("*.py"))
CONTENT = json.loads(MANIFEST.read_text("utf-8"))


def test_every_scope_is_needed_by_something_and_nothing_lacks_one() -> None:
    events = CONTENT["settings"]["event_subscriptions"]["bot_events"]
    calls = set(re.findall(r"(?<!handler\.)client\.([a-z]+_[A-Za-z_]+)\(", CODE)) | {
        "set_suggested_prompts",
        "url_private_download",
    }
    assert calls <= SCOPES.keys()
    needed = {SCOPES[name] for name in [*events, *calls]} - {None}
    assert set(CONTENT["oauth_config"]["scopes"]["bot"]) == needed
    assert "user" not in CONTENT["oauth_config"]["scopes"]


def test_every_event_that_is_subscribed_to_has_a_listener() -> None:
    events = CONTENT["settings"]["event_subscriptions"]["bot_events"]
    assert {event.split(".")[0] for event in events} == set(re.findall(r'@app\.event\("(\w+)"\)', CODE))


def test_the_app_is_an_agent_that_needs_no_public_address() -> None:
    assert len(CONTENT["features"]["agent_view"]["agent_description"]) <= 300
    assert CONTENT["features"]["app_home"]["messages_tab_enabled"]
    assert CONTENT["settings"]["socket_mode_enabled"]
    assert CONTENT["settings"]["interactivity"]["is_enabled"]
    assert "request_url" not in MANIFEST.read_text("utf-8")
