"""Postings are found from the palette and in the ledger of all of them, and lead to their place."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from quartermaster.services.month_views import month_view
from quartermaster.services.months import activate_month, close_month, start_month
from quartermaster.services.postings import add_postings
from quartermaster.services.starter import fill
from quartermaster.ui.pages.ledger import PAGE as ROWS
from quartermaster.ui.parts.ledger import PAGE
from tests.living import draft
from tests.running import Program
from tests.walk.walking import another_tab, open_page, postings, ready, this_month, wait_until_kept

Visit = Callable[[Program], Page]
REPAIRS = "Repairs and replacements"
HOSTILE = "<img src=x onerror=window.hacked=1>"
OLD = "Épicerie Émile"
MANY = ROWS + 10
LATE_MS = 600
"""Longer than what is typed waits for the next letter before it goes out."""


@pytest.fixture
def page(program: Program, visit: Visit) -> Page:
    """Last month closed with one old posting of 12.34 below many; this month open, with a hostile one."""
    store, before = program.store(), this_month().previous
    with store.write() as work:
        fill(work)
        for month in (before, this_month()):
            start_month(work, month)
    with store.write() as work:
        by_name = {}
        for month in (before, this_month()):
            view = month_view(work, month)
            assert view is not None
            by_name[month] = {line.entry.name: line.entry.id for line in view.lines}
        car, pay = by_name[before][REPAIRS], by_name[before]["Pay"]
        drafts = [draft(car, 100, before.last_day, f"Garage {number}") for number in range(MANY)]
        drafts += [draft(car, 1_234, before.first_day, OLD), draft(pay, 1_234 + 100 * MANY, before.first_day, "Office")]
        drafts.append(draft(by_name[this_month()]["Groceries"], 500, this_month().first_day, HOSTILE))
        add_postings(work, drafts)
        activate_month(work, before)
        close_month(work, before)
    store.close()
    page = visit(program)
    open_page(page, "/archive")
    return page


def palette(page: Page, typed: str) -> Locator:
    """The palette's lines for what is typed."""
    page.keyboard.press("Control+k")
    page.locator("#palette input").fill(typed)
    return page.locator("#palette .pline")


@pytest.mark.parametrize("typed", ["émile", "12.34"])
def test_the_palette_finds_a_posting_of_a_closed_month_and_opens_it_in_its_ledger(page: Page, typed: str) -> None:
    lines = palette(page, typed)
    expect(lines.filter(has_text=OLD)).to_be_visible()
    for _ in range(lines.all_inner_texts().index(lines.filter(has_text=OLD).inner_text())):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#palette .pline[aria-selected=true]")).to_contain_text(OLD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/month/{this_month().previous}?posting=*")
    expect(page.get_by_role("button", name=REPAIRS, exact=True)).to_have_attribute("aria-expanded", "true")
    expect(postings(page).filter(has_text=OLD)).to_be_focused()
    expect(postings(page).filter(has_text=OLD)).to_be_in_viewport()
    expect(postings(page)).to_have_count(PAGE + 1)


def test_the_palette_leads_on_to_all_postings_that_fit(page: Page) -> None:
    lines = palette(page, "garage")
    expect(lines).to_have_count(9)
    lines.last.click()
    page.wait_for_url("**/ledger")
    ready(page)
    expect(page.get_by_label("Find postings")).to_have_value("garage")
    expect(page.locator("a.pcols")).to_have_count(ROWS)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator("a.pcols")).to_have_count(MANY)
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()


def test_every_page_is_in_the_palette(page: Page) -> None:
    for typed, title, path in (
        ("sync", "Sync", "/settings/sync"),
        ("look", "To look at", "/attention"),
        ("ledger", "Ledger", "/ledger"),
        ("import", "Import and export", "/settings/files"),
    ):
        lines = palette(page, typed)
        expect(lines.first).to_contain_text(title)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{path}")
        ready(page)


def test_the_ledger_shows_all_months_the_newest_first_and_narrows_them(program: Program, page: Page) -> None:
    page.get_by_role("link", name="All postings").click()
    page.wait_for_url("**/ledger")
    ready(page)
    rows = page.locator("a.pcols")
    expect(rows.first).to_contain_text(HOSTILE)
    expect(rows.nth(1)).to_contain_text("Garage")
    expect(page.locator(".all h2")).to_have_text([this_month().title, this_month().previous.title])
    page.get_by_label("Find postings").fill("émile")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(REPAIRS)
    page.get_by_label("Find postings").fill("12.34")
    page.get_by_role("button", name="Clear").click()
    expect(rows).to_have_count(ROWS)
    page.wait_for_timeout(LATE_MS)
    expect(rows).to_have_count(ROWS)
    page.get_by_label("Find postings").fill("12.34")
    expect(rows).to_have_count(1)
    wait_until_kept(program, "12.34")
    page.get_by_role("button", name="Clear").click()
    expect(rows).to_have_count(ROWS)
    page.locator(".filter").get_by_label("Month").select_option(label=this_month().title)
    expect(rows).to_have_count(1)
    page.locator(".filter").get_by_label("Entry").select_option(label="Pay")
    expect(page.get_by_role("heading", name="No posting fits")).to_be_visible()
    page.locator(".filter").get_by_label("Month").select_option(label="All months")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Office")
    page.get_by_label("Find postings").fill("office")
    wait_until_kept(program, "office")
    page = another_tab(page, "/ledger")
    rows = page.locator("a.pcols")
    expect(rows).to_have_count(1)
    expect(page.get_by_label("Find postings")).to_have_value("office")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_label("Find postings")).to_be_focused()
    rows.first.click()
    page.wait_for_url("**/month/*?posting=*")
    expect(postings(page).filter(has_text=HOSTILE)).to_be_focused()
    assert page.evaluate("window.hacked") is None


def test_a_posting_added_elsewhere_appears_in_an_open_ledger(program: Program, page: Page) -> None:
    open_page(page, "/ledger")
    page.locator("a.pcols").nth(3).focus()
    held = page.evaluate("document.activeElement.innerText")
    store = program.store()
    with store.write() as work:
        view = month_view(work, this_month())
        assert view is not None
        groceries = next(line.entry.id for line in view.lines if line.entry.name == "Groceries")
        add_postings(work, [draft(groceries, 700, this_month().last_day, "Late Shop")])
    store.close()
    expect(page.locator("a.pcols").first).to_contain_text("Late Shop")
    assert page.evaluate("document.activeElement.innerText") == held


def test_an_address_of_a_posting_that_is_gone_says_so(page: Page) -> None:
    for posting in ("00000000-0000-0000-0000-00000000dead", "nonsense"):
        open_page(page, f"/month/{this_month()}?posting={posting}")
        expect(page.locator(".snackbar")).to_contain_text("not in this month any more")
