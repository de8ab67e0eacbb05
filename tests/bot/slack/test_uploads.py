"""Files that are shared with the bot in Slack."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.case import Case
from bot.conversation import Conversation, Message
from bot.reply import Paragraph, Reply
from bot.slack import uploads
from tests.bot.slack.rules import words
from tests.bot.slack.stand_in import BOT_TOKEN, DIRECT, Slack

LOG = b"Mar  1 03:10:02 vm1 dhclient: No DHCPOFFERS received.\n"


@pytest.fixture
def read(conversation: Conversation, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes, Path]]:
    """What the conversation is given to read; it answers with a word."""
    seen: list[tuple[str, bytes, Path]] = []

    def answer(case: Case, message: Message) -> tuple[Case, Reply]:
        seen.extend((each.name, each.path.read_bytes(), each.path) for each in message.attachments)
        return case, Reply((Paragraph("Read."),))

    monkeypatch.setattr(conversation, "answer", answer)
    return seen


def share(slack: Slack, **file: Any) -> Mapping[str, Any]:
    """Share a file with the bot, and return its answer."""
    known = {"name": "dhclient.log", "mimetype": "text/plain", "size": len(LOG)}
    address = slack.url.replace("/api/", "/files/dhclient.log")
    slack.say("", channel=DIRECT, subtype="file_share", files=[{"url_private_download": address, **known, **file}])
    return slack.posted(1)[0]


def test_a_file_is_read_and_deleted_afterwards(slack: Slack, read: list[tuple[str, bytes, Path]]) -> None:
    slack.files["/files/dhclient.log"] = ("text/plain", LOG)
    share(slack)
    [(name, content, path)] = read
    assert (name, content) == ("dhclient.log", LOG)
    assert path.name == name
    assert not path.exists()
    assert slack.file_tokens == [f"Bearer {BOT_TOKEN}"]
    assert slack.wait("assistant.threads.setStatus")[0]["thread_ts"] == slack.posted(1)[0]["thread_ts"]


def test_two_files_of_one_name_are_both_read(slack: Slack, read: list[tuple[str, bytes, Path]]) -> None:
    slack.files |= {f"/files/{name}": ("text/plain", name.encode()) for name in ("a", "b")}
    address = slack.url.replace("/api/", "/files/")
    files = [{"url_private_download": address + name, "name": "guest.log"} for name in ("a", "b")]
    slack.say("", channel=DIRECT, subtype="file_share", files=files)
    slack.posted(1)
    assert [(name, content) for name, content, _ in read] == [("guest.log", b"a"), ("guest.log", b"b")]


def test_a_log_that_cannot_be_read_as_one_is_named_by_the_conversation(slack: Slack) -> None:
    slack.files["/files/dhclient.log"] = ("application/zip", b"PK\x03\x04")
    assert "dhclient.log" in "".join(words(share(slack, mimetype="application/zip")["blocks"]))


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ({"url_private_download": "https://evil.example/x"}, "not stored in this Slack workspace"),
        ({"url_private_download": "https://evil.example/.slack.com"}, "not stored in this Slack workspace"),
        ({"url_private_download": "http://files.slack.com/x"}, "not stored in this Slack workspace"),
        ({"url_private_download": "file:///etc/passwd"}, "not stored in this Slack workspace"),
        ({"url_private_download": None}, "not stored in this Slack workspace"),
        ({"url_private_download": "https://[bad"}, "not stored in this Slack workspace"),
        ({"size": uploads.MAX_FILE + 1}, "larger than 64 MB"),
        ({"mimetype": "image/png"}, "text and captures only"),
        ({}, "files:read"),
    ],
    ids=["elsewhere", "path", "no https", "local", "no address", "no url", "too big", "image", "login"],
)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(
    slack: Slack, read: list[tuple[str, bytes, Path]], file: dict[str, Any], reason: str
) -> None:
    answer = share(slack, **file)
    text = "".join(words(answer["blocks"]))
    assert "I did not read dhclient.log" in text
    assert reason in text
    assert read == []


def test_a_file_that_is_longer_than_slack_said_is_not_kept(
    slack: Slack, read: list[tuple[str, bytes, Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_FILE", 10_000)
    slack.files["/files/dhclient.log"] = ("text/plain", b"x" * 200_000)
    assert "larger than" in "".join(words(share(slack)["blocks"]))
    assert read == []


def test_a_redirect_is_not_followed_with_the_token(slack: Slack, read: list[tuple[str, bytes, Path]]) -> None:
    slack.files["/login"] = ("text/plain", b"gathering tokens")
    share(slack)
    assert len(slack.file_tokens) == 1
    assert read == []


def test_a_login_page_in_place_of_a_file_is_not_read(slack: Slack, read: list[tuple[str, bytes, Path]]) -> None:
    slack.files["/files/dhclient.log"] = ("text/html; charset=utf-8", b"<h1>Sign in</h1>")
    assert "files:read" in "".join(words(share(slack)["blocks"]))


def test_a_thread_that_can_have_no_status_is_answered_all_the_same(
    slack: Slack, read: list[tuple[str, bytes, Path]]
) -> None:
    slack.refuse["assistant.threads.setStatus"] = "not_allowed"
    slack.files["/files/dhclient.log"] = ("text/plain", LOG)
    assert share(slack)["text"] == "Read."


def test_a_hostile_name_stays_in_the_folder(slack: Slack, read: list[tuple[str, bytes, Path]]) -> None:
    slack.files["/files/dhclient.log"] = ("text/plain", LOG)
    share(slack, name="../../../etc/cron.d/<!channel>\x00")
    [(_, _, path)] = read
    assert re.fullmatch(r"[\w.-]+", path.name)
    assert path.parent.name == "0"


@pytest.mark.parametrize("files", [None, "x", {"a": 1}, [None, "x", 3], [{}] * 20])
def test_nonsense_in_place_of_files_does_no_harm(files: object, tmp_path: Path) -> None:
    assert uploads.fetch(files, tmp_path, BOT_TOKEN, "https://slack.com/api/").attachments == ()
