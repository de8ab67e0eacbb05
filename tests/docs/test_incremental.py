"""A small site that is changed entry by entry: what is drawn, and what is read again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.kb.casebook import CHECK, INCIDENT, Casebook
from tests.site import ROOT, Build

_INDEX = """\
---
description: A small site for tests of the extension.
---
# Small site

```{toctree}
all
plain
```
"""
_ALL = """\
# All incidents

This page lists every incident by family.

```{incidents-by-family}
```
"""
_PLAIN = "# Plain\n\nNothing of the casebook stands here, but for `one-more-incident` and `--some-option`.\n"
_OTHER_FAMILY = """\
---
title: Other things
summary: A family that has nothing to do with deaf guests at all.
---
"""
OTHER = INCIDENT.replace("deaf-guests", "other-things").replace("Guest goes deaf under load", "Something else")
TWIN = INCIDENT.replace("Guest goes deaf under load", "Guest goes deaf at night").replace(
    "{present: always, absent: never}", "{present: never, absent: always}"
)


class SmallSite:
    """A source folder with two families, and builds of it into one output folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.casebook = Casebook(root / "kb")
        self.other = self.casebook.write("incidents/something-else-again.md", OTHER)
        self.casebook.write("families/other-things.md", _OTHER_FAMILY)
        shutil.copy(ROOT / "conf.py", root)
        for folder in ("_ext", "_static", "_templates"):
            shutil.copytree(
                ROOT / "docs" / folder, root / "docs" / folder, ignore=shutil.ignore_patterns("__pycache__")
            )
        for name, text in (("index", _INDEX), ("all", _ALL), ("plain", _PLAIN)):
            (root / "docs" / f"{name}.md").write_text(text)

    def build(self, *options: str) -> Build:
        build = Build(self.root, self.root / "build" / "html", *options)
        assert (build.code, build.errors) == (0, "")
        return build


@pytest.fixture
def small(tmp_path: Path) -> SmallSite:
    return SmallSite(tmp_path)


def test_a_second_build_reads_nothing(small: SmallSite) -> None:
    first = small.build()
    assert len(first.read) == 8
    assert small.build().read == []


def test_a_change_of_a_narrative_reads_that_page_alone(small: SmallSite) -> None:
    small.build()
    small.casebook.change(small.casebook.incident, "Nobody wakes the queue.", "Nobody ever wakes the queue.")
    assert small.build().read == ["kb/incidents/deaf-guest"]


def test_a_new_title_is_read_wherever_it_is_shown_and_nowhere_else(small: SmallSite) -> None:
    small.build()
    small.casebook.change(small.casebook.incident, "title: Guest goes deaf under load", "title: A deaf guest")
    again = small.build()
    assert again.read == ["docs/all", "kb/checks/reply-on-tap", "kb/families/deaf-guests", "kb/incidents/deaf-guest"]
    assert "A deaf guest" in again.page("kb/families/deaf-guests").words


def test_a_new_look_alike_appears_on_the_pages_of_its_family(small: SmallSite) -> None:
    small.build()
    small.casebook.write("incidents/deaf-twin.md", TWIN)
    again = small.build()
    assert "kb/incidents/deaf-guest" in again.read
    assert "kb/incidents/something-else-again" not in again.read
    words = again.page("kb/incidents/deaf-guest").words
    assert "Guest goes deaf at night Replies on the tap always Yes always No" in words


def test_an_entry_that_is_gone_leaves_the_pages_that_showed_it(small: SmallSite) -> None:
    small.casebook.write("incidents/deaf-twin.md", TWIN)
    small.build()
    (small.root / "kb" / "incidents" / "deaf-twin.md").unlink()
    again = small.build()
    assert "Guest goes deaf at night" not in again.page("kb/incidents/deaf-guest").words
    assert "Guest goes deaf at night" not in again.page("docs/all").words


def test_code_becomes_a_link_once_an_entry_has_its_name(small: SmallSite) -> None:
    before = small.build().page("docs/plain")
    assert not [link for link in before.links if "one-more-incident" in link]
    small.casebook.write("incidents/one-more-incident.md", TWIN)
    again = small.build()
    assert "docs/plain" in again.read
    after = again.page("docs/plain")
    assert "../kb/incidents/one-more-incident.html" in after.links
    assert "--some-option" in after.words


def test_a_parallel_build_makes_the_same_pages_and_is_incremental_too(small: SmallSite) -> None:
    small.casebook.write("incidents/deaf-twin.md", TWIN)
    serial = small.build()
    pages = {path: path.read_bytes() for path in serial.out.rglob("*.html")}
    shutil.rmtree(serial.out)
    parallel = small.build("-j", "2")
    assert {path: path.read_bytes() for path in parallel.out.rglob("*.html")} == pages
    assert small.build().read == []


def test_former_names_lead_to_the_page(small: SmallSite) -> None:
    small.casebook.change(small.casebook.incident, "status: confirmed", "status: confirmed\nformerly: [old-name]")
    page = small.build().page("kb/incidents/old-name")
    assert page.all("link", rel="canonical", href="deaf-guest.html")
    assert page.all("meta", **{"http-equiv": "refresh", "content": "0; url=deaf-guest.html"})
    assert "deaf-guest.html" in page.links


def test_a_withdrawn_incident_says_so_and_why(small: SmallSite) -> None:
    withdrawn = "status: withdrawn\nwithdrawn_because: It was a cable."
    small.casebook.change(small.casebook.incident, "status: confirmed", withdrawn)
    page = small.build().page("kb/incidents/deaf-guest")
    assert "Withdrawn. It was a cable." in page.words
    (meta,) = page.all("meta", name="description")
    assert meta["content"].startswith("Withdrawn:")


def test_text_of_entries_is_shown_as_it_is_written(small: SmallSite) -> None:
    title = 'title: "Guest *goes* <script>alert(1)</script> `deaf` & [gone](x) $HOME #1"'
    small.casebook.change(small.casebook.incident, "title: Guest goes deaf under load", title)
    small.casebook.change(small.casebook.incident, "does: Upgrade", "does: Set --mtu to <b>1500</b> & *pray*")
    page = small.build().page("kb/incidents/deaf-guest")
    assert page.headings[0].startswith("Guest *goes* <script>alert(1)</script> `deaf` & [gone](x) $HOME #1")
    assert "Set --mtu to <b>1500</b> & *pray*" in page.words
    assert not page.all("script", src="")


def test_a_casebook_with_mistakes_ends_the_build_with_all_of_them(small: SmallSite) -> None:
    small.casebook.change(small.casebook.incident, "family: deaf-guests", "family: deaf-guest")
    small.casebook.write("checks/broken.md", CHECK.replace("where: host", "where: moon"))
    build = Build(small.root, small.root / "build" / "html", "-q")
    assert build.code != 0
    assert "deaf-guest.md:4:9: family: there is no family 'deaf-guest'" in build.errors
    assert "broken.md:4:8: where: 'moon' is not one of" in build.errors
    assert "Traceback" not in build.errors


def test_a_warning_about_a_narrative_names_the_line_of_the_file(small: SmallSite) -> None:
    small.casebook.change(small.casebook.incident, "Nobody wakes the queue.", "[Nowhere](nowhere.md)")
    line = small.casebook.incident.read_text().splitlines().index("[Nowhere](nowhere.md)") + 1
    build = Build(small.root, small.root / "build" / "html", "-q")
    assert build.code == 1
    assert f"deaf-guest.md:{line}: WARNING" in build.errors
