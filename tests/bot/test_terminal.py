"""The terminal as a person sees it: a real pseudo-terminal, typed into."""

from __future__ import annotations

import os
import pty
import select
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.imported import HOSTILE, saved_reports

BLIP = Path(sys.executable).with_name("blip")
SECONDS = 30.0


class Screen:
    """A `blip chat` on a pseudo-terminal of its own."""

    def __init__(self, **settings: str) -> None:
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.execve(BLIP, ["blip", "chat"], {**os.environ, "TERM": "xterm", "COLUMNS": "90", **settings})
        self.text = ""

    def type(self, text: str) -> None:
        os.write(self._fd, text.encode())

    def wait_for(self, text: str, times: int = 1) -> None:
        """Read what appears until a text has appeared so many times."""
        until = time.monotonic() + SECONDS
        while self.text.count(text) < times:
            assert time.monotonic() < until, f"{text!r} did not appear in {self.text!r}"
            if select.select([self._fd], [], [], 0.2)[0]:
                try:
                    self.text += os.read(self._fd, 65536).decode(errors="replace")
                except OSError:
                    return

    def ended(self) -> int:
        """Wait for the end and return the exit code."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture
def screen() -> Iterator[Screen]:
    found = Screen()
    yield found
    os.close(found._fd)


def test_a_conversation_is_held_in_colours_and_left_with_quit(screen: Screen) -> None:
    screen.wait_for("> ")
    screen.type("one guest is deaf after the nightly backup, only a reboot helps\n")
    screen.wait_for("Most likely now")
    screen.wait_for("\033[1m")
    screen.type("quit\n")
    assert screen.ended() == 0


def test_lines_that_are_pasted_together_are_one_message(screen: Screen) -> None:
    screen.wait_for("> ")
    screen.type(
        "guest deaf after the backup\nkernel: nf_conntrack: table full, dropping packet\nonly new connections fail\n"
    )
    screen.wait_for("nf_conntrack: table full", times=2)
    time.sleep(1)
    assert screen.text.count("I understood") == 1
    screen.type("\x04")
    assert screen.ended() == 0


def test_colours_can_be_switched_off() -> None:
    screen = Screen(NO_COLOR="1")
    screen.wait_for("> ")
    screen.type("help\n")
    screen.wait_for("undo")
    screen.type("quit\n")
    assert "\033[1m" not in screen.text
    assert screen.ended() == 0


def test_a_strangers_title_does_not_steer_the_terminal(tmp_path: Path) -> None:
    screen = Screen(NO_COLOR="1", BLIP_REPORTS=str(saved_reports(tmp_path, HOSTILE)))
    screen.wait_for("> ")
    screen.type("our printer is out of toner\n")
    screen.wait_for("words shared")
    _, _, shown = screen.text.partition("Not in the casebook, but these reports read alike:")
    assert "owned" in shown
    assert not set(shown) & set("\x1b\x07\u202e\u2028")
    screen.type("quit\n")
    assert screen.ended() == 0
