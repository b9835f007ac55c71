"""A month with many entries, and one with many postings, stay usable."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from quartermaster.domain.posting import PostingDraft
from quartermaster.domain.section import Section
from quartermaster.services.month_views import MonthView, month_view
from quartermaster.services.months import start_month
from quartermaster.services.plans import add_plan_entry
from quartermaster.services.postings import add_posting, add_postings
from quartermaster.storage.work import Work
from quartermaster.ui.parts.ledger import PAGE
from tests.living import draft
from tests.running import Program
from tests.walk.walking import add_row, hero, open_page, open_row, post, postings, row, this_month

Visit = Callable[[Program], Page]


def test_a_month_of_four_hundred_entries_takes_a_posting(program: Program, visit: Visit) -> None:
    write(program, many_entries)
    page = visit(program)
    open_page(page, f"/month/{this_month()}")
    expect(page.locator(".row .toggle")).to_have_count(400)
    open_row(page, "Entry 399")
    post(page, "Marlow Market", "12.50")
    expect(postings(page)).to_have_count(1)
    expect(row(page, "Entry 399")).to_contain_text("12.50")
    page.get_by_role("button", name="Planned for Entry 7", exact=False).first.click()
    page.keyboard.press("Escape")


def test_an_entry_of_five_thousand_postings_opens_adds_and_shows_the_older_ones(program: Program, visit: Visit) -> None:
    write(program, many_postings)
    page = visit(program)
    open_page(page, f"/month/{this_month()}")
    expect(hero(page)).to_contain_text("50.00")
    open_row(page, "Groceries")
    expect(postings(page)).to_have_count(PAGE)
    post(page, "The newest", "1.00")
    expect(postings(page).first).to_contain_text("The newest")
    expect(row(page, "Groceries")).to_contain_text("51.00")
    page.get_by_role("button", name="Show more").click()
    expect(postings(page)).to_have_count(5 * PAGE)
    expect(add_row(page)).to_be_visible()


def test_the_oldest_of_five_thousand_postings_is_found_without_drawing_the_others(
    program: Program, visit: Visit
) -> None:
    write(program, many_postings)
    store = program.store()
    with store.read() as work:
        entry = month_view_of(work).lines[0].entry.id
        oldest = work.postings(entry, None)[-1]
    page = visit(program)
    open_page(page, f"/month/{this_month()}?posting={oldest.id}")
    found = page.locator(f"[data-id='{oldest.id}']")
    expect(found).to_be_focused()
    expect(found).to_be_in_viewport()
    expect(postings(page)).to_have_count(PAGE + 1)
    with store.write() as work:
        add_posting(work, draft(entry, 5_000, this_month().last_day, "The newest"))
    store.close()
    expect(postings(page).first).to_contain_text("The newest")
    expect(found).to_be_focused()
    expect(postings(page)).to_have_count(PAGE + 1)


def month_view_of(work: Work) -> MonthView:
    view = month_view(work, this_month())
    assert view is not None
    return view


def write(program: Program, what: Callable[[Work], None]) -> None:
    store = program.store()
    with store.write() as work:
        what(work)
    store.close()


def many_entries(work: Work) -> None:
    for number in range(400):
        add_plan_entry(work, section=Section.FOOD, name=f"Entry {number}", planned=1_000)
    start_month(work, this_month())


def many_postings(work: Work) -> None:
    add_plan_entry(work, section=Section.FOOD, name="Groceries", planned=80_000)
    start_month(work, this_month())
    entry = month_view_of(work).lines[0].entry
    day = this_month().first_day
    add_postings(
        work,
        [
            PostingDraft(id=work.new_id(), entry_id=entry.id, day=day, amount=1, payee=f"Shop {number}")
            for number in range(5_000)
        ],
    )
