"""The debt target: chosen on its card or at a debt's row, shown by a tag, on the plan and in a month."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.running import Program
from tests.walk.walking import open_group, open_row, row, start_month, start_with_the_starter

CARD = "Primary debt target"
MAKE, NO_LONGER = "Make it the debt target", "No longer the debt target"


def chosen(page: Page) -> str:
    return page.get_by_label(CARD).locator("option:checked").inner_text()


@pytest.mark.parametrize("is_plan", [True, False], ids=["plan", "month"])
def test_the_target_is_chosen_by_card_or_row_and_both_say_which_it_is(
    program: Program, visit: Callable[[Program], Page], is_plan: bool
) -> None:
    page = visit(program)
    start_with_the_starter(page)
    if not is_plan:
        start_month(page)
    open_group(page, "Committed")
    page.get_by_label(CARD).select_option(label="No target")
    expect(page.locator(".tag.ok:visible")).to_have_count(0)
    page.get_by_label(CARD).select_option(index=1)
    debt = chosen(page)
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
