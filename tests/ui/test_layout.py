"""Where things stand on a page: one beneath the other, and none upon another."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.ui.served import ABSENT, CLOSED, OPEN, Server, open_page

COVERED = """(within) => [...document.querySelectorAll(within)].filter((e) => {
  if (!e.checkVisibility()) return false;
  const r = e.getBoundingClientRect(), xs = [r.left + 2, r.left + r.width / 2, r.right - 2];
  return xs.some((x) => { const at = document.elementFromPoint(x, r.top + r.height / 2); return at && !e.contains(at) })
}).map((e) => e.outerHTML.slice(0, 90))"""
"""Those of which another thing covers the middle or an end."""
BEYOND = """() => [...document.querySelectorAll('.group *')].filter((e) => e.checkVisibility()
  && getComputedStyle(e).position !== 'absolute'
  && e.getBoundingClientRect().right > e.closest('.group').getBoundingClientRect().right + 1
).map((e) => e.outerHTML.slice(0, 90))"""
"""What reaches beyond its group, where it is cut off."""
LARGEST = """(row) => {
  const amounts = [...row.querySelectorAll('.num')].filter((e) => e.checkVisibility()), found = [];
  for (const amount of amounts) {
    const texts = document.createTreeWalker(amount, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode())
      if (/[0-9]/.test(text.data)) { text.data = '-9,999,999,999.00'; found.push(text); break }
  }
  const rects = found.map((text) => {
    const around = document.createRange(); around.selectNode(text); return around.getBoundingClientRect()
  });
  return [rects.map((r) => r.left), rects.map((r) => r.right), rects.map((r) => r.height)]
}"""
"""Fills the amounts of a row with the largest one; where each begins, where it ends, and how tall it is."""
ONE_LINE = 24
IN_STEP = (
    '<button class="chip ok" type="button" aria-label="Sync: In step"><span class="dot"></span>'
    '<span class="short">In step</span></button>'
)


@pytest.mark.parametrize("width", [360, 390, 800, 1440])
def test_nothing_in_the_header_covers_anything_else(browser: Browser, server: Server, width: int) -> None:
    page = opened(browser, server, width)
    for path in ("/", OPEN, "/month/2025-09", CLOSED, ABSENT, "/archive", "/settings/backups", "/settings/files"):
        open_page(page, path)
        # As where a server is connected: the pages here know of none.
        page.locator(".top .search").evaluate("(e, chip) => e.insertAdjacentHTML('afterend', chip)", IN_STEP)
        assert page.evaluate(COVERED, ".top a, .top button, .top h1") == [], path
    page.context.close()


@pytest.mark.parametrize("width", [761, 900, 1081])
def test_no_column_is_cut_off_where_there_is_less_room(browser: Browser, server: Server, width: int) -> None:
    page = opened(browser, server, width)
    for path in ("/", OPEN, CLOSED, "/ledger", "/archive", "/settings/backups", "/settings/sync", "/settings/licences"):
        open_page(page, path)
        if path in ("/", OPEN, CLOSED):
            page.get_by_role("button", name="Groceries", exact=True).click()
            page.wait_for_selector(".under, .postings")
        assert page.evaluate(BEYOND) == [], path
    page.context.close()


@pytest.mark.parametrize("width", [390, 900, 1440])
def test_the_amounts_of_postings_stand_beneath_what_was_applied(browser: Browser, server: Server, width: int) -> None:
    page = opened(browser, server, width)
    open_page(page, OPEN)
    page.get_by_role("button", name="Groceries", exact=True).click()
    expect(page.locator(".postings .p").first).to_be_visible()
    applied = ends(page, ".row.open > .num")[0]
    assert {*ends(page, ".postings .p > .num")} == {applied}
    page.context.close()


@pytest.mark.parametrize("width", [360, 900, 1440])
def test_the_largest_amounts_stand_in_one_line_side_by_side(browser: Browser, server: Server, width: int) -> None:
    page = opened(browser, server, width)
    for path, row in ((OPEN, ".row.cols"), (CLOSED, ".row.cols"), ("/", ".row.plancols"), ("/archive", ".row.acols")):
        open_page(page, path)
        lefts, rights, heights = page.locator(row).first.evaluate(LARGEST)
        assert [height for height in heights if height > ONE_LINE] == [], path
        assert all(right < left for right, left in zip(rights, lefts[1:], strict=False)), (path, lefts, rights)
    page.context.close()


def test_the_largest_zero_fits_on_the_smallest_phone(browser: Browser, server: Server) -> None:
    page = opened(browser, server, 360)
    open_page(page, "/")
    page.locator(".row", has_text="Groceries").locator(".editable").first.click()
    page.locator(".row input:focus").fill("9999999999")
    page.keyboard.press("Enter")
    expect(page.locator(".zero b")).to_contain_text("−9,999")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    page.keyboard.press("Control+z")
    expect(page.locator(".zero b")).not_to_contain_text("−9,999")
    page.context.close()


@pytest.mark.parametrize("width", [390, 1440])
def test_what_has_the_focus_is_never_beneath_a_bar(browser: Browser, server: Server, width: int) -> None:
    page = opened(browser, server, width, height=500)
    open_page(page, "/settings")
    for key in ("Tab", "Shift+Tab"):
        for _ in range(30):
            page.keyboard.press(key)
            assert page.evaluate(COVERED, ".nicegui-content :focus") == [], key
    page.context.close()


def opened(browser: Browser, server: Server, width: int, height: int = 800) -> Page:
    return browser.new_context(base_url=server.url, viewport={"width": width, "height": height}).new_page()


def ends(page: Page, of: str) -> list[Any]:
    """Where the texts end, in whole pixels."""
    found: list[Any] = page.locator(of).evaluate_all(
        "(all) => all.map((e) => { const text = document.createRange(); text.selectNodeContents(e);"
        " return Math.round(text.getBoundingClientRect().right) })"
    )
    return found
