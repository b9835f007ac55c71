"""Undo: what one action replaced comes back, as new changes; what was done since stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from quartermaster.domain.errors import MonthClosed, NotFound, OutOfBalance, Refused
from quartermaster.domain.month import MonthState
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.months import (
    activate_month,
    add_month_entry,
    close_month,
    delete_month_entry,
    edit_month_entry,
    move_month_entry,
    reopen_month,
    set_month_debt_target,
    start_month,
)
from quartermaster.services.plans import delete_plan_entry, edit_plan_entry, move_plan_entry, set_plan_debt_target
from quartermaster.services.postings import add_posting, add_postings, delete_posting, edit_posting
from quartermaster.services.undo import Undone, undo
from quartermaster.storage.store import Store
from quartermaster.storage.work import Work
from tests.living import MAY, draft, entry, line, plan_entry, plan_seen, posted, seen, started
from tests.services.acting import ask, changes, do, heard, household, lived
from tests.storage.replicas import said

JUNE = YearMonth(2026, 6)


@pytest.fixture
def store(store: Store) -> Store:
    """The household, May active and balanced, June started; Car loan is the target everywhere."""
    household(store)
    [loan] = plan_seen(store).debts
    do(store, set_plan_debt_target, loan.id)
    lived(store)
    started(store, JUNE)
    return store


def acted(store: Store, verb: Callable[[Work], object]) -> int:
    """Do something; its action's number."""
    with store.write() as work:
        verb(work)
        return work.acted()


def all_seen(store: Store) -> tuple[object, ...]:
    return plan_seen(store), seen(store), seen(store, JUNE)


VERBS: dict[str, Callable[[Work, UUID, UUID, UUID], object]] = {
    "deleting a plan entry": lambda work, plan, here, there: delete_plan_entry(work, plan),
    "editing a plan entry": lambda work, plan, here, there: edit_plan_entry(work, plan, name="Loan", planned=1),
    "moving a plan entry": lambda work, plan, here, there: move_plan_entry(
        work, plan, section=Section.OTHER, before=None
    ),
    "deleting a month entry and its postings": lambda work, plan, here, there: delete_month_entry(work, here),
    "editing a month entry": lambda work, plan, here, there: edit_month_entry(work, here, planned=1, notes="Less"),
    "moving a month entry": lambda work, plan, here, there: move_month_entry(
        work, here, section=Section.OTHER, before=None
    ),
    "clearing a target": lambda work, plan, here, there: set_month_debt_target(work, MAY, None),
    "adding a posting": lambda work, plan, here, there: add_posting(work, draft(here)),
    "adding many postings": lambda work, plan, here, there: add_postings(work, [draft(here), draft(here)]),
    "editing a posting": lambda work, plan, here, there: edit_posting(work, draft(here, 5, id=there)),
    "deleting a posting": lambda work, plan, here, there: delete_posting(work, there),
    "closing a month": lambda work, plan, here, there: close_month(work, MAY),
    "activating a month": lambda work, plan, here, there: activate_month(work, JUNE),
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS.keys())
def test_undo_brings_back_exactly_what_was_and_redo_what_was_undone(
    store: Store, verb: Callable[[Work, UUID, UUID, UUID], object]
) -> None:
    [loan] = plan_seen(store).debts
    here = entry(store, "Car loan").id
    with store.read() as work:
        there = work.postings(here)[0].id
    before = all_seen(store)
    action = acted(store, lambda work: verb(work, loan.id, here, there))
    after = all_seen(store)
    assert after != before
    undone = acted(store, lambda work: undo(work, action))
    assert all_seen(store) == before
    do(store, undo, undone)
    assert all_seen(store) == after


def test_undo_says_how_many_records_came_back(store: Store) -> None:
    for amount in (1, 2):
        posted(store, entry(store, "Groceries").id, amount)
    deleted = do(store, delete_month_entry, entry(store, "Groceries").id)
    assert do(store, undo, deleted.action) == Undone(records=1 + deleted.postings, elsewhere=False)


def test_undo_adds_to_the_log_and_takes_nothing_from_it(store: Store) -> None:
    deleted = do(store, delete_month_entry, entry(store, "Groceries").id)
    before = changes(store)
    do(store, undo, deleted.action)
    assert changes(store) == before + 2


def test_what_somebody_edited_since_keeps_the_later_value(store: Store) -> None:
    groceries = entry(store, "Groceries").id
    action = acted(store, lambda work: edit_month_entry(work, groceries, name="Food", planned=1))
    do(store, edit_month_entry, groceries, planned=2)
    do(store, undo, action)
    assert line(store, "Groceries").entry.planned == 2


def test_undoing_twice_does_nothing_more(store: Store) -> None:
    deleted = do(store, delete_month_entry, entry(store, "Groceries").id).action
    added = acted(store, lambda work: add_posting(work, draft(entry(store, "Rent").id)))
    for action in (deleted, added):
        assert do(store, undo, action).records
        log = changes(store)
        assert do(store, undo, action).records == 0
        assert changes(store) == log


def test_an_action_that_is_not_there_cannot_be_undone(store: Store) -> None:
    with pytest.raises(NotFound, match="nothing left to undo"):
        do(store, undo, 10_000)


def test_nothing_is_undone_in_a_closed_month(store: Store) -> None:
    there = posted(store, entry(store, "Groceries").id, 500)
    deleted = do(store, delete_posting, there.id)
    do(store, close_month, MAY)
    before, log = all_seen(store), changes(store)
    with pytest.raises(MonthClosed):
        do(store, undo, deleted.action)
    assert (all_seen(store), changes(store)) == (before, log)


def test_no_posting_is_brought_back_into_a_closed_month(store: Store) -> None:
    there = posted(store, entry(store, "Groceries").id, 500)
    elsewhere = draft(entry(store, "Groceries", JUNE).id, 500, date(2026, 6, 1), id=there.id)
    action = acted(store, lambda work: edit_posting(work, elsewhere))
    do(store, close_month, MAY)
    before = all_seen(store)
    with pytest.raises(MonthClosed, match="May 2026 is closed"):
        do(store, undo, action)
    assert all_seen(store) == before


def test_taking_back_a_reopening_closes_the_month_only_at_exactly_zero(store: Store) -> None:
    do(store, close_month, MAY)
    closed = seen(store).month
    action = acted(store, lambda work: reopen_month(work, MAY))
    there = posted(store, entry(store, "Groceries").id, 1)
    with pytest.raises(OutOfBalance):
        do(store, undo, action)
    assert seen(store).month.state is MonthState.ACTIVE
    do(store, delete_posting, there.id)
    do(store, undo, action)
    assert seen(store).month == closed


def test_a_month_whose_start_was_undone_can_be_started_again(store: Store) -> None:
    july = JUNE.next
    action = acted(store, lambda work: start_month(work, july))
    do(store, undo, action)
    plan_entry(store, "New")
    assert [one.entry.name for one in started(store, july).lines] == ["Pay", "Rent", "Car loan", "Groceries", "New"]


def test_no_posting_is_taken_out_of_a_closed_month(store: Store) -> None:
    here, there = entry(store, "Groceries", JUNE).id, entry(store, "Groceries").id
    lone = posted(store, here, 500, date(2026, 6, 1))
    pay = posted(store, entry(store, "Pay").id, 500)
    action = acted(store, lambda work: edit_posting(work, draft(there, 500, date(2026, 5, 2), id=lone.id)))
    do(store, close_month, MAY)
    before = all_seen(store)
    with pytest.raises(MonthClosed, match="May 2026 is closed"):
        do(store, undo, action)
    assert all_seen(store) == before
    assert pay.amount == 500


def test_a_month_s_start_and_an_entry_stay_once_something_was_added_to_them(store: Store) -> None:
    july = JUNE.next
    start = acted(store, lambda work: start_month(work, july))
    added = acted(store, lambda work: add_month_entry(work, july, section=Section.OTHER, name="Gifts", planned=1))
    there = posted(store, entry(store, "Gifts", july).id, 500, july.first_day)
    before = seen(store, july)
    for action in (added, start):
        with pytest.raises(Refused, match="Something was added to it since"):
            do(store, undo, action)
    assert seen(store, july) == before
    do(store, delete_posting, there.id)
    do(store, undo, added)
    assert [one.entry.name for one in seen(store, july).lines] == ["Pay", "Rent", "Car loan", "Groceries"]


def test_a_closing_is_taken_back_by_reopening_and_nothing_else_changes_in_the_closed_month(store: Store) -> None:
    closed = acted(store, lambda work: close_month(work, MAY))
    do(store, undo, closed)
    assert seen(store).month.state is MonthState.ACTIVE


def test_edits_of_one_field_are_undone_one_after_the_other_and_redone_so(store: Store) -> None:
    groceries = entry(store, "Groceries").id
    first = line(store, "Groceries").entry.planned
    values = [first, 1, 2, 3]
    actions = [acted(store, lambda work, p=p: edit_month_entry(work, groceries, planned=p)) for p in values[1:]]  # type: ignore[misc]  # bound at once
    undone = []
    for action, expected in zip(reversed(actions), reversed(values[:-1]), strict=True):
        undone.append(acted(store, lambda work, a=action: undo(work, a)))  # type: ignore[misc]  # the same
        assert line(store, "Groceries").entry.planned == expected
    for action, expected in zip(reversed(undone), values[1:], strict=True):
        do(store, undo, action)
        assert line(store, "Groceries").entry.planned == expected


def test_a_household_that_began_cannot_be_taken_back(store: Store) -> None:
    before = all_seen(store)
    assert do(store, undo, 1).records == 0
    assert all_seen(store) == before


def test_no_posting_is_brought_to_a_date_that_is_not_in_its_month(store: Store) -> None:
    here, there = entry(store, "Groceries").id, entry(store, "Groceries", JUNE).id
    lone = posted(store, here, 500)
    moved = acted(store, lambda work: edit_posting(work, draft(there, 500, date(2026, 6, 3), id=lone.id)))
    dated = acted(store, lambda work: edit_posting(work, draft(there, 500, date(2026, 6, 5), id=lone.id)))
    before, log = all_seen(store), changes(store)
    with pytest.raises(Refused, match="2026-06-05 is not in May 2026"):
        do(store, undo, moved)
    assert (all_seen(store), changes(store)) == (before, log)
    do(store, undo, dated)
    do(store, undo, moved)
    assert ask(store, Work.postings, here)[0].day == lone.day


def test_a_date_that_another_device_s_edit_put_into_the_wrong_month_is_in_no_undo_s_way(store: Store) -> None:
    lone = posted(store, entry(store, "Groceries").id, 500)
    action = acted(store, lambda work: edit_posting(work, draft(lone.entry_id, 700, lone.day, id=lone.id)))
    # Two devices that edit a posting apart: one moves it, the other changes its date.
    do(store, Work.set_fields, "posting", lone.id, {"day": "2026-06-05"})
    do(store, undo, action)
    assert ask(store, Work.postings, lone.entry_id)[0].amount == 500


def test_a_target_that_comes_back_to_what_is_no_debt_by_now_is_cleared(store: Store) -> None:
    [loan] = plan_seen(store).debts
    card = plan_entry(store, "Card", 1, Section.DEBT_MINIMUM)
    action = acted(store, lambda work: set_plan_debt_target(work, card.id))
    do(store, move_plan_entry, loan.id, section=Section.OTHER, before=None)
    undone = acted(store, lambda work: undo(work, action))
    assert household_target(store) is None
    do(store, undo, undone)
    assert household_target(store) == card.id


def test_a_month_s_target_that_comes_back_to_what_is_no_debt_by_now_is_cleared(store: Store) -> None:
    plan_entry(store, "Card", 1, Section.DEBT_MINIMUM)
    july = JUNE.next
    loan, card = started(store, july).debts
    action = acted(store, lambda work: set_month_debt_target(work, july, card.id))
    do(store, move_month_entry, loan.id, section=Section.OTHER, before=None)
    undone = acted(store, lambda work: undo(work, action))
    assert seen(store, july).month.debt_target is None
    do(store, undo, undone)
    assert seen(store, july).month.debt_target == card.id


def test_an_undo_is_told_with_how_many_records_it_changed(store: Store) -> None:
    deleted = do(store, delete_posting, posted(store, entry(store, "Groceries").id).id)
    told = heard(store)
    do(store, undo, deleted.action)
    assert [(event.name, event.fields) for one in told for event in one.events] == [("action_undone", {"records": 1})]


def test_what_comes_back_says_so_as_other_devices_read_it(store: Store) -> None:
    deleted = do(store, delete_posting, posted(store, entry(store, "Groceries").id).id)
    do(store, undo, deleted.action)
    assert said(store)[-1].fields["deleted"] is False


def test_a_debt_that_an_undo_makes_something_else_again_is_the_target_no_longer(store: Store) -> None:
    card = plan_entry(store, "Card", 1, Section.OTHER).id
    action = acted(store, lambda work: move_plan_entry(work, card, section=Section.DEBT_MINIMUM, before=None))
    do(store, set_plan_debt_target, card)
    undone = acted(store, lambda work: undo(work, action))
    assert household_target(store) is None
    do(store, undo, undone)
    assert household_target(store) == card


def household_target(store: Store) -> UUID | None:
    return ask(store, Work.household).debt_target
