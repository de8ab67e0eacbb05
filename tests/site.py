"""The site as tests see it: built by Sphinx's own command, read as HTML."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_READING = re.compile(r"reading sources\.\.\. \[ *\d+%\] (\S+)")


class Build:
    """What one run of sphinx-build said and did."""

    def __init__(self, source: Path, out: Path, *options: str) -> None:
        self.out = out
        command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", *options, "-b", "html", str(source), str(out)]
        environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=source, check=False)
        self.code = done.returncode
        self.errors = done.stderr
        self.read = sorted(_READING.findall(done.stdout))
        """The pages that were read, in a build that is not parallel."""

    def page(self, name: str) -> Page:
        """Parse one built page, named without its ending."""
        return Page(self.out / f"{name}.html")


class Page(HTMLParser):
    """A built page, taken apart as far as tests ask for it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.html = path.read_text(encoding="utf-8")
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._open: list[str] = []
        self.titles: list[str] = []
        self.headings: list[str] = []
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._open.append(tag)
        if tag == "title" and "svg" not in self._open:
            self.titles.append("")
        elif tag == "h1":
            self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "script" in self._open or "style" in self._open:
            return
        self.text += data
        if "title" in self._open and "svg" not in self._open:
            self.titles[-1] += data
        elif "h1" in self._open:
            self.headings[-1] += data

    def all(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        """Return the attributes of every element of a kind that has all of these."""
        return [found for name, found in self.elements if name == tag and attributes.items() <= found.items()]

    @property
    def words(self) -> str:
        """The page's text with single spaces."""
        return " ".join(self.text.split())

    @property
    def ids(self) -> list[str]:
        """Every id on the page."""
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    @property
    def links(self) -> list[str]:
        """Every address that the page leads to."""
        return [attributes["href"] for attributes in self.all("a") if "href" in attributes]
