"""The chat page, from the first sentence to the verdict, with the real casebook."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

from kb.load import load
from kb.model import Frequency
from tests.browser.test_site import NARROW, WIDE, opened

STORY = (
    "one of our servers drops off the network a few hours after the nightly backup, dhclient is gone, "
    "networking restart brings it back"
)
MOST_CHECKS = 6


def true_answers() -> set[str]:
    """Return the words on the buttons that an operator presses who has the flagship's fault."""
    knowledge = load()
    return {
        knowledge.checks[check].outcomes[outcome].label
        for check, outcomes in knowledge.incident("qemu-bridged-network-loss").expect.items()
        for outcome, often in outcomes.items()
        if often in (Frequency.ALWAYS, Frequency.USUALLY)
    }


def answer_count(page: Page) -> int:
    return page.locator(".message:not(.mine)").count()


def say(page: Page, text: str) -> None:
    """Type a message, send it with the keyboard and wait for the answer."""
    expect(page.locator(".message").first).to_be_visible()
    before = answer_count(page)
    page.get_by_label("What happens?").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(".message:not(.mine)")).to_have_count(before + 1)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_story_on_the_front_page_ends_in_a_verdict(browser: Browser, address: str, size: ViewportSize) -> None:
    """The front page's box, a check with its command, an outcome's button, the cause, the fix and the bug."""
    with opened(browser, size) as page:
        page.goto(f"{address}/docs/index.html")
        page.get_by_label("What happens?").fill(STORY)
        page.get_by_role("button", name="Ask Blip").click()
        last = page.locator(".message").last
        expect(last).to_contain_text("Bridged KVM guest goes deaf")
        assert page.url.endswith("/docs/chat.html"), "the story does not stay in the address"
        for _ in range(MOST_CHECKS):
            buttons = last.locator(".choices button").all()
            if not buttons:
                break
            before = answer_count(page)
            next(button for button in buttons if button.inner_text() in true_answers()).click()
            expect(page.locator(".message:not(.mine)")).to_have_count(before + 1)
        expect(last).to_contain_text("wake-up")
        expect(last).to_contain_text("997978")
        expect(last.locator("figure.code").first).to_be_visible()
        overflow = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow == 0


def test_the_suspects_lead_to_their_pages(browser: Browser, address: str) -> None:
    with opened(browser, WIDE) as page:
        page.goto(f"{address}/docs/chat.html")
        say(page, STORY)
        page.locator(".suspects summary").click()
        page.locator(".suspects a").first.click()
        expect(page.locator("h1")).to_contain_text("Bridged KVM guest goes deaf")


def test_a_story_of_something_else_gets_no_incident(browser: Browser, address: str) -> None:
    with opened(browser, WIDE) as page:
        page.goto(f"{address}/docs/chat.html")
        say(page, "the root disk is full and postgres does not start any more")
        expect(page.locator(".suspects summary")).to_contain_text("unknown")


def test_text_of_users_is_never_taken_for_html(browser: Browser, address: str) -> None:
    with opened(browser, WIDE) as page:
        page.goto(f"{address}/docs/chat.html")
        say(page, "<img src=x onerror=alert(1)> <b>bold</b> guest deaf `<i>code</i>`")
        expect(page.locator(".message.mine")).to_contain_text("<img src=x onerror=alert(1)> <b>bold</b>")
        assert page.locator(".log :is(img, b, i, script)").count() == 0


def test_reports_from_a_tracker_are_shown_once_with_their_label_below_the_suspects(
    browser: Browser, address_with_reports: str
) -> None:
    with opened(browser, WIDE) as page:
        page.goto(f"{address_with_reports}/docs/chat.html")
        say(page, STORY)
        expect(page.locator(".leads p")).to_have_text("Not in the casebook, but these reports read alike:")
        expect(page.locator(".leads a")).to_have_attribute("href", "https://bugs.example.org/1")
        expect(page.locator(".leads li")).to_contain_text("words shared:")
        say(page, "skip")
        expect(page.locator(".leads")).to_have_count(1)


def test_a_strangers_title_is_never_taken_for_html(browser: Browser, address_with_reports: str) -> None:
    with opened(browser, WIDE) as page:
        page.goto(f"{address_with_reports}/docs/chat.html")
        say(page, "our printer is out of toner")
        expect(page.locator(".leads")).to_contain_text("owned office printer <script>alert(1)</script> <!channel>")
        assert page.locator(".leads :is(script, img, code, h2, h3)").count() == 0
        assert [link.get_attribute("href") for link in page.locator(".leads a").all()] == ["https://bugs.example.org/2"]


def test_shift_enter_starts_a_new_line_and_an_empty_message_is_not_sent(browser: Browser, address: str) -> None:
    with opened(browser, WIDE) as page:
        page.goto(f"{address}/docs/chat.html")
        expect(page.locator(".message")).to_have_count(1)
        box = page.get_by_label("What happens?")
        box.press("Enter")
        box.press_sequentially("one")
        box.press("Shift+Enter")
        box.press_sequentially("two")
        assert box.input_value() == "one\ntwo"
        expect(page.locator(".message")).to_have_count(1)


def test_a_case_survives_a_reload_and_ends_with_a_new_one(browser: Browser, address: str) -> None:
    with opened(browser, WIDE) as page:
        page.goto(f"{address}/docs/chat.html")
        say(page, STORY)
        page.reload()
        expect(page.locator(".message.mine")).to_have_text(STORY)
        expect(page.locator(".suspects")).to_be_visible()
        say(page, "summary")
        expect(page.locator(".message").last).to_contain_text("nightly backup")
        page.get_by_role("button", name="New case").click()
        expect(page.locator(".message")).to_have_count(1)


def test_files_can_be_dropped_and_taken_away_again(browser: Browser, address: str, tmp_path: Path) -> None:
    with opened(browser, WIDE) as page:
        page.goto(f"{address}/docs/chat.html")
        log = tmp_path / "dhclient.log"
        log.write_text("Nov 23 02:00:01 web1 dhclient[812]: DHCPREQUEST on eth0 to 10.0.0.1 port 67\n")
        page.locator("#files").set_input_files([log])
        expect(page.locator(".files li")).to_contain_text("dhclient.log")
        page.get_by_role("button", name="Remove dhclient.log").click()
        expect(page.locator(".files li")).to_have_count(0)
        page.locator("#files").set_input_files([log])
        before = answer_count(page)
        page.get_by_role("button", name="Send").click()
        expect(page.locator(".message.mine")).to_contain_text("dhclient.log")
        expect(page.locator(".message:not(.mine)")).to_have_count(before + 1)


def test_a_failure_is_told_and_the_text_is_not_lost(browser: Browser, address: str) -> None:
    def fail(route: Route) -> None:
        route.fulfill(status=500, content_type="application/json", body='{"error": "out of order"}')

    with browser.new_context(viewport=WIDE) as context:
        page = context.new_page()
        page.goto(f"{address}/docs/chat.html")
        page.route("**/messages", fail)
        say(page, "guest deaf")
        expect(page.locator(".message").last).to_contain_text("out of order")
        assert page.get_by_label("What happens?").input_value() == "guest deaf"


def test_a_site_without_its_bot_says_how_to_run_it(browser: Browser, site: Path) -> None:
    with browser.new_context(viewport=WIDE) as context:
        page = context.new_page()
        page.goto((site / "docs" / "chat.html").as_uri())
        expect(page.get_by_text("make run")).to_be_visible()
        expect(page.locator("#chat")).to_be_hidden()


def test_new_answers_are_announced_and_every_control_has_a_name(browser: Browser, address: str) -> None:
    with opened(browser, WIDE) as page:
        page.goto(f"{address}/docs/chat.html")
        say(page, STORY)
        expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
        nameless = page.evaluate(
            """() => [...document.querySelectorAll('#chat :is(button, input, textarea)')].filter((control) => {
              const labelled = control.getAttribute('aria-label') || (control.labels && control.labels.length);
              return !labelled && !control.textContent.trim();
            }).length"""
        )
        assert nameless == 0


def test_a_pasted_dhcp_log_is_drawn_as_a_sequence_diagram(browser: Browser, address: str) -> None:
    log = "\n".join(
        (
            "Mar 01 02:10:01 web dhclient[611]: DHCPREQUEST of 10.1.0.7 on eth0 to 10.1.0.2 port 67",
            "Mar 01 02:10:06 web dhclient[611]: DHCPREQUEST of 10.1.0.7 on eth0 to 10.1.0.2 port 67",
            "Mar 01 02:10:15 web dhclient[611]: DHCPREQUEST of 10.1.0.7 on eth0 to 255.255.255.255 port 67",
            "Mar 01 02:10:31 web dhclient[611]: No DHCPOFFERS received.",
        )
    )
    for size in (WIDE, NARROW):
        with opened(browser, size) as page:
            page.goto(f"{address}/docs/chat.html")
            say(page, log)
            drawing = page.locator(".message").last.locator("figure.diagram svg")
            expect(drawing).to_be_visible()
            assert drawing.locator("title").first.text_content()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
