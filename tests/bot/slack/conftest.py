from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.conversation import Conversation
from bot.slack import Connection, connect
from bot.store import CaseStore
from kb.load import load
from tests.bot.slack.stand_in import APP_TOKEN, BOT_TOKEN, Slack


@pytest.fixture(scope="session")
def conversation() -> Conversation:
    return Conversation(load(()))


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what goes to this machine on this machine."""
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CaseStore]:
    opened = CaseStore(f"sqlite:///{tmp_path / 'cases.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture
def environ(server: Slack) -> dict[str, str]:
    return {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_API_URL": server.url}


@pytest.fixture
def server() -> Iterator[Slack]:
    with Slack() as running:
        yield running


@pytest.fixture
def connection(
    server: Slack, conversation: Conversation, store: CaseStore, environ: dict[str, str]
) -> Iterator[Connection]:
    opened = connect(conversation, store, environ)
    assert server.until(lambda: server.sockets == 1)
    yield opened
    # The SDK's client waits up to three seconds for a word from a socket before it closes it; this spares them.
    closing = threading.Thread(target=opened.close)
    closing.start()
    while closing.is_alive():
        server.nudge()
        closing.join(0.05)


@pytest.fixture
def slack(server: Slack, connection: Connection) -> Iterator[Slack]:
    """Slack with the bot connected to it; whatever the bot sends must be to Slack's liking."""
    yield server
    assert server.errors == []
