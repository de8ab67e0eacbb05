"""Connecting to Slack: what goes wrong is one sentence without a secret, and a dead socket can be told."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.conversation import Conversation
from bot.slack import Connection, connect
from bot.store import CaseStore
from kb.errors import ServiceError
from tests.bot.slack.stand_in import APP_TOKEN, DIRECT, Slack

WRONG_BOT, WRONG_APP = "xoxb-2-wrong", "xapp-2-wrong"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"SLACK_BOT_TOKEN": WRONG_BOT}, "Slack refuses SLACK_BOT_TOKEN (invalid_auth)"),
        ({"SLACK_APP_TOKEN": WRONG_APP}, "Slack refuses SLACK_APP_TOKEN (invalid_auth)"),
        ({"SLACK_BOT_TOKEN": APP_TOKEN}, "SLACK_BOT_TOKEN is no token that begins with xoxb-"),
        ({"SLACK_APP_TOKEN": "xapp-1\r\nX-Evil: 1"}, "SLACK_APP_TOKEN is no token that begins with xapp-"),
        ({"SLACK_BOT_TOKEN": "xoxb-1-ü"}, "SLACK_BOT_TOKEN is no token that begins with xoxb-"),
        ({"SLACK_API_URL": "http://127.0.0.1:9/api"}, "Slack cannot be reached at http://127.0.0.1:9/api/"),
        ({"SLACK_API_URL": "127.0.0.1:9"}, "SLACK_API_URL is no http(s) address"),
    ],
    ids=["wrong bot token", "wrong app token", "mixed up", "header", "not ascii", "no network", "no address"],
)
def test_what_goes_wrong_is_said_in_one_line_without_a_token(
    conversation: Conversation,
    store: CaseStore,
    environ: dict[str, str],
    change: dict[str, str],
    expected: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    given = environ | change
    with pytest.raises(ServiceError) as error:
        connect(conversation, store, given)
    assert str(error.value).startswith(expected)
    assert "\n" not in str(error.value)
    assert not any(token.strip() in str(error.value) for token in given.values() if token.startswith("x"))
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("answer", [b"<html>Welcome</html>", b"", b"[]", b'{"ok": true}'])
def test_a_server_that_is_not_slack_is_told_from_a_wrong_token(
    server: Slack, conversation: Conversation, store: CaseStore, environ: dict[str, str], answer: bytes
) -> None:
    server.instead = answer
    with pytest.raises(ServiceError, match="does not answer as Slack does"):
        connect(conversation, store, environ)


def test_a_socket_that_cannot_be_reached_is_said_in_one_line(
    server: Slack,
    conversation: Conversation,
    store: CaseStore,
    environ: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.instead = b'{"ok": true, "url": "ws://127.0.0.1:9/link"}'
    with pytest.raises(ServiceError, match="its socket cannot be reached"):
        connect(conversation, store, environ)
    assert caplog.records == []


def test_a_wrong_token_ends_the_command_with_one_line(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        **environ,
        "SLACK_BOT_TOKEN": WRONG_BOT,
        "BLIP_DATABASE_URL": f"sqlite:///{tmp_path}/c",
    }.items():
        monkeypatch.setenv(name, value)
    ended = CliRunner().invoke(main, ["serve", "--port", "0"])
    assert ended.exit_code == 1
    assert ended.stderr.splitlines() == [ended.stderr.strip()]
    assert ended.stderr.startswith("Slack refuses SLACK_BOT_TOKEN")


def test_the_age_of_the_last_sign_of_life_is_known(slack: Slack, connection: Connection) -> None:
    slack.say("hello", channel=DIRECT)
    slack.posted(1)
    age = connection.last_envelope_age()
    assert age is not None
    assert age >= 0
