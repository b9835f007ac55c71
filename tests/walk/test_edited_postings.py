"""An edit in a ledger goes on whatever happens around it, and says what became of its posting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from quartermaster.domain.month import MonthEntry
from quartermaster.domain.posting import PostingDraft
from quartermaster.services.month_views import month_view
from quartermaster.services.months import start_month
from quartermaster.services.postings import add_posting, delete_posting, edit_posting
from quartermaster.services.starter import fill
from quartermaster.storage.store import Store
from quartermaster.ui.parts.ledger import PAGE
from tests.living import draft
from tests.running import Program
from tests.walk.walking import (
    add_row,
    another_tab,
    open_page,
    open_row,
    post,
    postings,
    row,
    this_month,
    wait_until_kept,
)

Visit = Callable[[Program], Page]


def groceries(store: Store) -> MonthEntry:
    with store.read() as work:
        view = month_view(work, this_month())
    assert view is not None
    return next(line.entry for line in view.lines if line.entry.name == "Groceries")


def lived(program: Program, *payees: str) -> None:
    """This month and the one before, and a posting of each payee on the first day."""
    store = program.store()
    with store.write() as work:
        fill(work)
        start_month(work, this_month().previous)
        start_month(work, this_month())
    entry = groceries(store)
    for payee in payees:
        with store.write() as work:
            add_posting(work, draft(entry.id, 100, this_month().first_day, payee))
    store.close()


def edit(page: Page, payee: str) -> Locator:
    """The form in which a posting of this payee is edited."""
    postings(page).filter(has_text=payee).first.get_by_role("button", name="Edit").click()
    form = page.locator(".postings form")
    expect(form).to_be_visible()
    return form


@pytest.fixture
def page(program: Program, visit: Visit) -> Page:
    lived(program, "Marlow Market", "Corner Shop", "Dairy Co-op")
    page = visit(program)
    open_page(page, f"/month/{this_month()}")
    open_row(page, "Groceries")
    expect(postings(page)).to_have_count(3)
    return page


IN_ORDER = (
    "[...document.querySelector('.postings').children].filter((e) => e.checkVisibility())"
    ".map((e) => e.querySelector('form') ? 'form' : e.querySelector('b').innerText)"
)
"""What is seen in the ledger, from the top: payees, and the form."""


def expect_in_order(page: Page, *seen: str) -> None:
    page.wait_for_function(f"(seen) => JSON.stringify({IN_ORDER}) === JSON.stringify(seen)", arg=list(seen))


def test_rows_keep_their_order_around_an_edit(page: Page) -> None:
    before = page.evaluate(IN_ORDER)
    edit(page, before[1])
    expect_in_order(page, before[0], "form", before[2])
    for payee in ("Late Shop", "Later Shop"):
        add_row(page).get_by_label("Date").fill(this_month().last_day.isoformat())
        post(page, payee, "1")
        expect(postings(page).filter(has_text=payee)).to_be_visible()
    newest = page.evaluate(IN_ORDER)[:2]
    assert sorted(newest) == ["Late Shop", "Later Shop"]
    expect_in_order(page, *newest, before[0], "form", before[2])
    page.locator(".postings form").get_by_role("button", name="Cancel").click()
    expect(page.locator(".postings form")).to_have_count(0)
    expect_in_order(page, *newest, *before)


def test_an_edit_stays_when_newer_postings_push_its_row_out_and_a_restart_brings_it_back(
    program: Program, page: Page
) -> None:
    form = edit(page, "Corner Shop")
    form.get_by_label("What for").fill("half an edit")
    store = program.store()
    entry = groceries(store)
    for number in range(PAGE + 1):
        with store.write() as work:
            add_posting(work, draft(entry.id, 100, this_month().last_day, f"New Shop {number}"))
    store.close()
    expect(row(page, "Groceries")).to_contain_text(f"{PAGE + 4}.00")
    expect(form.get_by_label("What for")).to_have_value("half an edit")
    wait_until_kept(program, "half an edit")
    program.kill()
    program.start()
    page = another_tab(page, f"/month/{this_month()}")
    form = page.locator(".postings form")
    expect(form.get_by_label("What for")).to_have_value("half an edit")
    form.get_by_label("Amount").fill("2.50")
    form.get_by_label("Amount").press("Enter")
    expect(form).to_have_count(0)
    expect(row(page, "Groceries")).to_contain_text(f"{PAGE + 5}.50")


def test_an_edit_of_a_posting_that_was_deleted_elsewhere_is_kept_and_added_only_when_asked(
    program: Program, page: Page
) -> None:
    form = edit(page, "Corner Shop")
    form.get_by_label("Payee").fill("Corner Shop, mended")
    store = program.store()
    with store.write() as work:
        shop = next(p for p in work.postings(groceries(store).id) if p.payee == "Corner Shop")
        delete_posting(work, shop.id)
    store.close()
    expect(form.get_by_role("alert")).to_contain_text("was deleted elsewhere")
    expect(form.get_by_label("Payee")).to_have_value("Corner Shop, mended")
    form.get_by_label("Payee").press("Enter")
    expect(form.get_by_role("alert")).to_contain_text("was deleted elsewhere")
    expect(postings(page)).to_have_count(2)
    form.get_by_role("button", name="Add as a new posting").click()
    expect(form).to_have_count(0)
    expect(postings(page)).to_have_count(3)
    expect(postings(page).filter(has_text="Corner Shop, mended")).to_be_visible()


def corrected(program: Program, payee: str, **changed: Any) -> None:
    """What another device did meanwhile to the posting of this payee."""
    store = program.store()
    with store.write() as work:
        there = next(p for p in work.postings(groceries(store).id) if p.payee == payee)
        edit_posting(work, replace(PostingDraft(**asdict(there)), **changed))
    store.close()


def test_an_edit_saves_what_was_typed_and_keeps_what_was_corrected_elsewhere_meanwhile(
    program: Program, page: Page
) -> None:
    form = edit(page, "Corner Shop")
    form.get_by_label("What for").fill("half an edit")
    corrected(program, "Corner Shop", amount=2_000)
    expect(form.get_by_label("Amount")).to_have_value("20.00")
    expect(form.get_by_label("What for")).to_have_value("half an edit")
    wait_until_kept(program, "half an edit")
    program.kill()
    corrected(program, "Corner Shop", amount=3_000)
    program.start()
    page = another_tab(page, f"/month/{this_month()}")
    page.locator(".postings form").get_by_label("What for").press("Enter")
    expect(page.locator(".postings form")).to_have_count(0)
    expect(postings(page).filter(has_text="half an edit")).to_contain_text("30.00")


def test_an_edit_of_a_posting_that_moved_meanwhile_says_where_to_and_saves_it_there(
    program: Program, page: Page
) -> None:
    form, before = edit(page, "Corner Shop"), this_month().previous
    store = program.store()
    with store.read() as work:
        view, earlier = month_view(work, this_month()), month_view(work, before)
    store.close()
    assert view is not None
    assert earlier is not None
    clothes, gifts = (
        next(line.entry.id for line in of.lines if line.entry.name == name)
        for of, name in ((view, "Clothes"), (earlier, "Gifts and giving"))
    )
    corrected(program, "Corner Shop", entry_id=clothes)
    expect(form.get_by_role("alert")).to_contain_text("moved to Clothes meanwhile")
    expect(form.get_by_label("Entry").locator("option:checked")).to_have_text("Clothes")
    form.get_by_label("What for").fill("a shirt")
    form.get_by_label("What for").press("Enter")
    expect(form).to_have_count(0)
    expect(row(page, "Clothes")).to_contain_text("1.00")
    expect(postings(page)).to_have_count(2)
    expect(form).to_have_count(0)
    form = edit(page, "Marlow Market")
    form.get_by_label("Entry").select_option(label="Health")
    corrected(program, "Marlow Market", entry_id=clothes)
    expect(form.get_by_role("alert")).to_contain_text("moved to Clothes meanwhile")
    expect(form.get_by_label("Entry").locator("option:checked")).to_have_text("Health")
    form.get_by_label("Payee").press("Enter")
    expect(row(page, "Health")).to_contain_text("1.00")
    form = edit(page, "Dairy Co-op")
    corrected(program, "Dairy Co-op", entry_id=gifts, day=before.last_day)
    expect(form.get_by_role("alert")).to_contain_text(f"moved to Gifts and giving in {before.title} meanwhile")
    form.get_by_label("Amount").fill("7")
    form.get_by_label("Amount").press("Enter")
    expect(form).to_have_count(0)
    open_page(page, f"/month/{before}")
    expect(row(page, "Gifts and giving")).to_contain_text("7.00")


def test_an_edit_to_a_date_of_another_open_month_offers_to_move_the_posting_there(page: Page) -> None:
    before = this_month().previous
    form = edit(page, "Corner Shop")
    form.get_by_label("Date").fill(before.last_day.isoformat())
    form.get_by_label("Payee").press("Enter")
    expect(form.get_by_role("alert")).to_contain_text(f"It belongs to {before.title}")
    form.get_by_role("button", name=f"Move it to {before.title}").click()
    expect(form).to_have_count(0)
    expect(postings(page)).to_have_count(2)
    open_page(page, f"/month/{before}")
    open_row(page, "Groceries")
    expect(postings(page)).to_have_count(1)
    expect(postings(page)).to_contain_text("Corner Shop")


def test_a_posting_moves_to_another_entry_of_its_month(page: Page) -> None:
    form = edit(page, "Corner Shop")
    expect(form.get_by_label("Entry").locator("option:checked")).to_have_text("Groceries")
    form.get_by_label("Entry").select_option(label="Clothes")
    form.get_by_label("Payee").press("Enter")
    expect(page.locator(".snackbar")).to_contain_text("Posting moved from Groceries to Clothes")
    expect(postings(page)).to_have_count(2)
    open_row(page, "Clothes")
    expect(postings(page)).to_have_count(1)
    expect(postings(page)).to_contain_text("Corner Shop")
