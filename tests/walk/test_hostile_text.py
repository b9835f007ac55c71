"""Text that means to be markup, code or a template is text on every page, and figures that are none are refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.running import Program
from tests.walk.walking import (
    add_row,
    live_in,
    open_page,
    open_row,
    post,
    postings,
    this_month,
)

Visit = Callable[[Program], Page]
HOSTILE = (
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    "{{ 7*7 }} ${7*7}",
    "'; DROP TABLE posting; --",
    "\N{RIGHT-TO-LEFT OVERRIDE}gnp.elif 🏳️‍🌈 שלום",
    '" autofocus onfocus="window.hacked=1',
)
NO_AMOUNT = ("1e999", "NaN", "--5", "=1+1", "Infinity", "0x10", "1" * 40)


@pytest.fixture
def month(program: Program, visit: Visit) -> Page:
    live_in(program)
    page = visit(program)
    open_page(page, f"/month/{this_month()}")
    return page


def test_hostile_text_is_shown_as_it_was_typed_wherever_it_is_shown(month: Page) -> None:
    open_row(month, "Groceries")
    for text in HOSTILE:
        add_row(month).get_by_label("What for").fill(text)
        post(month, text, "1")
    expect(postings(month)).to_have_count(len(HOSTILE))
    for text in HOSTILE:
        assert text in [cell.strip() for cell in postings(month).locator("b").all_inner_texts()]
        month.get_by_label("New entry in Subscriptions", exact=True).fill(text)
        month.keyboard.press("Enter")
        expect(month.get_by_role("button", name=text, exact=True)).to_be_visible()
    open_row(month, HOSTILE[0])
    expect(month.locator(".under").get_by_role("button", name=HOSTILE[0])).to_be_visible()
    month.locator(".under").get_by_role("button", name="Delete").click()
    expect(month.locator(".snackbar")).to_contain_text(HOSTILE[0])
    month.keyboard.press("Control+k")
    month.keyboard.type("<img")
    expect(month.locator("#palette .pline").filter(has_text=HOSTILE[1]).first).to_be_visible()
    month.keyboard.press("Escape")
    month.get_by_role("button", name="Add posting").click()
    month.locator("#quick-add").get_by_label("Payee").fill("<script>")
    month.wait_for_timeout(500)
    assert month.evaluate("window.hacked") is None


def test_text_that_is_too_long_is_refused_and_stays_in_its_field(month: Page) -> None:
    long = "x" * 10_000
    open_row(month, "Groceries")
    post(month, long, "1")
    expect(month.locator("form.p.add [role=alert]").first).to_contain_text("120")
    expect(add_row(month).get_by_label("Payee")).to_have_value(long)
    add_row(month).get_by_label("Payee").fill("Marlow\x00Market")
    add_row(month).get_by_label("Amount").press("Enter")
    expect(postings(month)).to_have_count(1)


def test_what_is_no_amount_is_refused_beside_its_field(month: Page) -> None:
    open_row(month, "Groceries")
    for typed in NO_AMOUNT:
        post(month, "Marlow Market", typed)
        expect(month.locator("form.p.add [role=alert]").first).to_contain_text(f"“{typed[:24]}")
        expect(add_row(month).get_by_label("Amount")).to_have_value(typed)
    expect(postings(month)).to_have_count(0)


def test_addresses_of_no_month_get_a_page_that_helps(program: Program, visit: Visit) -> None:
    page = visit(program)
    for name in ("2026-13", "2026-00", "26-05", "May", "2026-05-01", "%3Cscript%3E"):
        answer = page.goto(f"/month/{name}")
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("link", name="Plan").first).to_be_visible()
    open_page(page, f"/month/{this_month()}")
