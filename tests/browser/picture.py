"""Take the README's picture from a real conversation: `python -m tests.browser.picture`, after `make html`."""

from __future__ import annotations

import shutil
import tempfile
import threading
from urllib.parse import quote_plus

import waitress
from playwright.sync_api import sync_playwright

from bot.conversation import Conversation
from bot.store import CaseStore
from bot.web import create_app
from kb.load import load
from tests.browser.test_chat import STORY
from tests.site import ROOT

PICTURE = ROOT / "docs" / "images" / "conversation.png"
_FRAME = ".log { padding: 0.4rem 1.2rem; background: #fff } .back-to-top, .mobile-header { display: none !important }"


def main() -> None:
    """Ask, wait for the first check, and keep what the page shows."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        app = create_app(Conversation(load()), CaseStore(f"sqlite:///{folder}/cases.sqlite3"), ROOT / "build" / "html")
        server = waitress.create_server(app, host="127.0.0.1", port=0, threads=8)
        threading.Thread(target=server.run, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 820, "height": 1800}, color_scheme="light", bypass_csp=True)
        page.goto(f"http://127.0.0.1:{server.effective_port}/docs/chat.html?q={quote_plus(STORY)}")
        page.locator(".choices button").first.wait_for()
        page.add_style_tag(content=_FRAME)
        page.locator(".log").screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
