"""A question is about what was pressed, however slow the link to the server is."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.ui.served import OPEN, Line, open_page

ASKED = "dialog.ask"


def delete_of(page: Page, entry: str) -> Locator:
    """The button that deletes an entry of the month; its row is open then."""
    page.get_by_role("button", name=entry, exact=True).click()
    expect(page.get_by_role("button", name=entry, exact=True)).to_have_attribute("aria-expanded", "true")
    return page.locator(".under").get_by_role("button", name="Delete")


def test_a_button_pressed_twice_over_a_slow_link_asks_once(page: Page) -> None:
    line = Line(page)
    open_page(page, OPEN)
    delete = delete_of(page, "Groceries")
    line.hold()
    delete.click()
    delete.click()
    line.wait_for("qmOpen", times=2)
    line.release()
    expect(page.locator(ASKED)).to_have_count(1)
    expect(page.locator(ASKED)).to_contain_text("Groceries")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(ASKED)).to_have_count(0)
    delete_of(page, "Eating out").click()
    expect(page.get_by_role("alertdialog")).to_contain_text("Eating out")
    page.keyboard.press("Escape")


def test_a_question_that_comes_while_another_dialog_is_open_is_answered_with_no(page: Page) -> None:
    line = Line(page)
    open_page(page, OPEN)
    delete = delete_of(page, "Groceries")
    line.hold()
    delete.click()
    line.wait_for("qmOpen")
    page.keyboard.press("Control+k")
    line.release()
    expect(page.locator("#palette")).to_be_visible()
    expect(page.locator(ASKED)).to_have_count(0)
    page.keyboard.press("Escape")
    delete_of(page, "Eating out").click()
    expect(page.get_by_role("alertdialog", name="Delete Eating out?")).to_be_visible()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name="Eating out", exact=True)).to_have_count(0)
    page.locator(".snackbar").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Eating out", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Groceries", exact=True)).to_be_visible()
