"""What somebody hears who does not see the columns: which amount is which."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.ui.served import CLOSED, OPEN, open_page

AMOUNT = r"[−-]?[\d,]+\.\d\d"


@pytest.mark.parametrize("path", [OPEN, CLOSED], ids=["open", "closed"])
def test_each_amount_of_a_month_says_what_it_is(page: Page, path: str) -> None:
    open_page(page, path)
    for group in ("Income", "Flexible", "Committed", "Savings"):
        said = re.compile(rf"^{group} Applied {AMOUNT} Planned {AMOUNT} Left {AMOUNT}$")
        expect(page.get_by_role("button", name=said)).to_be_visible()
    row = page.locator(".row", has=page.get_by_role("button", name="Groceries", exact=True)).aria_snapshot()
    planned = rf"button \"{AMOUNT} Planned for Groceries\"" if path == OPEN else rf"Planned {AMOUNT}"
    assert re.search(rf"Applied {AMOUNT}.*{planned}.*Left {AMOUNT}", row, re.DOTALL), row
    page.get_by_role("button", name="Groceries", exact=True).click()
    expect(page.get_by_role("listitem").filter(has_text="Green Basket").first).to_be_visible()
    posting = page.get_by_role("list", name="Postings of Groceries").get_by_role("listitem").first
    assert re.search(rf"Amount {AMOUNT}", posting.aria_snapshot())


def test_each_amount_of_the_plan_says_what_it_is(page: Page) -> None:
    open_page(page, "/")
    for group in ("Income", "Flexible", "Committed", "Savings"):
        expect(page.get_by_role("button", name=re.compile(rf"^{group} Planned {AMOUNT}$"))).to_be_visible()
