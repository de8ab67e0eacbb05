"""The site served by the bot, in headless Chromium."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import waitress
from playwright.sync_api import Browser, Error, sync_playwright

from bot.conversation import Conversation
from bot.store import CaseStore
from bot.web import create_app
from kb.load import load
from kb.reports import Reports
from tests.imported import DEAF, HOSTILE, PRINTER, saved_reports


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the system's Chromium. Without one these tests are skipped, but never in continuous integration."""
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        try:
            started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        except Error as error:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip(f"no Chromium can be started here (apt-get install chromium): {str(error).splitlines()[0]}")
        yield started
        started.close()


@pytest.fixture(scope="session")
def conversation() -> Conversation:
    """The conversation on the real casebook."""
    return Conversation(load())


@pytest.fixture(scope="session")
def address(site: Path, conversation: Conversation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the built site and the bot on a free port, with the real casebook."""
    with served(site, conversation, tmp_path_factory.mktemp("store")) as found:
        yield found


@pytest.fixture
def address_with_reports(site: Path, conversation: Conversation, tmp_path: Path) -> Iterator[str]:
    """Serve the same with imported reports beside the casebook, a hostile one among them."""
    reports = Reports.load(saved_reports(tmp_path, DEAF, PRINTER, HOSTILE))
    with served(site, conversation.beside(reports), tmp_path) as found:
        yield found


@contextmanager
def served(site: Path, conversation: Conversation, folder: Path) -> Iterator[str]:
    """Serve a site and a conversation, with its cases in a folder."""
    app = create_app(conversation, CaseStore(f"sqlite:///{folder / 'cases.sqlite3'}"), site)
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
