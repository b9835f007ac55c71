"""Months: what a start copies, the life from planning to closed, and the archive that a closed month is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from quartermaster.domain.deviation import Deviation
from quartermaster.domain.errors import MonthClosed, NotFound, OutOfBalance, Refused
from quartermaster.domain.money import Money
from quartermaster.domain.month import MonthState
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services import months, postings
from quartermaster.services.month_views import month_list, month_view
from quartermaster.services.months import activate_month, close_month, reopen_month, start_month
from quartermaster.services.plans import add_plan_entry, delete_plan_entry, edit_plan_entry, set_plan_debt_target
from quartermaster.storage.store import Store
from quartermaster.storage.work import Work
from tests.conftest import Clock
from tests.living import MAY, draft, entry, line, plan_entry, plan_seen, posted, seen, started
from tests.services.acting import archived, ask, changes, do, heard, household, lived, posting_on

JUNE = YearMonth(2026, 6)


def test_a_month_that_nobody_started_is_not_there(store: Store) -> None:
    assert ask(store, month_view, MAY) is None
    for verb in (activate_month, close_month, reopen_month):
        with pytest.raises(NotFound, match=r"May 2026 is not started yet\. Start it first\."):
            do(store, verb, MAY)
    assert ask(store, month_list) == ()


def test_a_start_copies_every_plan_entry_with_its_notes_its_place_and_its_origin(store: Store) -> None:
    household(store)
    do(store, add_plan_entry, section=Section.FOOD, name="Bakery", planned=0, notes="Sundays")
    view = started(store)
    assert view.month.state is MonthState.PLANNING
    planned = {one.id: one for group in plan_seen(store).groups for held in group.sections for one in held.entries}
    assert [one.entry.name for one in view.lines] == ["Pay", "Rent", "Car loan", "Groceries", "Bakery"]
    for copied in view.lines:
        origin = planned[copied.entry.source or UUID(int=0)]
        assert (copied.entry.section, copied.entry.planned) == (origin.section, origin.planned)
        assert (copied.entry.notes, copied.entry.position) == (origin.notes, origin.position)
        assert (copied.entry.origin_name, copied.entry.origin_planned) == (origin.name, origin.planned)
        assert (copied.applied, copied.deviation) == (0, Deviation.UNCHANGED)


def test_a_start_carries_the_debt_target_to_its_copy(store: Store) -> None:
    household(store)
    [loan] = plan_seen(store).debts
    do(store, set_plan_debt_target, loan.id)
    target = started(store).debt_target
    assert target is not None
    assert (target.name, target.source) == ("Car loan", loan.id)


def test_a_plan_without_a_target_starts_a_month_without_one(store: Store) -> None:
    household(store)
    assert started(store).month.debt_target is None


def test_a_target_that_sync_left_on_no_debt_is_none_in_the_plan_and_in_a_month_that_starts(store: Store) -> None:
    rent = plan_entry(store, "Rent", section=Section.FIXED_BILL)
    with store.write() as work:
        work.set_fields("household", work.household().id, {"debt_target": rent.id.hex})
    assert plan_seen(store).debt_target is None
    assert started(store).month.debt_target is None


def test_an_empty_plan_starts_an_empty_month(store: Store) -> None:
    view = started(store)
    assert (view.lines, view.planned_zero, view.applied_zero) == ((), 0, 0)


def test_starting_again_gives_the_month_that_is_there_and_copies_nothing(store: Store) -> None:
    household(store)
    before = started(store)
    plan_entry(store, "Later")
    told, log = heard(store), changes(store)
    assert do(store, start_month, MAY).id == before.month.id
    assert seen(store) == before
    assert changes(store) == log
    assert told[0].events == ()


def test_a_months_entries_do_not_follow_the_plan(store: Store) -> None:
    household(store)
    before = started(store)
    plan = {one.name: one for group in plan_seen(store).groups for held in group.sections for one in held.entries}
    do(store, edit_plan_entry, plan["Groceries"].id, name="Food", planned=1, notes="Less")
    do(store, delete_plan_entry, plan["Rent"].id)
    plan_entry(store, "New")
    assert seen(store) == before
    assert [one.entry.name for one in started(store, JUNE).lines] == ["Pay", "Car loan", "Food", "New"]


@pytest.mark.parametrize("same_store", [True, False], ids=["by two threads", "by two programs"])
def test_a_month_started_twice_at_once_is_one_month_with_one_copy_of_each_entry(
    store: Store, database: Path, clock: Clock, same_store: bool
) -> None:
    household(store)
    other = store if same_store else Store(database, now_ms=clock, new_id=uuid4)
    told, before = heard(store), changes(store)
    together, ids = threading.Barrier(2), []

    def start(mine: Store) -> None:
        together.wait()
        ids.append(do(mine, start_month, MAY).id)

    threads = [threading.Thread(target=start, args=(mine,)) for mine in (store, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if other is not store:
        other.close()
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert [one.entry.name for one in seen(store).lines] == ["Pay", "Rent", "Car loan", "Groceries"]
    assert changes(store) == before + 5
    if same_store:
        assert [event.name for committed in told for event in committed.events] == ["month_created"]


def test_a_month_is_activated_whatever_its_balance(store: Store, clock: Clock) -> None:
    plan_entry(store, "Rent", 60_000, Section.FIXED_BILL)
    assert started(store).planned_zero == -60_000
    month = do(store, activate_month, MAY)
    assert (month.state, month.lifecycle.activated_ms) == (MonthState.ACTIVE, clock.now_ms)
    assert seen(store).month == month


def test_a_month_in_planning_cannot_close_even_at_zero(store: Store) -> None:
    started(store)
    with pytest.raises(Refused, match=r"still in planning\. Activate it first"):
        do(store, close_month, MAY)


@pytest.mark.parametrize(
    ("off_by", "said"),
    [(1, "0.01 more was applied than came in"), (-2_550, "25.50 of income is not applied")],
)
def test_a_close_is_refused_with_how_far_the_month_is_out_and_which_way(
    store: Store, money: Money, off_by: int, said: str
) -> None:
    household(store)
    lived(store)
    posted(store, entry(store, "Groceries").id, off_by)
    told, log = heard(store), changes(store)
    with pytest.raises(OutOfBalance) as refused:
        do(store, close_month, MAY)
    assert refused.value.zero_cents == -off_by == seen(store).applied_zero
    assert f"May 2026 cannot close yet: {said}." in refused.value.sentence(money)
    assert seen(store).month.state is MonthState.ACTIVE
    assert (told, changes(store)) == ([], log)


def test_what_is_planned_does_not_keep_a_month_from_closing(store: Store, clock: Clock) -> None:
    plan_entry(store, "Rent", 60_000, Section.FIXED_BILL)
    started(store)
    do(store, activate_month, MAY)
    clock.now_ms += 1_000
    month = do(store, close_month, MAY)
    assert (month.state, month.lifecycle.closed_ms) == (MonthState.CLOSED, clock.now_ms)
    assert month.lifecycle.activated_ms == clock.now_ms - 1_000


def test_a_month_lives_from_planning_to_closed_and_back_and_each_step_is_told(store: Store) -> None:
    household(store)
    told = heard(store)
    archived(store)
    do(store, reopen_month, MAY)
    do(store, close_month, MAY)
    steps = [event for committed in told for event in committed.events if event.name.startswith("month_")]
    assert [step.name for step in steps] == [
        "month_created", "month_activated", "month_closed", "month_reopened", "month_closed",
    ]  # fmt: skip
    assert {step.fields["month"] for step in steps} == {"2026-05"}


def test_a_reopened_month_can_be_edited_again(store: Store) -> None:
    household(store)
    archived(store)
    do(store, reopen_month, MAY)
    assert seen(store).month.lifecycle.closed_ms is None
    posted(store, entry(store, "Groceries").id, 1)
    assert seen(store).applied_zero == -1


def test_a_step_that_does_not_follow_is_refused_and_changes_nothing(store: Store) -> None:
    started(store)
    with pytest.raises(Refused, match="nothing to reopen"):
        do(store, reopen_month, MAY)
    do(store, activate_month, MAY)
    with pytest.raises(Refused, match="already active"):
        do(store, activate_month, MAY)
    do(store, close_month, MAY)
    for verb in (activate_month, close_month):
        with pytest.raises(Refused, match="already closed"):
            do(store, verb, MAY)
    assert seen(store).month.state is MonthState.CLOSED


CLOSED_TO = {
    "adding an entry": lambda work, here, _: months.add_month_entry(
        work, MAY, section=Section.FOOD, name="Bakery", planned=1
    ),
    "renaming an entry": lambda work, here, _: months.edit_month_entry(work, here, name="Food"),
    "planning another amount": lambda work, here, _: months.edit_month_entry(work, here, planned=1),
    "writing notes": lambda work, here, _: months.edit_month_entry(work, here, notes="Late"),
    "reordering": lambda work, here, _: months.move_month_entry(work, here, section=Section.FOOD, before=None),
    "moving to another section": lambda work, here, _: months.move_month_entry(
        work, here, section=Section.OTHER, before=None
    ),
    "deleting an entry": lambda work, here, _: months.delete_month_entry(work, here),
    "clearing the debt target": lambda work, here, _: months.set_month_debt_target(work, MAY, None),
    "setting the debt target": lambda work, here, _: months.set_month_debt_target(work, MAY, here),
    "posting": lambda work, here, _: postings.add_posting(work, draft(here)),
    "posting many": lambda work, here, _: postings.add_postings(work, [draft(here), draft(here)]),
    "editing a posting": lambda work, here, there: postings.edit_posting(work, draft(here, 2, id=there)),
    "deleting a posting": lambda work, here, there: postings.delete_posting(work, there),
}  # fmt: skip


@pytest.mark.parametrize("verb", CLOSED_TO.values(), ids=CLOSED_TO.keys())
def test_a_closed_month_refuses(store: Store, verb: Callable[[Work, UUID, UUID], object]) -> None:
    household(store)
    archived(store)
    before, log = seen(store), changes(store)
    here, there = entry(store, "Groceries").id, posting_on(store, "Groceries")
    with pytest.raises(MonthClosed, match=r"May 2026 is closed\. Reopen it to change anything in it\."):
        do(store, verb, here, there)
    assert (seen(store), changes(store)) == (before, log)


def test_no_posting_leaves_a_closed_month_or_enters_it(store: Store) -> None:
    household(store)
    archived(store)
    started(store, JUNE)
    inside = posting_on(store, "Groceries")
    with pytest.raises(MonthClosed):
        do(store, postings.edit_posting, draft(entry(store, "Groceries", JUNE).id, 1, date(2026, 6, 1), id=inside))
    outside = posted(store, entry(store, "Groceries", JUNE).id, 1, date(2026, 6, 1))
    with pytest.raises(MonthClosed):
        do(store, postings.edit_posting, draft(entry(store, "Groceries").id, id=outside.id))
    assert line(store, "Groceries").applied == 25_000


def test_the_plan_lives_on_while_a_month_is_closed(store: Store) -> None:
    household(store)
    archived(store)
    before = seen(store)
    do(store, edit_plan_entry, plan_seen(store).debts[0].id, planned=1)
    assert seen(store) == before


def test_what_is_planned_in_a_month_without_postings_is_in_the_list(store: Store) -> None:
    plan_entry(store, "Groceries", 80_000)
    started(store)
    assert [(month.planned_zero, month.applied_zero) for month in ask(store, month_list)] == [(-80_000, 0)]


def test_all_months_are_listed_oldest_first_with_their_sums(store: Store) -> None:
    household(store)
    started(store, JUNE)
    archived(store)
    may, june = ask(store, month_list)
    assert (may.year_month, may.state, june.year_month, june.state) == (
        MAY, MonthState.CLOSED, JUNE, MonthState.PLANNING,
    )  # fmt: skip
    assert (may.planned_zero, may.applied_zero, may.income_applied, may.spent, may.postings) == (
        0, 0, 100_000, 100_000, 4,
    )  # fmt: skip
    assert (june.applied_zero, june.income_applied, june.postings) == (0, 0, 0)
