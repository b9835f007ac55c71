"""A closed month is read whole: its notes, its postings, and nothing that could change them."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from quartermaster.domain.section import Section
from quartermaster.services.month_views import month_view
from quartermaster.services.months import activate_month, close_month, edit_month_entry, start_month
from quartermaster.services.plans import add_plan_entry
from quartermaster.services.postings import add_posting
from tests.living import draft
from tests.running import Program
from tests.walk.walking import open_group, open_page, open_row, postings, this_month

NOTES = "Split with the neighbours\n<b>until August</b>"


def closed(program: Program) -> None:
    """A month at zero: two entries, a refund, and notes on one of them."""
    store, month = program.store(), this_month()
    with store.write() as work:
        add_plan_entry(work, section=Section.INCOME, name="Pay", planned=1_000)
        add_plan_entry(work, section=Section.FOOD, name="Groceries", planned=1_000)
        start_month(work, month)
    with store.write() as work:
        view = month_view(work, month)
        assert view is not None
        pay, groceries = (line.entry.id for line in view.lines)
        edit_month_entry(work, groceries, notes=NOTES)
        for entry, amount in ((pay, 1_000), (groceries, 1_200), (groceries, -200)):
            add_posting(work, draft(entry, amount, month.first_day))
        activate_month(work, month)
        close_month(work, month)
    store.close()


def test_a_closed_months_notes_and_postings_are_read_and_cannot_be_changed(
    program: Program, visit: Callable[[Program], Page]
) -> None:
    closed(program)
    page = visit(program)
    open_page(page, f"/month/{this_month()}")
    expect(page.get_by_role("heading", name="Food and essentials")).to_be_visible()
    expect(page.get_by_text("Subscriptions", exact=True)).to_be_hidden()
    expect(page.locator(".alloc .bar i:not([hidden])")).to_have_count(1)
    open_group(page, "Committed")
    expect(page.locator(".debtcard")).to_contain_text("No target")
    expect(page.locator(".debtcard select:visible")).to_have_count(0)
    open_row(page, "Groceries")
    expect(postings(page)).to_have_count(2)
    expect(page.locator(".ledger")).to_contain_text(NOTES)
    expect(page.locator(".ledger :is(button, input, textarea, select):visible")).to_have_count(0)
    open_row(page, "Pay")
    expect(postings(page)).to_have_count(1)
    expect(page.locator(".ledger").get_by_text("Notes")).to_be_hidden()
