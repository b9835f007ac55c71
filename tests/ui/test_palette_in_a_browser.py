"""The keys and the palette, in Chromium."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.ui.served import open_page


def test_keys_do_nothing_while_typing_or_in_a_dialog(page: Page) -> None:
    open_page(page, "/archive")
    page.keyboard.press("Control+k")
    page.keyboard.type("a?u")
    expect(page.locator("#palette input")).to_have_value("a?u")
    expect(page.locator("dialog[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_the_palette_goes_where_the_typed_words_lead(page: Page) -> None:
    open_page(page, "/archive")
    page.keyboard.press("Control+k")
    page.keyboard.type("backups")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/backups")


def test_the_arrows_choose_in_the_palette(page: Page) -> None:
    open_page(page, "/archive")
    page.keyboard.press("Control+k")
    page.keyboard.type("theme")
    expect(page.locator(".pline")).to_have_count(4)
    page.keyboard.press("ArrowDown")
    expect(page.locator(".pline[aria-selected=true]")).to_have_attribute("data-at", "1")
    chosen = page.locator(".pline[aria-selected=true]").get_attribute("id")
    expect(page.locator("#palette input")).to_have_attribute("aria-activedescendant", str(chosen))
