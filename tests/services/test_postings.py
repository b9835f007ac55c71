"""Postings: what is accepted, the ledger, payees of before, and the twin in another month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from quartermaster.domain.errors import MonthClosed, NotFound, OutsideMonth, Refused
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.months import add_month_entry, delete_month_entry, edit_month_entry
from quartermaster.services.postings import (
    add_posting,
    add_postings,
    delete_posting,
    edit_posting,
    entry_for_payee,
    ledger,
    open_entries,
    payees,
)
from quartermaster.services.twin import add_to_twin, move_to_twin
from quartermaster.storage.store import Store
from tests.living import MAY, draft, entry, line, posted, seen, started
from tests.services.acting import archived, ask, changes, do, heard, household, lived

APRIL, JUNE = YearMonth(2026, 4), YearMonth(2026, 6)
GONE = UUID(int=0xDEAD)


@pytest.fixture
def store(store: Store) -> Store:
    """The household with May started."""
    household(store)
    started(store)
    return store


def groceries(store: Store, year_month: YearMonth = MAY) -> UUID:
    return entry(store, "Groceries", year_month).id


def test_a_posting_is_added_to_what_was_applied_and_told_by_id_date_and_amount(store: Store) -> None:
    told = heard(store)
    added = do(store, add_posting, draft(groceries(store), 1_234, payee=" Marlow  Market ", description="  "))
    assert (added.payee, added.description) == ("Marlow Market", None)
    assert (line(store, "Groceries").applied, line(store, "Groceries").postings) == (1_234, 1)
    [event] = told[0].events
    assert event.name == "posting_added"
    assert event.fields == {
        "posting_id": str(added.id), "entry_id": str(added.entry_id), "month": "2026-05", "amount": 1_234,
    }  # fmt: skip


def test_a_negative_posting_is_a_refund(store: Store) -> None:
    posted(store, groceries(store), 1_000)
    posted(store, groceries(store), -1_500)
    assert line(store, "Groceries").applied == -500


@pytest.mark.parametrize("day", [date(2026, 5, 1), date(2026, 5, 31)])
def test_the_first_and_the_last_day_belong_to_the_month(store: Store, day: date) -> None:
    assert posted(store, groceries(store), day=day).day == day


@pytest.mark.parametrize("day", [date(2026, 4, 30), date(2026, 6, 1), date(2025, 5, 17), date(1899, 1, 1), date.max])
def test_a_date_outside_the_month_is_refused_with_the_days_that_are_possible(store: Store, day: date) -> None:
    with pytest.raises(OutsideMonth, match="Choose a date from 2026-05-01 to 2026-05-31") as refused:
        posted(store, groceries(store), day=day)
    assert (refused.value.field, refused.value.other) == ("day", None)


def test_a_date_in_another_open_month_is_refused_with_an_offer_of_that_month(store: Store) -> None:
    started(store, JUNE)
    with pytest.raises(OutsideMonth, match="It belongs to June 2026, which is open") as refused:
        posted(store, groceries(store), day=date(2026, 6, 1))
    assert refused.value.other == JUNE


def test_a_date_in_a_closed_month_is_refused_without_an_offer(store: Store) -> None:
    archived(store, APRIL)
    with pytest.raises(OutsideMonth, match="Choose a date from") as refused:
        posted(store, groceries(store), day=date(2026, 4, 30))
    assert refused.value.other is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"payee": "x" * 121}, "payee"),
        ({"description": "x" * 501}, "description"),
        ({"day": date(2026, 6, 1)}, "day"),
    ],
)
def test_a_refused_posting_or_edit_names_its_field_and_leaves_no_trace(
    store: Store, wrong: dict[str, object], field: str
) -> None:
    there = posted(store, groceries(store))
    before, log, told = seen(store), changes(store), heard(store)
    for verb, known in ((add_posting, None), (edit_posting, there.id)):
        with pytest.raises(Refused) as refused:
            do(store, verb, draft(groceries(store), id=known, **wrong))  # type: ignore[arg-type]  # the field is a parameter
        assert refused.value.field == field
    assert (seen(store), changes(store), told) == (before, log, [])


def test_the_same_posting_sent_twice_is_added_once(store: Store) -> None:
    sent = draft(groceries(store))
    first, log, told = do(store, add_posting, sent), changes(store), heard(store)
    assert do(store, add_posting, sent) == first
    assert (line(store, "Groceries").postings, changes(store), told[0].events) == (1, log, ())


def test_a_posting_on_an_entry_that_is_gone_is_refused(store: Store) -> None:
    here = groceries(store)
    do(store, delete_month_entry, here)
    for verb in (add_posting, edit_posting):
        with pytest.raises(NotFound):
            do(store, verb, draft(here))
    with pytest.raises(NotFound, match="nothing was added"):
        do(store, add_postings, [draft(entry(store, "Rent").id), draft(here)])
    assert seen(store).spent == 0


def test_many_postings_are_one_action_and_all_are_told(store: Store) -> None:
    told = heard(store)
    assert do(store, add_postings, [draft(groceries(store), amount) for amount in (1, 2, 3)]) == 3
    assert line(store, "Groceries").applied == 6
    assert [event.fields["amount"] for event in told[0].events] == [1, 2, 3]


def test_one_bad_posting_among_many_adds_none_of_them(store: Store) -> None:
    here, log = groceries(store), changes(store)
    with pytest.raises(Refused):
        do(store, add_postings, [draft(here), draft(here, 0), draft(here)])
    assert (line(store, "Groceries").postings, changes(store)) == (0, log)


def test_a_posting_is_edited_in_place(store: Store) -> None:
    there = posted(store, groceries(store))
    told = heard(store)
    changed = draft(groceries(store), 5, date(2026, 5, 2), "Bakery", "Bread", there.id)
    edited = do(store, edit_posting, changed)
    assert (edited.day, edited.amount, edited.payee, edited.description) == (date(2026, 5, 2), 5, "Bakery", "Bread")
    assert ask(store, ledger, groceries(store)).postings == (edited,)
    assert [event.name for event in told[0].events] == ["posting_updated"]
    do(store, edit_posting, changed)
    assert (told[1].action, told[1].events) == (None, ())


def test_a_posting_moves_to_another_entry_and_to_another_open_month(store: Store) -> None:
    started(store, JUNE)
    there = posted(store, groceries(store), 700)
    do(store, edit_posting, draft(entry(store, "Rent").id, 700, id=there.id))
    assert (line(store, "Groceries").applied, line(store, "Rent").applied) == (0, 700)
    do(store, edit_posting, draft(groceries(store, JUNE), 700, date(2026, 6, 2), id=there.id))
    assert (line(store, "Rent").applied, line(store, "Groceries", JUNE).applied) == (0, 700)


def test_an_edit_changes_what_its_person_changed_and_leaves_what_another_changed_meanwhile(store: Store) -> None:
    there = posted(store, groceries(store), 1_000)
    seen_first = draft(groceries(store), 1_000, there.day, there.payee, id=there.id)
    do(store, edit_posting, draft(entry(store, "Rent").id, 2_000, date(2026, 5, 9), there.payee, id=there.id))
    typed = replace(seen_first, description="Bread", payee="Bakery")
    edited = do(store, edit_posting, typed, seen_first)
    assert (edited.entry_id, edited.amount, edited.day) == (entry(store, "Rent").id, 2_000, date(2026, 5, 9))
    assert (edited.payee, edited.description) == ("Bakery", "Bread")
    started(store, JUNE)
    moved = do(store, move_to_twin, replace(typed, day=date(2026, 6, 2)), JUNE, seen_first)
    assert (moved.entry_id, moved.amount, moved.day) == (entry(store, "Rent", JUNE).id, 2_000, date(2026, 6, 2))


def test_a_ledger_says_where_a_posting_of_it_went(store: Store) -> None:
    there = posted(store, groceries(store))
    assert ask(store, ledger, groceries(store), including=[there.id]).moved == ()
    do(store, edit_posting, draft(entry(store, "Rent").id, id=there.id))
    [moved] = ask(store, ledger, groceries(store), including=[there.id]).moved
    assert (moved.posting.id, moved.entry.name, moved.year_month) == (there.id, "Rent", MAY)
    do(store, delete_posting, there.id)
    assert ask(store, ledger, groceries(store), including=[there.id]).moved == ()


def test_a_deleted_posting_counts_no_more_and_cannot_be_edited_or_deleted_again(store: Store) -> None:
    there = posted(store, groceries(store))
    told = heard(store)
    deleted = do(store, delete_posting, there.id)
    assert (deleted.name, deleted.postings) == ("Marlow Market", 1)
    assert [event.name for event in told[0].events] == ["posting_deleted"]
    assert line(store, "Groceries").applied == 0
    with pytest.raises(NotFound):
        do(store, edit_posting, draft(groceries(store), id=there.id))
    with pytest.raises(NotFound):
        do(store, delete_posting, there.id)


def test_a_posting_without_a_payee_is_deleted_under_its_entrys_name(store: Store) -> None:
    there = do(store, add_posting, draft(groceries(store), payee=None))
    assert do(store, delete_posting, there.id).name == "Groceries"


def test_a_ledger_is_newest_first_and_says_how_many_there_are(store: Store) -> None:
    for day in (3, 1, 2):
        posted(store, groceries(store), day, date(2026, 5, day))
    shown = ask(store, ledger, groceries(store), limit=2)
    assert ([posting.amount for posting in shown.postings], shown.total) == ([3, 2], 3)
    assert (shown.entry.name, shown.month.year_month) == ("Groceries", MAY)
    assert len(ask(store, ledger, groceries(store), limit=None).postings) == 3
    with pytest.raises(NotFound):
        ask(store, ledger, GONE)


def test_a_closed_months_ledger_can_still_be_read(store: Store) -> None:
    archived(store)
    assert ask(store, ledger, groceries(store)).total == 1
    assert ask(store, open_entries, MAY) == ask(store, open_entries, APRIL) == ()


def test_postings_go_on_the_entries_of_an_open_month_in_the_order_of_the_sections(store: Store) -> None:
    assert [one.name for one in ask(store, open_entries, MAY)] == ["Pay", "Rent", "Car loan", "Groceries"]


def test_payees_of_before_are_completed_whatever_the_case_the_latest_first(store: Store) -> None:
    rent = entry(store, "Rent").id
    for day, payee, where in (
        (1, "Market Hall", groceries(store)),
        (2, "Marlow Market", rent),
        (3, "Marlow Market", groceries(store)),
        (4, "Larkspur Homes", rent),
    ):
        do(store, add_posting, draft(where, day=date(2026, 5, day), payee=payee))
    found = ask(store, payees, " mar")
    assert [(hint.payee, hint.entry_name) for hint in found] == [
        ("Marlow Market", "Groceries"), ("Market Hall", "Groceries"),
    ]  # fmt: skip
    assert [hint.payee for hint in ask(store, payees, "", limit=1)] == ["Larkspur Homes"]
    assert ask(store, payees, "%") == ask(store, payees, "M_r") == ask(store, payees, "\\") == ()


def test_payees_with_letters_beyond_ascii_are_completed_whatever_the_case(store: Store) -> None:
    rent = entry(store, "Rent").id
    for day, payee, where in (
        (1, "Émile", groceries(store)),
        (2, "ÉMILE", rent),
        (3, "Émile & fils", groceries(store)),
        (4, "Alice", rent),
        (5, "Магазин", rent),
    ):
        do(store, add_posting, draft(where, day=date(2026, 5, day), payee=payee))
    assert [hint.payee for hint in ask(store, payees, "émi")] == ["Émile & fils", "ÉMILE"]
    assert [hint.payee for hint in ask(store, payees, "ém", limit=1)] == ["Émile & fils"]
    assert [hint.payee for hint in ask(store, payees, "МАГ")] == ["Магазин"]
    assert ask(store, payees, "èmi") == ()
    assert ask(store, entry_for_payee, "émile", MAY) == rent
    assert ask(store, entry_for_payee, "èmile", MAY) is None


def test_a_deleted_posting_suggests_no_payee(store: Store) -> None:
    there = posted(store, groceries(store))
    do(store, delete_posting, there.id)
    assert ask(store, payees, "Mar") == ()
    assert ask(store, entry_for_payee, "Marlow Market", MAY) is None


def test_a_payee_goes_where_it_last_went(store: Store) -> None:
    lived(store)
    do(store, add_posting, draft(entry(store, "Rent").id, day=date(2026, 5, 20), payee="Corner Shop"))
    do(store, add_posting, draft(groceries(store), day=date(2026, 5, 21), payee="Corner Shop"))
    started(store, JUNE)
    assert ask(store, entry_for_payee, "  corner  SHOP ", JUNE) == groceries(store, JUNE)
    assert ask(store, entry_for_payee, "Nobody", JUNE) is None
    assert ask(store, entry_for_payee, "Corner Shop", APRIL) is None


def test_a_payee_finds_its_entry_by_where_it_came_from_before_it_looks_at_names(store: Store) -> None:
    started(store, JUNE)
    posted(store, groceries(store))
    do(store, edit_month_entry, groceries(store, JUNE), name="Food")
    do(store, add_month_entry, JUNE, section=Section.FOOD, name="Groceries", planned=0)
    assert ask(store, entry_for_payee, "Marlow Market", JUNE) == entry(store, "Food", JUNE).id


def test_a_payee_finds_its_entry_by_name_where_the_plan_has_none(store: Store) -> None:
    started(store, JUNE)
    for month in (MAY, JUNE):
        do(store, add_month_entry, month, section=Section.OTHER, name="Bicycle", planned=0)
    do(store, add_posting, draft(entry(store, "Bicycle").id, payee="Spoke & Chain"))
    assert ask(store, entry_for_payee, "Spoke & Chain", JUNE) == entry(store, "Bicycle", JUNE).id


def test_a_posting_with_another_months_date_can_go_on_the_same_entry_there(store: Store) -> None:
    started(store, JUNE)
    do(store, edit_month_entry, groceries(store, JUNE), name="Food")
    added = do(store, add_to_twin, draft(groceries(store), 800, date(2026, 6, 3)), JUNE)
    assert added.entry_id == entry(store, "Food", JUNE).id
    assert (line(store, "Groceries").applied, line(store, "Food", JUNE).applied) == (0, 800)


def test_the_twin_of_an_entry_that_is_only_in_its_month_is_found_by_section_and_name(store: Store) -> None:
    started(store, JUNE)
    do(store, add_month_entry, JUNE, section=Section.OTHER, name="Also only here", planned=0)
    for month in (MAY, JUNE):
        do(store, add_month_entry, month, section=Section.OTHER, name="Bicycle", planned=0)
    added = do(store, add_to_twin, draft(entry(store, "Bicycle").id, 1, date(2026, 6, 3)), JUNE)
    assert added.entry_id == entry(store, "Bicycle", JUNE).id


def test_a_twin_that_is_not_there_or_in_a_closed_month_is_refused_in_a_sentence(store: Store) -> None:
    archived(store, APRIL)
    started(store, JUNE)
    do(store, delete_month_entry, groceries(store, JUNE))
    with pytest.raises(NotFound, match=r"June 2026 has no entry like Groceries\. Add one there, or change the date\."):
        do(store, add_to_twin, draft(groceries(store), 1, date(2026, 6, 3)), JUNE)
    with pytest.raises(MonthClosed, match="April 2026 is closed"):
        do(store, add_to_twin, draft(groceries(store), 1, date(2026, 4, 3)), APRIL)
    with pytest.raises(NotFound, match="July 2026 is not started yet"):
        do(store, add_to_twin, draft(groceries(store), 1, date(2026, 7, 3)), JUNE.next)
