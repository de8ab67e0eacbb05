"""Every kind of page in a real browser: wide and narrow, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 844}
PAGES = (
    "docs/index",
    "docs/chat",
    "docs/incidents",
    "docs/symptoms",
    "docs/trackers",
    "docs/checks",
    "docs/report",
    "docs/the-issue",
    "docs/adding",
    "docs/asking",
    "docs/running",
    "docs/triage",
    "docs/vocabulary",
    "docs/decisions",
    "kb/incidents/qemu-bridged-network-loss",
    "kb/incidents/vhost-dhcp-checksum-unfilled",
    "kb/checks/scope",
    "kb/checks/tap-tx-drops",
    "kb/families/guest-stops-receiving",
    "search",
)


@contextmanager
def opened(browser: Browser, size: ViewportSize, scheme: Literal["light", "dark"] = "light") -> Iterator[Page]:
    """Open a page of its own that fails on any error of a script or a blocked resource."""
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        yield page
        assert complaints == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_no_page_overflows_sideways(browser: Browser, address: str, size: ViewportSize, name: str) -> None:
    with opened(browser, size) as page:
        page.goto(f"{address}/{name}.html")
        overflow = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow == 0
        sticking_out = page.evaluate(
            """() => [...document.querySelectorAll('article *')].filter((element) => {
              if (element.closest('.table-wrapper, .diagram, .scroll, pre, svg, .visually-hidden')) return false;
              const box = element.getBoundingClientRect();
              return box.width > 1 && box.height > 1 && box.right > window.innerWidth + 1;
            }).map((element) => element.outerHTML.slice(0, 80))"""
        )
        assert sticking_out == []


def test_look_alikes_are_stacked_on_a_phone_and_need_no_scrolling(browser: Browser, address: str) -> None:
    with opened(browser, NARROW) as page:
        page.goto(f"{address}/kb/incidents/qemu-bridged-network-loss.html")
        hidden = page.locator(".table-wrapper.tell-apart").evaluate("(box) => box.scrollWidth - box.clientWidth")
        assert hidden == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_background(browser: Browser, address: str, scheme: Literal["light", "dark"]) -> None:
    """The contrast of running text, links and labels is at least 4.5 to 1, the AA level of WCAG 2."""
    with opened(browser, WIDE, scheme) as page:
        page.goto(f"{address}/kb/incidents/qemu-bridged-network-loss.html")
        poor = page.evaluate(
            """() => {
              const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
              const paint = (layers) => {
                canvas.clearRect(0, 0, 1, 1);
                for (const layer of layers) { canvas.fillStyle = layer; canvas.fillRect(0, 0, 1, 1); }
                return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
              };
              const light = (colour) => {
                const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
                const [r, g, b] = colour.map((c) => linear(c / 255));
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
              };
              const behind = (element) => {
                const layers = [];
                for (let e = element; e; e = e.parentElement) layers.unshift(getComputedStyle(e).backgroundColor);
                return ['#fff', ...layers];
              };
              const poor = [];
              for (const element of document.querySelectorAll('article :is(p, a, .badge, summary, th, td, dt, li)')) {
                if (!element.textContent.trim() || element.closest('.headerlink')) continue;
                const back = behind(element);
                const [a, b] = [light(paint([...back, getComputedStyle(element).color])), light(paint(back))];
                const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                if (contrast < 4.5) poor.push(`${element.className} ${element.textContent.slice(0, 40)} ${contrast}`);
              }
              return [...new Set(poor)];
            }"""
        )
        assert poor == []


def test_the_chosen_colours_are_kept_from_page_to_page(browser: Browser, address: str) -> None:
    with opened(browser, WIDE) as page:
        page.goto(f"{address}/docs/triage.html")
        page.get_by_role("button", name="Toggle").first.click()
        chosen = page.locator("body").get_attribute("data-theme")
        assert chosen in ("light", "dark")
        page.goto(f"{address}/docs/asking.html")
        expect(page.locator("body")).to_have_attribute("data-theme", str(chosen))


def test_search_finds_an_incident_by_a_word_of_its_log(browser: Browser, address: str) -> None:
    with opened(browser, NARROW) as page:
        page.goto(f"{address}/search.html")
        page.get_by_label("Search for").fill("nf_conntrack")
        page.get_by_role("button", name="Search", exact=True).click()
        expect(page.locator("#search-results li a").first).to_be_visible()
        assert any("kb/" in str(link.get_attribute("href")) for link in page.locator("#search-results li a").all())


def test_an_index_can_be_narrowed(browser: Browser, address: str) -> None:
    with opened(browser, WIDE) as page:
        page.goto(f"{address}/docs/trackers.html")
        before = page.locator("article section section li:visible").count()
        page.get_by_label("Narrow the lists").fill("997978")
        lines = page.locator("article section section li:visible")
        expect(lines.filter(has_text="997978")).to_have_count(1)
        assert lines.count() == 1 < before


def test_a_command_can_be_copied_from_an_incident(browser: Browser, address: str) -> None:
    with opened(browser, WIDE) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(f"{address}/kb/checks/tap-tx-drops.html")
        block = page.locator(".highlight").first
        block.hover()
        block.locator("button.copybtn").click()
        copied = page.evaluate("() => navigator.clipboard.readText()")
        assert copied == block.locator("pre").inner_text().strip()
