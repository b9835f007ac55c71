"""What is being typed lives through what others do, and through a restart."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.ui.served import OPEN, Line, Server, open_page, wait_for


def test_another_tab_sees_a_change_without_losing_focus_or_words(page: Page) -> None:
    open_page(page, "/archive")
    other = page.context.new_page()
    open_page(other, "/archive")
    other.keyboard.press("a")
    other.keyboard.type("Half a wo")
    zero = other.locator("a.row").first.inner_text()
    page.keyboard.press("a")
    page.keyboard.type("Green Basket")
    expect(page.locator("select[name=entry_id] option:checked")).to_have_text("Groceries")
    page.keyboard.press("Tab")
    page.keyboard.type("1.00")
    page.keyboard.press("Enter")
    expect(page.locator(".snackbar")).to_be_visible()
    expect(other.locator("a.row").first).not_to_have_text(zero, use_inner_text=True)
    other.keyboard.type("rd")
    expect(other.locator("input[name=payee]")).to_have_value("Half a word")


def test_a_restart_of_the_server_loses_nothing_that_was_typed(page: Page, server: Server) -> None:
    open_page(page, "/archive")
    page.keyboard.press("a")
    page.keyboard.type("Marlow <b>Market</b>")
    wait_for(lambda: server.keeps("Marlow <b>Market</b>"))
    server.stop()
    server.start()
    page.goto("/archive")
    page.wait_for_function("window.did_handshake === true")
    page.keyboard.press("a")
    expect(page.locator("input[name=payee]")).to_have_value("Marlow <b>Market</b>")


def test_a_refused_posting_leads_to_the_field_to_mend_unless_somebody_types_on(page: Page) -> None:
    line = Line(page)
    open_page(page, OPEN)
    row = page.locator("form.p.add")
    for entry in ("Groceries", "Eating out"):
        page.get_by_role("button", name=entry, exact=True).click()
        expect(page.get_by_role("button", name=entry, exact=True)).to_have_attribute("aria-expanded", "true")
        expect(row.get_by_label("Payee")).to_be_focused()
        row.get_by_label("Amount").fill("12,,5")
        if entry == "Eating out":
            line.hold()
        row.get_by_label("Amount").press("Enter")
        if entry == "Eating out":
            page.keyboard.type("Next")
            line.wait_for("12,,5")
            line.release()
            page.keyboard.type(" one")
        expect(row.get_by_role("alert")).to_contain_text("12,,5")
        expect(row.get_by_label("Payee" if entry == "Eating out" else "Amount")).to_be_focused()
    expect(row.get_by_label("Payee")).to_have_value("Next one")
