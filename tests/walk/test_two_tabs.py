"""Two pages show one truth, whoever changed it, and neither takes the other's focus or words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from quartermaster.services.month_views import month_view
from quartermaster.services.postings import add_posting
from tests.living import draft
from tests.running import Program
from tests.ui.served import Line
from tests.walk.walking import (
    add_row,
    live_in,
    once_within_a_second,
    open_group,
    open_page,
    open_row,
    post,
    postings,
    row,
    start_with_the_starter,
    this_month,
    wait_until_kept,
)

Visit = Callable[[Program], Page]


@pytest.fixture
def tabs(program: Program, visit: Visit) -> tuple[Page, Page]:
    live_in(program)
    one, other = visit(program), visit(program)
    for page in (one, other):
        open_page(page, f"/month/{this_month()}")
        open_row(page, "Groceries")
    return one, other


def test_a_posting_appears_in_the_other_tab_within_a_second_without_taking_its_words(tabs: tuple[Page, Page]) -> None:
    one, other = tabs
    add_row(other).get_by_label("Payee").fill("Half a wo")

    def seen(attempt: int) -> None:
        expect(postings(other)).to_have_count(attempt + 1)
        expect(row(other, "Groceries")).to_contain_text(f"{450 - 12.50 * (attempt + 1):.2f}")

    assert once_within_a_second(lambda _: post(one, "Marlow Market", "12.50"), seen)
    other.keyboard.type("rd")
    expect(add_row(other).get_by_label("Payee")).to_have_value("Half a word")


@pytest.mark.parametrize("is_plan", [True, False], ids=["plan", "month"])
def test_a_group_opened_or_closed_in_one_tab_of_a_browser_leaves_the_other_tab_as_it_is(
    tabs: tuple[Page, Page], is_plan: bool
) -> None:
    one, _ = tabs
    other = one.context.new_page()
    for page in (one, other):
        open_page(page, "/" if is_plan else f"/month/{this_month()}")
    open_group(one, "Savings")
    open_group(one, "Committed")
    one.locator(".ghead", has_text="Flexible").click()
    expect(row(one, "Groceries")).to_have_count(0)
    one.get_by_label("New entry in Income", exact=True).fill("A side job")
    one.keyboard.press("Enter")
    expect(row(other, "A side job")).to_be_visible()
    other.get_by_role("button", name="Planned for Groceries").click()
    other.get_by_role("textbox", name="Planned for Groceries").fill("461")
    other.keyboard.press("Enter")
    expect(row(other, "Groceries")).to_contain_text("461.00")
    expect(other.get_by_text("Something went wrong")).to_have_count(0)
    for title, rows in (("Savings", 3), ("Flexible", 0)):
        other.locator(".ghead", has_text=title).click()
        expect(other.get_by_role("region", name=title).locator(".row")).to_have_count(rows)


def test_what_another_process_writes_appears_within_a_second(program: Program, tabs: tuple[Page, Page]) -> None:
    store = program.store()
    with store.read() as work:
        view = month_view(work, this_month())
    assert view is not None
    groceries = next(line.entry.id for line in view.lines if line.entry.name == "Groceries")

    def write(attempt: int) -> None:
        with store.write() as work:
            add_posting(work, draft(groceries, 777, this_month().first_day, f"Elsewhere Ltd {attempt}"))

    def seen(attempt: int) -> None:
        for page in tabs:
            expect(postings(page).filter(has_text=f"Elsewhere Ltd {attempt}")).to_be_visible()

    assert once_within_a_second(write, seen)
    store.close()


def test_two_tabs_that_edit_one_figure_end_with_the_later_one(tabs: tuple[Page, Page]) -> None:
    one, other = tabs
    for page, typed in ((one, "460"), (other, "470")):
        page.get_by_role("button", name="Planned for Groceries").click()
        page.get_by_role("textbox", name="Planned for Groceries").fill(typed)
    one.keyboard.press("Enter")
    expect(one.get_by_role("button", name="Planned for Groceries")).to_contain_text("460.00")
    expect(other.get_by_role("textbox", name="Planned for Groceries")).to_have_value("470")
    other.keyboard.press("Enter")
    for page in tabs:
        expect(page.get_by_role("button", name="Planned for Groceries")).to_contain_text("470.00")


def test_a_month_that_two_tabs_start_at_once_is_started_once(program: Program, visit: Visit) -> None:
    one = visit(program)
    start_with_the_starter(one)
    other = visit(program)
    lines = [Line(page) for page in (one, other)]
    for page, line in zip((one, other), lines, strict=True):
        open_page(page, f"/month/{this_month()}")
        line.hold_typed()
        page.get_by_role("button", name="Start").click()
        line.wait_for('"event"')
    for line in lines:
        line.release()
    for page in (one, other):
        expect(row(page, "Groceries")).to_have_count(1)
    store = program.store()
    with store.read() as work:
        view = month_view(work, this_month())
    store.close()
    assert view is not None
    assert len(view.lines) == 19


def test_a_month_that_is_not_started_says_how_much_of_the_plan_it_would_copy_whatever_happens(
    program: Program, visit: Visit
) -> None:
    one = visit(program)
    open_page(one, f"/month/{this_month()}")
    expect(one.locator(".empty")).to_contain_text("Your plan is empty")
    other = visit(program)
    start_with_the_starter(other)
    expect(one.locator(".empty")).to_contain_text("Starting it copies 19 plan entries")
    one.get_by_role("button", name="Start").click()
    expect(row(one, "Groceries")).to_be_visible()
    one.locator(".snackbar").get_by_role("button", name="Undo").click()
    expect(one.locator(".empty")).to_contain_text("Starting it copies 19 plan entries")
    row(other, "Groceries").get_by_role("button", name="Groceries", exact=True).click()
    other.locator(".under").get_by_role("button", name="Delete").click()
    expect(one.locator(".empty")).to_contain_text("Starting it copies 18 plan entries")


def test_closing_in_one_tab_shows_the_archive_in_the_other(tabs: tuple[Page, Page]) -> None:
    one, other = tabs
    one.get_by_role("button", name="Activate").click()
    expect(other.get_by_role("button", name="Close month")).to_be_visible()
    one.get_by_role("button", name="Close month").click()
    expect(other.locator(".thestamp")).to_be_visible()


@pytest.mark.parametrize("to", ["Subscriptions", "Fixed bills"])
def test_an_entry_moved_in_one_tab_takes_along_what_the_other_types_beneath_it(
    tabs: tuple[Page, Page], to: str
) -> None:
    one, other = tabs
    post(other, "Marlow Market", "12.50")
    postings(other).get_by_role("button", name="Edit").click()
    other.locator(".postings form").get_by_label("What for").fill("half an edit")
    add_row(other).get_by_label("Amount").fill("7")
    add_row(other).get_by_label("Payee").fill("Half")
    one.locator(".under").get_by_label("Section").focus()
    one.locator(".under").get_by_label("Section").select_option(label=to)
    expect(other.locator(".under").get_by_label("Section")).to_have_value(
        {"Subscriptions": "subscription", "Fixed bills": "fixed_bill"}[to]
    )
    other.keyboard.type(" aqua")
    expect(add_row(other).get_by_label("Payee")).to_have_value("Half aqua")
    expect(add_row(other).get_by_label("Amount")).to_have_value("7")
    expect(other.locator(".postings form").get_by_label("What for")).to_have_value("half an edit")
    expect(one.locator(".under").get_by_label("Section")).to_be_focused()


def test_a_field_is_typed_on_while_another_tab_reorders_its_row(tabs: tuple[Page, Page]) -> None:
    one, other = tabs
    other.get_by_role("button", name="Planned for Groceries").click()
    field = other.get_by_role("textbox", name="Planned for Groceries")
    field.fill("46")
    for which, above in (("Move down", "Eating out"), ("Move up", "Groceries"), ("Move down", "Eating out")):
        one.locator(".under").get_by_role("button", name=which).click()
        for page in tabs:
            expect(page.get_by_role("region", name="Flexible").locator(".row").first).to_contain_text(above)
        expect(one.locator(".under").get_by_role("button", name=which)).to_be_focused()
        other.keyboard.type("1")
    expect(field).to_have_value("46111")
    expect(row(one, "Groceries")).to_contain_text("450.00")
    other.get_by_role("heading", name="Food and essentials").click()
    expect(row(one, "Groceries")).to_contain_text("46,111.00")


def test_a_plan_entry_moved_in_one_tab_keeps_its_row_open_in_the_other(tabs: tuple[Page, Page]) -> None:
    one, other = tabs
    for page in tabs:
        open_page(page)
        open_row(page, "Groceries")
    other.locator(".under").get_by_role("button", name="Add notes").click()
    other.locator(".under").get_by_role("textbox", name="Notes").fill("Half")
    one.locator(".under").get_by_label("Section").select_option(label="Sinking funds")
    expect(other.locator(".under").get_by_role("button", name="Goal")).to_be_visible()
    other.keyboard.type(" aqua")
    expect(other.locator(".under").get_by_role("textbox", name="Notes")).to_have_value("Half aqua")


def test_an_entry_deleted_in_one_tab_while_the_other_types_into_it_loses_no_words(
    program: Program, tabs: tuple[Page, Page]
) -> None:
    one, other = tabs
    add_row(other).get_by_label("Payee").fill("Half a word")
    wait_until_kept(program, "Half a word")
    one.locator(".under").get_by_role("button", name="Delete").click()
    expect(row(other, "Groceries")).to_have_count(0)
    one.get_by_role("button", name="Undo").click()
    expect(row(other, "Groceries")).to_have_count(1)
    open_row(other, "Groceries")
    expect(add_row(other).get_by_label("Payee")).to_have_value("Half a word")
