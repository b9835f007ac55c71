"""What opens above a page, and what a refusal shows, keeps nobody out: on a laptop and on a small phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from quartermaster.services.months import start_month
from quartermaster.services.starter import fill
from tests.running import Program
from tests.walk.barriers import barriers
from tests.walk.walking import add_row, open_page, open_row, post, postings, this_month

AFTER_MOVING_MS = 250
SCREENS = {"laptop, dark": (1440, "dark"), "phone, light": (360, "light"), "phone, dark": (360, "dark")}


@pytest.fixture(params=list(SCREENS.values()), ids=list(SCREENS))
def page(program: Program, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    store = program.store()
    with store.write() as work:
        fill(work)
        start_month(work, this_month())
    store.close()
    width, scheme = request.param
    context = browser.new_context(
        base_url=program.url, viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def settled(page: Page) -> list[Any]:
    page.wait_for_timeout(AFTER_MOVING_MS)
    return barriers(page)


def test_refusals_questions_and_dialogs_keep_nobody_out(page: Page) -> None:
    open_page(page, f"/month/{this_month()}")
    open_row(page, "Groceries")
    post(page, "Marlow Market", "12.50")
    expect(postings(page)).to_have_count(1)
    post(page, "Marlow Market", "1e999")
    expect(add_row(page).get_by_role("alert")).not_to_be_empty()
    assert settled(page) == [], "a refused posting"
    postings(page).get_by_role("button", name="Edit").click()
    expect(page.locator(".postings form")).to_be_visible()
    page.locator(".postings form").get_by_label("Amount").fill("0")
    page.locator(".postings form").get_by_label("Amount").press("Enter")
    expect(page.locator(".postings form").get_by_role("alert")).not_to_be_empty()
    assert settled(page) == [], "a refused edit"
    page.locator(".under").get_by_role("button", name="Delete").click()
    expect(page.locator("dialog.ask")).to_be_visible()
    assert settled(page) == [], "a question"
    page.keyboard.press("Escape")
    page.locator(".pick").click()
    expect(page.locator("#months .amonth").first).to_be_visible()
    assert settled(page) == [], "the months"
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("marlow")
    expect(page.locator("#palette .pline").filter(has_text="Groceries").last).to_contain_text("12.50")
    assert settled(page) == [], "a found posting"


def test_the_settings_of_sync_and_its_dialog_keep_nobody_out(page: Page) -> None:
    open_page(page, "/attention")
    assert settled(page) == [], "nothing to look at"
    open_page(page, "/ledger")
    page.get_by_label("Find postings").fill("nothing like it")
    expect(page.get_by_role("heading", name="No posting fits")).to_be_visible()
    assert settled(page) == [], "a ledger without a line"
    open_page(page, "/settings/sync")
    assert settled(page) == [], "the settings of sync"
    page.get_by_label("Address").fill("no address")
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_label("Address")).to_have_attribute("aria-invalid", "true")
    assert settled(page) == [], "a refused address"
    page.evaluate("qmOpen('sync')")
    expect(page.locator("#sync")).to_be_visible()
    assert settled(page) == [], "the dialog of sync"
