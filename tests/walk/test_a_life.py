"""A household's first month, from an empty file to the archive, a restart and a restored backup."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.running import Program
from tests.walk.walking import (
    add_row,
    another_tab,
    hero,
    live_in,
    open_group,
    open_page,
    open_row,
    post,
    postings,
    ready,
    row,
    this_month,
)

Visit = Callable[[Program], Page]
PAY, RENT = "Pay", "Rent or mortgage"


def a_small_plan(page: Page) -> None:
    """Two entries, typed in place, that bring the plan to zero."""
    open_page(page)
    page.get_by_role("button", name="Start empty").click()
    expect(page.get_by_label("New entry in Income", exact=True)).to_be_focused()
    open_group(page, "Committed")
    for section, name, planned in (("Income", PAY, "2,000"), ("Fixed bills", RENT, "1,500+500")):
        page.get_by_label(f"New entry in {section}", exact=True).fill(name)
        page.get_by_label(f"Planned for the new entry in {section}", exact=True).fill(planned)
        page.keyboard.press("Enter")
        expect(row(page, name)).to_be_visible()


def test_a_month_is_planned_lived_brought_to_zero_closed_and_found_again(program: Program, visit: Visit) -> None:
    page = visit(program)
    a_small_plan(page)
    expect(hero(page)).to_contain_text("every unit has a job")
    page.get_by_role("link", name="Start", exact=False).click()
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Activate").click()
    open_row(page, PAY)
    post(page, "The office", "2000")
    expect(postings(page)).to_have_count(1)
    open_group(page, "Committed")
    open_row(page, RENT)
    post(page, "Hill Street Homes", "1,999.99")
    expect(postings(page).filter(has_text="Hill Street Homes")).to_be_visible()

    page.get_by_role("button", name="Close month").click()
    expect(page.locator(".snackbar")).to_contain_text("0.01")
    expect(page.get_by_role("button", name="Close month")).to_be_visible()

    post(page, "Hill Street Homes", "0.01")
    expect(hero(page)).to_contain_text("balanced to zero")
    page.get_by_role("button", name="Close month").click()
    expect(page.locator(".thestamp")).to_be_visible()
    expect(add_row(page)).to_have_count(0)

    program.stop()
    program.start()
    # In a new tab: this one begins anew by itself meanwhile, and nobody can say when.
    page = another_tab(page, "/archive")
    page.get_by_role("link", name=this_month().title).click()
    expect(page.locator(".thestamp")).to_be_visible()
    page.get_by_role("button", name=RENT, exact=True).click()
    expect(postings(page)).to_have_count(2)
    page.get_by_role("button", name="Reopen").click()
    expect(page.get_by_role("button", name="Close month")).to_be_visible()


def test_a_restored_backup_brings_back_what_was_and_can_be_undone(program: Program, visit: Visit) -> None:
    page = visit(program)
    a_small_plan(page)
    open_page(page, "/settings/backups")
    page.get_by_role("button", name="Back up now").click()
    expect(page.locator(".snackbar")).to_contain_text("Backed up and checked")
    open_page(page)
    open_row(page, RENT)
    page.get_by_role("button", name="Delete").click()
    expect(row(page, RENT)).to_have_count(0)

    open_page(page, "/settings/backups")
    restore(page, "By hand")
    expect(row(page, RENT)).to_be_visible()

    open_page(page, "/settings/backups")
    restore(page, "Before a restore")
    expect(row(page, PAY)).to_be_visible()
    expect(row(page, RENT)).to_have_count(0)


def restore(page: Page, reason: str) -> None:
    page.get_by_role("listitem").filter(has_text=reason).first.get_by_role("button").click()
    page.get_by_role("button", name="Restore", exact=True).click()
    page.wait_for_url("**/")
    ready(page)


def test_a_deleted_entry_comes_back_with_undo_where_it_was(program: Program, visit: Visit) -> None:
    live_in(program)
    page = visit(program)
    open_page(page)
    names = page.locator(".row .toggle")
    before = names.all_inner_texts()
    open_row(page, "Eating out")
    page.get_by_role("button", name="Delete").click()
    expect(row(page, "Eating out")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(names).to_have_text(before)


def test_an_entry_is_renamed_noted_moved_and_reordered_by_keys_alone(program: Program, visit: Visit) -> None:
    live_in(program)
    page = visit(program)
    open_page(page)
    page.get_by_role("button", name="Eating out", exact=True).focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(".row .toggle").nth(1)).to_have_text("Eating out")
    expect(page.get_by_role("button", name="Eating out", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    name = page.get_by_role("button", name="Eating out Name")
    name.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_be_focused()
    page.keyboard.type("Lunch out")
    page.keyboard.press("Enter")
    expect(row(page, "Lunch out")).to_be_visible()
    page.get_by_role("button", name="Notes").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Notes")).to_be_focused()
    page.keyboard.type("Fridays only")
    page.keyboard.press("Control+Enter")
    expect(row(page, "Lunch out")).to_contain_text("Fridays only")
    page.get_by_label("Section", exact=True).select_option(label="Subscriptions")
    expect(page.locator(".row .toggle").nth(3)).to_have_text("Subscriptions")
    expect(page.locator(".row .toggle").nth(4)).to_have_text("Lunch out")


def test_escape_restores_and_a_refused_figure_keeps_what_was_typed(program: Program, visit: Visit) -> None:
    live_in(program)
    page = visit(program)
    open_page(page)
    page.get_by_role("button", name="Planned for Groceries").click()
    field = page.get_by_role("textbox", name="Planned for Groceries")
    field.fill("12,34,5x")
    page.keyboard.press("Enter")
    expect(field).to_have_value("12,34,5x")
    expect(row(page, "Groceries").get_by_role("alert")).to_contain_text("12,34,5x")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Planned for Groceries")).to_have_text("450.00Planned for Groceries")


def test_a_posting_outside_the_month_is_offered_to_its_own(program: Program, visit: Visit) -> None:
    live_in(program)
    page = visit(program)
    before = this_month().plus(-1)
    open_page(page, f"/month/{before}")
    page.get_by_role("button", name="Start").click()
    expect(row(page, "Groceries")).to_be_visible()
    open_page(page, f"/month/{this_month()}")
    open_row(page, "Groceries")
    add_row(page).get_by_label("Date").fill(before.first_day.isoformat())
    post(page, "Late Receipt", "9.90")
    expect(page.get_by_role("alert").filter(has_text=this_month().title)).to_be_visible()
    expect(add_row(page).get_by_label("Payee")).to_have_value("Late Receipt")
    page.get_by_role("button", name=f"Add it to {before.title}").click()
    expect(add_row(page).get_by_label("Payee")).to_have_value("")
    open_page(page, f"/month/{before}")
    open_row(page, "Groceries")
    expect(postings(page)).to_have_count(1)


def test_a_posting_is_edited_and_deleted_in_place(program: Program, visit: Visit) -> None:
    live_in(program)
    page = visit(program)
    open_page(page, f"/month/{this_month()}")
    open_row(page, "Groceries")
    post(page, "Marlow Market", "12.50")
    postings(page).get_by_role("button", name="Edit").click()
    editing = page.locator(".postings form")
    editing.get_by_label("Amount").fill("13")
    editing.get_by_label("Amount").press("Enter")
    expect(postings(page)).to_contain_text("13.00")
    postings(page).get_by_role("button", name="Delete").click()
    expect(postings(page)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(postings(page)).to_contain_text("13.00")


def test_what_is_typed_before_its_field_is_there_goes_into_it(program: Program, visit: Visit) -> None:
    live_in(program)
    page = visit(program)
    open_page(page, f"/month/{this_month()}")
    page.get_by_role("button", name="Planned for Groceries").click()
    page.keyboard.type("471")
    expect(page.get_by_role("textbox", name="Planned for Groceries")).to_have_value("471")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Planned for Groceries")).to_contain_text("471.00")
    page.get_by_role("button", name="Groceries", exact=True).click()
    page.keyboard.type("aldi?")
    expect(add_row(page).get_by_label("Payee")).to_have_value("aldi?")
    page.get_by_role("button", name="Groceries", exact=True).click()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
