"""What was typed and not sent survives a restart of the server, a dropped connection, a reload."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.running import Program
from tests.walk.walking import (
    add_row,
    another_tab,
    live_in,
    open_page,
    open_row,
    post,
    postings,
    row,
    this_month,
    wait_until_kept,
)

A_PAUSE_MS = 1_200
HANDED_OVER = (
    "window.did_handshake && socket.connected && document.querySelector('form.p.add [name=payee]')?.defaultValue"
)
"""The page is connected, and knows what was typed from the server."""
Visit = Callable[[Program], Page]


@pytest.fixture
def month(program: Program, visit: Visit) -> Page:
    live_in(program)
    page = visit(program)
    open_page(page, f"/month/{this_month()}")
    open_row(page, "Groceries")
    return page


def test_everything_half_typed_in_a_month_is_there_after_a_restart(program: Program, month: Page) -> None:
    post(month, "Marlow Market", "12.50")
    post(month, "Corner Shop", "3.20")
    expect(postings(month)).to_have_count(2)
    postings(month).filter(has_text="Corner Shop").get_by_role("button", name="Edit").click()
    edited = month.locator(".postings form")
    edited.get_by_label("What for").fill("half an edit")
    add_row(month).get_by_label("Payee").fill("Half a pos")
    row(month, "Clothes").get_by_role("button", name="Planned for Clothes").click()
    month.get_by_role("textbox", name="Planned for Clothes").fill("61+")
    month.get_by_label("New entry in Food and essentials", exact=True).fill("Half an en")
    wait_until_kept(program, "half an edit", "Half a pos", "61+", "Half an en")
    program.kill()
    program.start()
    month = another_tab(month, f"/month/{this_month()}")
    expect(month.locator(".postings form").get_by_label("What for")).to_have_value("half an edit")
    expect(add_row(month).get_by_label("Payee")).to_have_value("Half a pos")
    expect(month.get_by_role("textbox", name="Planned for Clothes")).to_have_value("61+")
    expect(month.get_by_label("New entry in Food and essentials", exact=True)).to_have_value("Half an en")


def test_what_was_refused_is_kept_as_it_stands_in_the_fields(program: Program, month: Page) -> None:
    post(month, "Refused Market", "12,5,0 or so")
    expect(add_row(month).get_by_label("Amount")).to_have_attribute("aria-invalid", "true")
    expect(add_row(month).get_by_label("Payee")).to_have_value("Refused Market")
    wait_until_kept(program, "Refused Market", "12,5,0 or so")


def test_an_enter_leaves_the_keyboard_where_it_went_before_the_answer_came(month: Page) -> None:
    row(month, "Clothes").get_by_role("button", name="Planned for Clothes").click()
    field = month.get_by_role("textbox", name="Planned for Clothes")
    field.fill("61")
    field.evaluate(
        "(field) => { field.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true}));"
        "document.querySelector('form.p.add [name=payee]').focus() }"
    )
    expect(row(month, "Clothes")).to_contain_text("61.00")
    expect(field).to_have_count(0)
    month.keyboard.type("aqua")
    expect(add_row(month).get_by_label("Payee")).to_have_value("aqua")


def test_activating_a_month_leaves_the_open_row_and_its_words(month: Page) -> None:
    add_row(month).get_by_label("Payee").fill("Half a pos")
    month.get_by_role("button", name="Activate").click()
    expect(month.get_by_role("button", name="Close month")).to_be_focused()
    expect(add_row(month).get_by_label("Payee")).to_have_value("Half a pos")


def test_what_is_typed_while_the_server_is_away_is_there_when_it_is_back(program: Program, month: Page) -> None:
    program.kill()
    add_row(month).get_by_label("Payee").fill("Typed in the dark")
    month.wait_for_timeout(A_PAUSE_MS)
    program.start()
    month.wait_for_function(HANDED_OVER)
    expect(add_row(month).get_by_label("Payee")).to_have_value("Typed in the dark")


def test_an_enter_while_the_server_is_away_loses_no_word(program: Program, month: Page) -> None:
    program.kill()
    post(month, "Marlow Market", "12.50")
    expect(add_row(month).get_by_label("Payee")).to_have_value("Marlow Market")
    month.wait_for_timeout(A_PAUSE_MS)
    program.start()
    month.wait_for_function(HANDED_OVER)
    expect(add_row(month).get_by_label("Payee")).to_have_value("Marlow Market")
    add_row(month).get_by_label("Amount").press("Enter")
    expect(postings(month)).to_have_count(1)
