"""Every deed reads as a sentence in the household's words, with what was before and what came."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from quartermaster.domain.money import Money
from quartermaster.domain.section import Section
from quartermaster.services.history import deed
from quartermaster.services.months import (
    activate_month,
    close_month,
    delete_month_entry,
    edit_month_entry,
    move_month_entry,
    reopen_month,
    set_month_debt_target,
    start_month,
)
from quartermaster.services.plans import add_plan_entry, delete_plan_entry, edit_plan_entry, set_plan_debt_target
from quartermaster.services.postings import add_posting, add_postings, delete_posting, edit_posting
from quartermaster.services.undo import undo
from quartermaster.storage.store import Store
from quartermaster.storage.work import Work
from quartermaster.ui.history_words import Told, told
from tests.living import MAY, draft, entry, plan_entry, plan_seen, posted, seen, started
from tests.services.acting import do, household, lived, posting_on

JUNE = MAY.next


@pytest.fixture
def store(store: Store) -> Store:
    """May active and balanced."""
    household(store)
    started(store)
    lived(store)
    return store


def said(store: Store, verb: Callable[[Work], object]) -> Told:
    with store.write() as work:
        verb(work)
        number = work.acted()
    with store.read() as work:
        done = deed(work, number)
    assert done is not None
    return told(done, Money())


def title(store: Store, verb: Callable[[Work], object]) -> str:
    return said(store, verb).title


def test_an_edit_names_field_entry_and_month_with_both_values(store: Store) -> None:
    here = entry(store, "Groceries").id
    assert title(store, lambda work: edit_month_entry(work, here, planned=45_000)) == (
        "Planned of Groceries 250.00 → 450.00 in May 2026"
    )
    assert title(store, lambda work: edit_month_entry(work, here, name="Food")) == (
        "Groceries renamed to Food in May 2026"
    )
    assert title(store, lambda work: edit_month_entry(work, here, planned=1, notes="Less")) == (
        "Food in May 2026: planned 450.00 → 0.01; notes nothing → “Less”"
    )


def test_a_posting_that_was_deleted_can_be_read_whole(store: Store) -> None:
    there = draft(entry(store, "Groceries").id, 1_250, date(2026, 5, 12), description="Cheese")
    sentence = "12 May 2026, Marlow Market, Cheese, 12.50"
    assert title(store, lambda work: add_posting(work, there)) == f"Posting added: {sentence}, on Groceries"
    assert title(store, lambda work: delete_posting(work, there.id)) == f"Posting deleted: {sentence}, from Groceries"


def test_a_posting_s_edits_and_moves_say_from_where_to_where(store: Store) -> None:
    groceries, rent = entry(store, "Groceries").id, entry(store, "Rent").id
    there = posted(store, groceries, 1_250, date(2026, 5, 12))
    cheaper = draft(groceries, 1_000, date(2026, 5, 12), id=there.id)
    assert title(store, lambda work: edit_posting(work, cheaper)) == (
        "Amount of Marlow Market 12.50 → 10.00, on Groceries"
    )
    moved = draft(rent, 1_000, date(2026, 5, 12), id=there.id)
    assert title(store, lambda work: edit_posting(work, moved)) == (
        "Posting moved from Groceries to Rent: 12 May 2026, Marlow Market, 10.00"
    )
    nameless = draft(rent, 900, date(2026, 5, 13), payee=None, id=there.id)
    assert title(store, lambda work: edit_posting(work, nameless)) == (
        "A posting on Rent: date 12 May 2026 → 13 May 2026; amount 10.00 → 9.00; payee “Marlow Market” → nothing"
    )


def test_an_entry_that_was_deleted_says_how_many_postings_went_and_tells_each(store: Store) -> None:
    groceries = entry(store, "Groceries").id
    do(store, edit_month_entry, groceries, notes="On Fridays")
    posted(store, groceries, 1_250, date(2026, 5, 12))
    done = said(store, lambda work: delete_month_entry(work, groceries))
    assert done.title == "Groceries deleted from May 2026, planned 250.00, with 2 postings"
    assert "Groceries deleted from May 2026, planned 250.00, with the notes “On Fridays”" in done.lines
    assert "Posting deleted: 12 May 2026, Marlow Market, 12.50, from Groceries" in done.lines


LIFE: list[tuple[Callable[[Work], object], str]] = [
    (lambda work: close_month(work, MAY), "May 2026 closed"),
    (lambda work: reopen_month(work, MAY), "May 2026 reopened"),
    (lambda work: start_month(work, JUNE), "June 2026 started with 4 entries"),
    (lambda work: activate_month(work, JUNE), "June 2026 activated"),
]


def test_a_month_s_life_is_told_in_its_own_words(store: Store) -> None:
    for verb, sentence in LIFE:
        assert title(store, verb) == sentence


def test_the_debt_target_is_called_by_the_entry_s_name(store: Store) -> None:
    here, [there] = entry(store, "Car loan").id, plan_seen(store).debts
    assert title(store, lambda work: set_month_debt_target(work, MAY, here)) == (
        "Debt target of May 2026: none → Car loan"
    )
    assert title(store, lambda work: set_plan_debt_target(work, there.id)) == "Debt target of the plan: none → Car loan"
    assert title(store, lambda work: set_plan_debt_target(work, None)) == "Debt target of the plan: Car loan → none"


def test_the_plan_s_entries_are_told_too(store: Store) -> None:
    gym = UUID(int=7 << 64)
    add = lambda work: add_plan_entry(work, section=Section.OTHER, name="Gym", planned=4_200, id=gym)  # noqa: E731
    assert title(store, add) == "Gym added to the plan, planned 42.00"
    assert title(store, lambda work: edit_plan_entry(work, gym, goal=9_000, apr_basis_points=1_990)) == (
        "Gym in the plan: goal nothing → 90.00; rate nothing → 19.9 %"
    )
    assert title(store, lambda work: delete_plan_entry(work, gym)) == "Gym deleted from the plan, planned 42.00"


def test_moving_an_entry_is_one_sentence_however_many_made_room(store: Store) -> None:
    rent, more = entry(store, "Rent").id, plan_entry(store, "Water", 1, Section.FIXED_BILL)
    assert more.name == "Water"
    assert title(store, lambda work: move_month_entry(work, rent, section=Section.OTHER, before=None)) == (
        "Rent moved to Everything else in May 2026"
    )


def test_many_postings_at_once_are_counted(store: Store) -> None:
    here = entry(store, "Rent").id
    done = said(store, lambda work: add_postings(work, [draft(here) for _ in range(40)]))
    assert done.title == "40 postings added"
    assert (len(done.lines), done.more) == (12, 28)
    assert title(store, lambda work: add_postings(work, [draft(here), draft(here)])) == "2 postings added, on Rent"


def test_what_was_taken_back_is_told_as_what_came_back(store: Store) -> None:
    gone = do(store, delete_posting, posting_on(store, "Rent"))
    assert title(store, lambda work: undo(work, gone.action)) == (
        "Posting brought back: 17 May 2026, Marlow Market, 600.00, on Rent"
    )


def test_long_text_is_cut_in_the_title_and_whole_beneath(store: Store) -> None:
    notes = "word " * 60
    done = said(store, lambda work: edit_month_entry(work, entry(store, "Rent").id, notes=notes))
    assert len(done.title) < 100
    assert notes.strip() in done.lines[0]
    assert seen(store).month.year_month == MAY
