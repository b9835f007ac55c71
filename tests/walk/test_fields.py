"""Every field of a plan entry, of a month entry and of the month picker takes what a person types, and only that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Locator, Page, expect

from quartermaster.domain.section import Section
from quartermaster.services.months import start_month
from quartermaster.services.plans import add_plan_entry
from quartermaster.services.starter import fill
from tests.running import Program
from tests.walk.walking import (
    add_row,
    another_tab,
    open_group,
    open_page,
    open_row,
    post,
    postings,
    ready,
    row,
    this_month,
)

Visit = Callable[[Program], Page]
HOSTILE = '<img src=x onerror=window.hacked=1>{{ 7*7 }}"'


@pytest.fixture
def page(program: Program, visit: Visit) -> Page:
    store = program.store()
    with store.write() as work:
        fill(work)
        add_plan_entry(work, section=Section.SINKING_FUND, name="Car", planned=10_000)
        start_month(work, this_month().previous)
        start_month(work, this_month())
    store.close()
    page = visit(program)
    open_page(page)
    return page


def edit(page: Page, label: str, typed: str) -> Locator:
    """Choose a fact beneath an open row, and type into it."""
    page.locator(".under").get_by_role("button", name=label, exact=False).first.click()
    field = page.locator(".under").get_by_label(label, exact=True).and_(page.locator("input, textarea"))
    field.fill(typed)
    field.press("Control+Enter" if label == "Notes" else "Enter")
    return field


def refused(page: Page, label: str, typed: str, sentence: str) -> None:
    """It stays in its field, with the sentence; Esc gives up."""
    field = edit(page, label, typed)
    expect(page.locator(".under").get_by_role("alert").filter(has_text=sentence)).to_be_visible()
    expect(field).to_have_value(typed)
    field.press("Escape")
    expect(field).to_have_count(0)


def test_a_fund_takes_a_goal_a_date_and_a_balance_and_says_what_reaches_it(page: Page) -> None:
    open_group(page, "Savings")
    open_row(page, "Car")
    for typed in (HOSTILE, "1e999"):
        refused(page, "Goal", typed, "Type an amount")
        refused(page, "Opening balance", typed, "Type an amount")
    refused(page, "By", HOSTILE, "Type a date like")
    refused(page, "By", "2026-02-30", "Type a date like")
    edit(page, "Goal", "1,200.00")
    expect(row(page, "Car")).to_contain_text("0.00 of 1,200.00")
    edit(page, "Opening balance", "100+100")
    expect(row(page, "Car")).to_contain_text("200.00 of 1,200.00")
    by = this_month().plus(3)
    edit(page, "By", date(by.year, by.month, 1).isoformat())
    expect(row(page, "Car")).to_contain_text(f"▲ 250.00 a month reaches it by {by.short_title} {by.year}")
    row(page, "Car").get_by_role("button", name="Planned for Car").click()
    page.get_by_role("textbox", name="Planned for Car").fill("250")
    page.keyboard.press("Enter")
    expect(row(page, "Car")).not_to_contain_text("▲")
    expect(page.locator(".under")).to_contain_text("250.00 a month reaches it")
    edit(page, "By", "")
    expect(row(page, "Car")).not_to_contain_text("a month")
    assert page.evaluate("window.hacked") is None


def test_a_debt_takes_a_balance_and_a_rate(page: Page) -> None:
    open_group(page, "Committed")
    open_row(page, "Loan or card")
    refused(page, "Balance", HOSTILE, "Type an amount")
    for typed in (HOSTILE, "-1", "1000.01"):
        refused(page, "APR in %", typed, "rate")
    edit(page, "Balance", "5,000")
    expect(page.locator(".under").get_by_role("button", name="Balance")).to_contain_text("5,000.00")
    edit(page, "APR in %", "19,9")
    expect(page.locator(".under").get_by_role("button", name="APR in %")).to_contain_text("19.9")
    page.reload()
    ready(page)
    open_row(page, "Loan or card")
    expect(page.locator(".under")).to_contain_text("5,000.00")
    expect(page.locator(".under")).to_contain_text("19.9")


@pytest.mark.parametrize("is_plan", [True, False], ids=["plan", "month"])
def test_names_and_notes_are_shown_as_they_were_typed(page: Page, is_plan: bool) -> None:
    if not is_plan:
        open_page(page, f"/month/{this_month()}")
    open_row(page, "Groceries")
    refused(page, "Name", "x" * 121, "120")
    refused(page, "Notes", "x" * 1_025, "1,024")
    edit(page, "Notes", f"{HOSTILE}\nsecond line")
    expect(page.locator(".under").get_by_role("button", name="Notes")).to_contain_text(HOSTILE)
    edit(page, "Name", HOSTILE)
    expect(row(page, HOSTILE)).to_be_visible()
    page.reload()
    ready(page)
    expect(row(page, HOSTILE)).to_be_visible()
    assert page.evaluate("window.hacked") is None


def test_a_tag_says_how_an_entry_differs_and_what_it_was_by_pointer_and_by_keyboard(page: Page) -> None:
    open_page(page, f"/month/{this_month()}")
    row(page, "Groceries").get_by_role("button", name="Planned for Groceries").click()
    page.get_by_role("textbox", name="Planned for Groceries").fill("500")
    page.keyboard.press("Enter")
    tag = row(page, "Groceries").locator(".tag.ed")
    expect(tag).to_have_text("modified")
    expect(tag).to_have_attribute("title", "In the plan: Groceries, 450.00")
    tag.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(tag).to_be_focused()
    assert (
        page.evaluate("getComputedStyle(document.activeElement, '::after').content")
        == '"In the plan: Groceries, 450.00"'
    )
    row(page, "Groceries").get_by_role("button", name="Planned for Groceries").click()
    page.get_by_role("textbox", name="Planned for Groceries").fill("450")
    page.keyboard.press("Enter")
    expect(tag).to_be_hidden()
    page.get_by_label("New entry in Food and essentials", exact=True).fill("Birthday cake")
    page.keyboard.press("Enter")
    expect(row(page, "Birthday cake").locator(".tag.new")).to_have_text("new this month")


def test_the_add_row_completes_payees_of_before_whatever_the_case(page: Page) -> None:
    open_page(page, f"/month/{this_month()}")
    open_row(page, "Groceries")
    post(page, "Épicerie Émile", "12.50")
    expect(postings(page)).to_have_count(1)
    open_row(page, "Clothes")
    payee = add_row(page).get_by_label("Payee")
    payee.press_sequentially("épi")
    completion = page.locator(f"datalist#{payee.get_attribute('list')} option")
    expect(completion).to_have_attribute("value", "Épicerie Émile")
    expect(completion).to_have_text("Groceries")
    payee.fill("Nobody")
    expect(completion).to_have_count(0)


def test_the_month_picker_shows_every_months_state_and_leads_there(page: Page) -> None:
    open_page(page, f"/month/{this_month()}")
    page.get_by_role("button", name="Activate").click()
    page.locator(".pick").click()
    current = page.locator("#months [aria-current=page]")
    expect(current).to_contain_text(this_month().short_title)
    expect(current).to_contain_text("active")
    before = page.locator(f"#months a[href='/month/{this_month().previous}']")
    expect(before).to_contain_text("planning")
    expect(page.locator("#months .absent").first).to_contain_text("not started")
    before.click()
    page.wait_for_url(f"**/month/{this_month().previous}")


def test_a_group_stays_as_it_was_opened_after_a_reload_and_a_restart(program: Program, page: Page) -> None:
    for path in ("/", f"/month/{this_month()}"):
        open_page(page, path)
        open_group(page, "Savings")
        page.locator(".ghead", has_text="Flexible").click()
        expect(page.locator(".ghead", has_text="Flexible")).to_have_attribute("aria-expanded", "false")
    shows_as_left(page)
    program.stop()
    program.start()
    shows_as_left(another_tab(page, "/"))


def shows_as_left(page: Page) -> None:
    for path in ("/", f"/month/{this_month()}"):
        open_page(page, path)
        expect(page.locator(".ghead", has_text="Savings")).to_have_attribute("aria-expanded", "true")
        expect(row(page, "Car")).to_be_visible()
        expect(page.locator(".ghead", has_text="Flexible")).to_have_attribute("aria-expanded", "false")
        expect(row(page, "Groceries")).to_have_count(0)
