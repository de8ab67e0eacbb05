"""The site served by the bot, in headless Chromium."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import waitress
from playwright.sync_api import Browser, Error, sync_playwright

from bot.conversation import Conversation
from bot.store import CaseStore
from bot.web import create_app
from kb.load import load


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
def address(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the built site and the bot on a free port, with the real casebook."""
    store = CaseStore(f"sqlite:///{tmp_path_factory.mktemp('store') / 'cases.sqlite3'}")
    app = create_app(Conversation(load()), store, site)
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
