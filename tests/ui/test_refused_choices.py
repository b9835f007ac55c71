"""A choice that was refused does not stay on the page as if it had been made."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.ui.served import open_page


@pytest.mark.parametrize(
    ("label", "choice", "stored"),
    [
        ("Primary debt target", "Card", "Loan"),
        ("Primary debt target", "No target", "Loan"),
        ("Section", "Everything else", "Food and essentials"),
    ],
)
def test_a_refused_choice_gives_way_to_what_is_stored(page: Page, label: str, choice: str, stored: str) -> None:
    open_page(page, "/refusing")
    for _ in ("first", "again"):
        page.get_by_label(label).select_option(label=choice)
        expect(page.locator(".snackbar")).to_contain_text("The disk is full.")
        expect(page.get_by_label(label).locator("option:checked")).to_have_text(stored)


def test_what_could_not_be_kept_can_be_tried_again(page: Page) -> None:
    open_page(page, "/refusing")
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator(".snackbar")).to_contain_text("The disk is full.")
    page.wait_for_timeout(300)
    expect(page.get_by_role("button", name="Keep it")).to_be_visible()
