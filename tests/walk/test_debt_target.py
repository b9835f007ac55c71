"""The debt target: chosen on its card or at a debt's row, shown by a tag, on the plan and in a month."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.running import Program
from tests.walk.walking import live_in, open_group, open_page, open_row, row, this_month

CARD = "Primary debt target"
MAKE, NO_LONGER = "Make it the debt target", "No longer the debt target"


@pytest.mark.parametrize("is_plan", [True, False], ids=["plan", "month"])
def test_the_target_is_chosen_by_card_or_row_and_both_say_which_it_is(
    program: Program, visit: Callable[[Program], Page], is_plan: bool
) -> None:
    live_in(program)
    page = visit(program)
    open_page(page, "/" if is_plan else f"/month/{this_month()}")
    open_group(page, "Committed")
    page.get_by_label(CARD).select_option(label="No target")
    expect(page.locator(".tag.ok:visible")).to_have_count(0)
    debt = page.get_by_label(CARD).locator("option").nth(1).inner_text()
    page.get_by_label(CARD).select_option(label=debt)
    expect(row(page, debt).locator(".tag.ok")).to_be_visible()
    open_row(page, debt)
    page.get_by_role("button", name=NO_LONGER).click()
    expect(page.get_by_role("button", name=MAKE)).to_be_visible()
    expect(row(page, debt).locator(".tag.ok")).to_be_hidden()
    expect(page.get_by_label(CARD).locator("option:checked")).to_have_text("No target")
    page.get_by_role("button", name=MAKE).click()
    expect(page.get_by_role("button", name=NO_LONGER)).to_be_visible()
    expect(row(page, debt).locator(".tag.ok")).to_be_visible()
    expect(page.get_by_label(CARD).locator("option:checked")).to_have_text(debt)
    page.get_by_label(CARD).select_option(label="No target")
    expect(page.get_by_role("button", name=MAKE)).to_be_visible()
