"""Every page of the real site."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from kb.load import load
from tests.site import Page


@cache
def pages_of(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in sorted(site.rglob("*.html")) if "_static" not in path.parts}


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[Path, Page]:
    return pages_of(site)


def test_every_entry_has_a_page(site: Path) -> None:
    knowledge = load()
    for folder in ("incidents", "checks", "families"):
        built = {path.stem for path in (site / "kb" / folder).glob("*.html")}
        assert built >= getattr(knowledge, folder).keys()


def test_every_page_has_one_title_and_one_h1(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        assert [bool(title.strip()) for title in page.titles] == [True], path
        assert [bool(heading.strip()) for heading in page.headings] == [True], path


def test_every_page_describes_itself_and_no_two_of_the_pages_say_the_same(pages: dict[Path, Page]) -> None:
    said = Counter[str]()
    for path, page in pages.items():
        (meta,) = page.all("meta", name="description")
        assert 30 <= len(meta["content"]) <= 320, (path, meta["content"])
        said[meta["content"]] += path.name != "search.html"
    assert [text for text, count in said.items() if count > 1] == []


def test_every_page_can_be_edited_and_reported(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        edits = [link["href"] for link in page.all("a", rel="edit")]
        assert len(edits) == 1, path
        assert "/edit/main/" in edits[0]
        reports = [link for link in page.links if "/issues/new?title=Error+on+page" in link]
        assert len(reports) == 1, path


def test_no_internal_link_is_dead(site: Path, pages: dict[Path, Page]) -> None:
    dead = []
    for path, page in pages.items():
        for link in page.links:
            address = urlsplit(link)
            if address.scheme or address.netloc:
                continue
            target = (path.parent / unquote(address.path)).resolve() if address.path else path
            if not target.is_file() or (
                address.fragment and target in pages and address.fragment not in pages[target].ids
            ):
                dead.append((path.name, link))
    assert dead == []


def test_ids_on_a_page_are_unique(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        assert [name for name, count in Counter(page.ids).items() if count > 1] == [], path


def test_everything_a_page_needs_comes_from_the_site_and_scripts_are_files(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        for script in page.all("script"):
            assert "src" in script, (path, "an inline script is forbidden by the content security policy")
        needed = [tag["src"] for tag in page.all("script")]
        needed += [tag["src"] for tag in page.all("img")]
        needed += [tag["href"] for tag in page.all("link") if tag["rel"] in ("stylesheet", "icon", "shortcut icon")]
        for address in needed:
            parts = urlsplit(address)
            assert not parts.netloc, (path, address)
            assert (path.parent / parts.path).is_file(), (path, address)


def test_entries_are_in_no_navigation_tree(site: Path) -> None:
    """The cost of one tree over all entries would grow with the square of their number."""
    navigation = (site / "docs" / "index.html").read_text().split('class="sidebar-tree"')[1].split("</aside>")[0]
    assert "kb/incidents" not in navigation


def test_the_flagship_page_tells_the_whole_incident(site: Path) -> None:
    page = Page(site / "kb" / "incidents" / "qemu-bridged-network-loss.html")
    for heading in (
        "How it shows",
        "Tell it apart",
        "Red herrings",
        "Checks",
        "Cause",
        "Fixes and workarounds",
        "Prove the fix",
        "References",
        "Confusable incidents",
    ):
        assert heading in page.words
    assert "The DHCP server is broken" in page.words
    assert "modprobe vhost_net" in page.words
    assert "2.3 h" in page.words, "4.6 mean times of 30 minutes are the soak for 99 %"
    assert "https://bugs.launchpad.net/bugs/997978" in page.links
    assert page.all("svg", role="img")


def test_every_reference_with_an_address_is_linked_from_its_incident(site: Path) -> None:
    for incident in load().incidents.values():
        links = Page(site / "kb" / "incidents" / f"{incident.id}.html").links
        assert {reference.address for reference in incident.references if reference.address} <= set(links)


def test_the_indexes_lead_to_every_incident_and_check(site: Path) -> None:
    knowledge = load()
    for name in ("incidents", "symptoms", "trackers"):
        links = Page(site / "docs" / f"{name}.html").links
        wanted = knowledge.incidents if name != "symptoms" else {incident.id for incident in knowledge.active}
        assert {f"../kb/incidents/{incident}.html" for incident in wanted} <= set(links)
    assert {f"../kb/checks/{check}.html" for check in knowledge.checks} <= set(
        Page(site / "docs" / "checks.html").links
    )


def test_the_report_counts_what_the_casebook_holds(site: Path) -> None:
    knowledge = load()
    words = Page(site / "docs" / "report.html").words
    references = [reference for incident in knowledge.incidents.values() for reference in incident.references]
    assert f"{len(knowledge.incidents)} incidents" in words
    assert f"{len(references)} references" in words
    read = sum(reference.read for reference in references)
    assert f"All {read} {len(references) - read}" in words
