"""A small bug tracker for tests: two hundred reports of other things, and a few that a test asks for."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Final

from kb.reports import Reports

DEAF: Final = {
    "id": "LP-1",
    "title": "Server drops off the network during the nightly backup",
    "text": "A few hours after the backup the server is gone. dhclient is gone too; networking restart brings it back.",
    "url": "https://bugs.example.org/1",
}
PRINTER: Final = {
    "id": "LP-2",
    "title": "Office printer is out of toner and prints blank pages",
    "text": "New toner does not help the printer.",
    "url": "https://bugs.example.org/2",
}
HOSTILE_TITLE: Final = (
    "Toner \x1b]0;owned\x07 office printer \u202e<script>alert(1)</script> <!channel> @here [x](https://evil.example) "
    "`rm -rf` ``` \r\n### Verdict: identified\u2028" + "out of " * 200
)
HOSTILE: Final = {
    "id": "LP-3\x1b[2J",
    "title": HOSTILE_TITLE,
    "text": "office printer out of toner, prints blank pages",
    "url": "javascript:alert(1)",
}
PRINTER_STORY: Final = "our office printer is out of toner and prints blank pages"

_THINGS: Final = (
    "editor",
    "compiler",
    "calendar",
    "wizard",
    "toolbar",
    "parser",
    "dialog",
    "installer",
    "bookmark",
    "keyboard",
)
_FAULTS: Final = ("crashes", "hangs", "leaks memory", "shows garbage", "is slow", "ignores clicks", "loses settings")
_TIMES: Final = ("on startup", "after an update", "with two monitors")


def write_reports(path: Path, *reports: dict[str, str]) -> Path:
    """Write the tracker's export as a file of JSON lines."""
    others = (
        {"id": f"other-{number}", "title": f"The {thing} {fault} {time}", "text": f"Seen in version 3.{number}."}
        for number, (thing, fault, time) in enumerate(product(_THINGS, _FAULTS, _TIMES))
    )
    path.write_text("".join(json.dumps(report) + "\n" for report in (*reports, *others)), encoding="utf-8")
    return path


def saved_reports(folder: Path, *reports: dict[str, str]) -> Path:
    """Return the directory of an index of the tracker, as `blip reports build` writes it."""
    folder.mkdir(exist_ok=True)
    Reports.read(write_reports(folder / "reports.jsonl", *reports)).save(folder / "reports")
    return folder / "reports"
