"""Every page, in Chromium: requests, contrast, small screens, and where the first Tab leads."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.ui.served import ABSENT, CLOSED, OPEN, Server, open_page
from tests.walk.barriers import barriers

PATHS = (
    "/", "/first", OPEN, CLOSED, ABSENT, "/ledger", "/history", "/archive", "/settings", "/settings/backups",
    "/settings/files", "/settings/licences", "/settings/licences/inter", "/settings/sync", "/attention",
    "/month/2026-13", "/no/such/page",
)  # fmt: skip
MOST_REQUESTS_COLD, MOST_REQUESTS_WARM = 25, 10
NARROW = 760


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
def test_no_page_has_a_serious_barrier_or_scrolls_sideways(
    browser: Browser, server: Server, scheme: Any, width: int
) -> None:
    context = browser.new_context(
        base_url=server.url, color_scheme=scheme, viewport={"width": width, "height": 800}, reduced_motion="reduce"
    )
    page = context.new_page()
    for path in PATHS:
        open_page(page, path)
        assert barriers(page) == [], path
    for path in ("/", OPEN, CLOSED):
        open_page(page, path)
        page.get_by_role("button", name="Groceries", exact=True).click()
        page.wait_for_selector(".under, .postings")
        if path == OPEN and width > NARROW:
            page.get_by_role("button", name="Planned for Eating out").click()
        page.wait_for_timeout(200)
        assert barriers(page) == [], f"{path} with an open row"
    for key, dialog in (("a", "quick-add"), ("Control+k", "palette"), ("?", "keys")):
        open_page(page, "/archive")
        page.keyboard.press(key)
        expect(page.locator(f"#{dialog}")).to_be_visible()
        page.wait_for_timeout(200)
        assert barriers(page) == [], dialog
    context.close()


@pytest.mark.parametrize("path", ["/", OPEN, "/archive"])
def test_a_page_comes_within_its_requests_cold_and_warm(page: Page, path: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_page(page, path)
    page.wait_for_timeout(300)
    assert len(asked) <= MOST_REQUESTS_COLD
    assert not [address for address in asked if "roboto" in address.lower() or "icons" in address.lower()]
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    cached: list[str] = []
    client.on("Network.requestServedFromCache", lambda event: cached.append(event["requestId"]))
    asked.clear()
    page.reload()
    page.wait_for_function("window.did_handshake === true")
    page.wait_for_timeout(300)
    assert len(asked) - len(cached) <= MOST_REQUESTS_WARM


def test_the_first_tab_skips_to_the_page(page: Page) -> None:
    open_page(page, "/archive")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("a.row").first).to_be_focused()


def test_what_is_tapped_on_a_phone_is_large_enough(browser: Browser, server: Server) -> None:
    context = browser.new_context(base_url=server.url, viewport={"width": 360, "height": 740}, has_touch=True)
    page = context.new_page()
    for path in PATHS:
        open_page(page, path)
        assert too_small(page) == [], path
    for path in ("/", OPEN, CLOSED):
        open_page(page, path)
        page.get_by_role("button", name="Groceries", exact=True).click()
        page.wait_for_selector(".under, .postings")
        assert too_small(page) == [], f"{path} with an open row"
    context.close()


def too_small(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('a,button,input,select')].filter((e) => e.checkVisibility() && "
        "!e.matches('.skip,.addentry .iconbtn') && e.getBoundingClientRect().height < 44)"
        ".map((e) => e.outerHTML.slice(0, 90))"
    )
    return found


def test_a_window_that_is_zoomed_still_shows_all_of_the_header(page: Page) -> None:
    """At 150 % the usual window is as wide as a tablet."""
    open_page(page, OPEN)
    page.locator(".pick").evaluate("(name) => { name.textContent = 'September 2026'; }")
    for width in range(NARROW + 8, 1281, 64):
        page.set_viewport_size({"width": width, "height": 800})
        assert covered(page) == [], width


def covered(page: Page) -> list[str]:
    """What is to be pressed in the header and lies, at its middle, under something else."""
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('.top a, .top button, .top .pill')].filter((e) => e.checkVisibility()).filter("
        "(e) => { const { x, y, width, height } = e.getBoundingClientRect();"
        " return !e.contains(document.elementFromPoint(x + width / 2, y + height / 2)); })"
        ".map((e) => e.outerHTML.slice(0, 90))"
    )
    return found
