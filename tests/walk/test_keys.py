"""The keys on the card of keys do what it says."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.running import Program
from tests.walk.walking import live_in, open_page, ready, row, this_month


def test_the_keys_of_the_card_work(program: Program, visit: Callable[[Program], Page]) -> None:
    live_in(program)
    page = visit(program)
    open_page(page, f"/month/{this_month()}")
    for key, dialog in (("?", "#keys"), ("a", "#quick-add"), ("Control+k", "#palette")):
        page.keyboard.press(key)
        expect(page.locator(dialog)).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(dialog)).to_be_hidden()
    _move_down(page)
    page.keyboard.press("]")
    page.wait_for_url(f"**/month/{this_month().next}")
    ready(page)
    page.keyboard.press("[")
    page.wait_for_url(f"**/month/{this_month()}")


def test_a_key_that_is_typed_into_a_field_is_a_letter(program: Program, visit: Callable[[Program], Page]) -> None:
    live_in(program)
    page = visit(program)
    open_page(page)
    field = page.get_by_label("New entry in Food and essentials", exact=True)
    field.press_sequentially("a[u]?")
    expect(field).to_have_value("a[u]?")
    expect(page.locator("dialog[open]")).to_have_count(0)


def _move_down(page: Page) -> None:
    """Alt and an arrow move the entry that has the focus, and the keyboard stays on it."""
    names = page.locator(".row .toggle").all_inner_texts()
    at = names.index("Groceries")
    row(page, "Groceries").get_by_role("button", name="Groceries", exact=True).focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".row .toggle").nth(at + 1)).to_have_text("Groceries")
    expect(page.get_by_role("button", name="Groceries", exact=True)).to_be_focused()
