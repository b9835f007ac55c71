"""Quick add, in Chromium: the entry that it suggests, what it refuses, and what is typed while the line is slow."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from tests.ui.served import CLOSED, Line, Server, open_page, wait_for
from tests.walk.barriers import barriers


def test_quick_add_takes_four_fields_and_an_enter_and_can_be_undone(page: Page) -> None:
    open_page(page, "/archive")
    zero = page.locator("a.row").first.inner_text()
    page.keyboard.press("a")
    page.keyboard.type("Green Basket")
    expect(page.locator("select[name=entry_id] option:checked")).to_have_text("Groceries")
    page.keyboard.press("Tab")
    page.keyboard.type("12.50+3*4")
    page.keyboard.press("Enter")
    expect(page.locator(".snackbar")).to_contain_text("24.50 added to Groceries.")
    expect(page.locator("#quick-add")).not_to_be_visible()
    expect(page.locator("a.row").first).not_to_have_text(zero, use_inner_text=True)
    page.keyboard.press("u")
    expect(page.locator("a.row").first).to_have_text(zero, use_inner_text=True)


def test_enter_sends_from_the_choice_of_the_entry_as_well(page: Page) -> None:
    open_page(page, "/archive")
    page.keyboard.press("a")
    expect(page.locator("select[name=entry_id] option")).not_to_have_count(0)
    page.keyboard.type("A Shop Of Its Own")
    page.keyboard.press("Tab")
    page.keyboard.type("3.21")
    page.keyboard.press("Tab")
    page.keyboard.type("Cloth")
    expect(page.locator("select[name=entry_id] option:checked")).to_have_text("Clothes")
    page.keyboard.press("Enter")
    expect(page.locator(".snackbar")).to_contain_text("3.21 added to Clothes.")


def test_undo_of_a_quick_add_is_undone_like_any_other_and_ctrl_z_goes_on_before_it(page: Page) -> None:
    open_page(page, "/archive")
    for amount in ("7.01", "7.02"):
        page.keyboard.press("a")
        page.keyboard.type("Green Basket")
        expect(page.locator("select[name=entry_id] option:checked")).to_have_text("Groceries")
        page.keyboard.press("Tab")
        page.keyboard.type(amount)
        page.keyboard.press("Enter")
        expect(page.locator(".snackbar")).to_contain_text(f"{amount} added to Groceries.")
        expect(page.locator("#quick-add")).not_to_be_visible()
    page.keyboard.press("u")
    expect(page.locator(".snackbar")).to_contain_text("Undone: Posting added: 17 May 2026, Green Basket, 7.02")
    page.keyboard.press("Control+z")
    expect(page.locator(".snackbar")).to_contain_text("Undone: Posting added: 17 May 2026, Green Basket, 7.01")


def test_a_refused_amount_stays_in_its_field_with_the_sentence_beneath(page: Page) -> None:
    open_page(page, "/archive")
    page.keyboard.press("a")
    page.keyboard.type("Green Basket")
    page.keyboard.press("Tab")
    page.keyboard.type("1e999")
    page.keyboard.press("Enter")
    amount = page.locator("input[name=amount]")
    expect(amount).to_have_attribute("aria-invalid", "true")
    expect(page.locator(f"#{amount.get_attribute('aria-describedby')}")).to_contain_text("“1e999”")
    expect(amount).to_have_value("1e999")
    expect(amount).to_be_focused()


def test_an_entry_chosen_by_hand_is_not_overruled_by_the_payee(page: Page) -> None:
    open_page(page, "/archive")
    page.keyboard.press("a")
    expect(page.locator("select[name=entry_id] option")).not_to_have_count(0)
    page.locator("select[name=entry_id]").select_option(label="Clothes")
    page.locator("input[name=payee]").fill("Green Basket")
    page.wait_for_timeout(500)
    expect(page.locator("select[name=entry_id] option:checked")).to_have_text("Clothes")


def test_a_second_tap_on_add_over_a_slow_link_adds_nothing(page: Page, server: Server) -> None:
    line = Line(page)
    open_page(page, "/archive")
    page.keyboard.press("a")
    expect(page.locator("select[name=entry_id] option")).not_to_have_count(0)
    page.locator("input[name=payee]").fill("Slow Link Shop")
    page.locator("input[name=amount]").fill("7.77")
    page.locator("select[name=entry_id]").select_option(label="Clothes")
    page.wait_for_timeout(500)
    line.hold()
    add = page.locator("#quick-add").get_by_role("button", name="Add")
    add.click()
    wait_for(lambda: added(server, "Slow Link Shop") == 1)
    add.click()
    page.wait_for_timeout(500)
    line.release()
    expect(page.locator(".snackbar")).to_contain_text("7.77 added to Clothes.")
    expect(page.locator("#quick-add")).not_to_be_visible()
    assert added(server, "Slow Link Shop") == 1


def test_a_refused_quick_add_gives_back_all_four_fields(page: Page) -> None:
    open_page(page, "/archive")
    page.keyboard.press("a")
    expect(page.locator("select[name=entry_id] option")).not_to_have_count(0)
    page.locator("input[name=payee]").fill("Some Shop")
    page.locator("input[name=amount]").fill("0")
    page.locator("select[name=entry_id]").select_option(label="Clothes")
    page.locator("input[name=day]").fill("2026-05-03")
    page.locator("input[name=amount]").press("Enter")
    expect(page.locator("input[name=amount]")).to_have_attribute("aria-invalid", "true")
    for name, value in (("payee", "Some Shop"), ("amount", "0"), ("day", "2026-05-03")):
        expect(page.locator(f"#quick-add [name={name}]")).to_have_value(value)
    expect(page.locator("select[name=entry_id] option:checked")).to_have_text("Clothes")
    assert barriers(page) == []


def test_another_date_keeps_the_suggestion_and_what_was_chosen_by_hand(page: Page) -> None:
    open_page(page, "/archive")
    chosen = page.locator("select[name=entry_id] option:checked")
    page.get_by_role("link", name="April 2026").wait_for()
    other = page.context.new_page()
    open_page(other, CLOSED)
    other.get_by_role("button", name="Reopen").click()
    expect(other.get_by_role("button", name="Close month")).to_be_visible()
    page.keyboard.press("a")
    entry = page.locator("select[name=entry_id]")
    page.locator("input[name=payee]").fill("Green Basket")
    expect(chosen).to_have_text("Groceries")
    of_may = entry.input_value()
    page.locator("#quick-add input[name=day]").fill("2026-04-30")
    expect(entry).not_to_have_value(of_may)
    expect(chosen).to_have_text("Groceries")
    entry.select_option(label="Clothes")
    of_april = entry.input_value()
    page.locator("#quick-add input[name=day]").fill("2026-05-02")
    expect(entry).not_to_have_value(of_april)
    expect(chosen).to_have_text("Clothes")
    other.get_by_role("button", name="Close month").click()
    expect(other.locator(".thestamp")).to_be_visible()


def test_what_is_typed_before_the_entries_are_there_suggests_as_well(page: Page) -> None:
    line = Line(page)
    open_page(page, "/archive")
    chosen = page.locator("select[name=entry_id] option:checked")
    for payee, entry in (("Green Basket", "Groceries"), ("Crossroads Fuel", "Fuel")):
        line.hold_typed()
        page.keyboard.press("a")
        page.locator("input[name=payee]").fill(payee)
        line.wait_for(payee, times=2)
        line.release()
        expect(chosen).to_have_text(entry)
        page.locator("#quick-add").get_by_role("button", name="Cancel").click()
        expect(page.locator("#quick-add")).to_be_hidden()


@pytest.mark.parametrize("is_heard", [True, False], ids=["heard", "not heard"])
def test_a_date_that_is_set_before_the_entries_are_there_stays(page: Page, is_heard: bool) -> None:
    line = Line(page)
    open_page(page, "/archive")
    day = page.locator("#quick-add input[name=day]")
    if is_heard:
        line.hold_typed()
        page.keyboard.press("a")
        day.fill("2026-05-03")
        line.wait_for("2026-05-03")
    else:
        line.hold()
        page.keyboard.press("a")
        line.wait_for("2026-05-17")
        day.fill("2026-05-03")
    line.release()
    expect(page.locator("select[name=entry_id] option")).not_to_have_count(0)
    page.locator("input[name=payee]").fill("Green Basket")
    expect(page.locator("select[name=entry_id] option:checked")).to_have_text("Groceries")
    expect(day).to_have_value("2026-05-03")


def test_an_entry_chosen_as_soon_as_there_are_any_stays(page: Page) -> None:
    line = Line(page)
    open_page(page, "/archive")
    line.hold_after("Choose an entry")
    page.keyboard.press("a")
    entry = page.locator("select[name=entry_id]")
    entry.select_option(label="Clothes")
    line.wait_for("qmOffer")
    line.release()
    page.wait_for_timeout(500)
    expect(entry.locator("option:checked")).to_have_text("Clothes")


def test_an_entry_chosen_before_the_suggestion_arrives_stays(page: Page) -> None:
    line = Line(page)
    open_page(page, "/archive")
    page.keyboard.press("a")
    entry = page.locator("select[name=entry_id]")
    expect(entry.locator("option")).not_to_have_count(0)
    groceries = str(entry.locator("option", has_text="Groceries").get_attribute("value"))
    line.hold()
    page.locator("input[name=payee]").fill("Green Basket")
    line.wait_for(groceries)
    entry.select_option(label="Clothes")
    line.release()
    page.locator("input[name=payee]").fill("Green Basket & Co")
    page.wait_for_timeout(500)
    expect(entry.locator("option:checked")).to_have_text("Clothes")


def added(server: Server, payee: str) -> int:
    """How many postings of this payee are in the file."""
    with closing(sqlite3.connect(server.folder / "q.db")) as file:
        [(count,)] = file.execute("SELECT count(*) FROM posting WHERE payee = ? AND deleted = 0", (payee,)).fetchall()
    return int(count)
