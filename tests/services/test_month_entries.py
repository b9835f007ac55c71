"""A month's own entries: how they deviate, where they stand, what goes with them, and the month's debt target."""

from __future__ import annotations

from uuid import UUID

import pytest

from quartermaster.domain.deviation import Deviation
from quartermaster.domain.errors import NotFound, Refused
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.months import (
    activate_month,
    add_month_entry,
    delete_month_entry,
    edit_month_entry,
    move_month_entry,
    set_month_debt_target,
)
from quartermaster.services.plans import delete_plan_entry, set_plan_debt_target
from quartermaster.storage.store import Store
from tests.living import MAY, entry, line, plan_entry, plan_seen, posted, seen, started
from tests.services.acting import changes, do, heard, household

JUNE = YearMonth(2026, 6)


@pytest.fixture
def store(store: Store) -> Store:
    """The household with May started."""
    household(store)
    started(store)
    return store


def shown(store: Store, section: Section) -> list[str]:
    return [one.entry.name for one in seen(store).lines if one.entry.section is section]


def test_an_entry_can_be_added_to_one_month_only(store: Store) -> None:
    added = do(store, add_month_entry, MAY, section=Section.FOOD, name=" Feast ", planned=5_000, notes=" For Ada ")
    assert (added.name, added.notes, added.origin_name, added.source) == ("Feast", "For Ada", None, None)
    assert line(store, "Feast").deviation is Deviation.NEW_IN_MONTH
    assert shown(store, Section.FOOD) == ["Groceries", "Feast"]
    assert seen(store).planned_zero == -5_000
    assert "Feast" not in [one.entry.name for one in started(store, JUNE).lines]


def test_an_entry_cannot_be_added_to_a_month_that_was_not_started(store: Store) -> None:
    with pytest.raises(NotFound, match="June 2026 is not started yet"):
        do(store, add_month_entry, JUNE, section=Section.FOOD, name="Feast", planned=1)


def test_the_same_month_entry_sent_twice_is_added_once(store: Store) -> None:
    for name in ("Feast", "Sent again"):
        do(store, add_month_entry, MAY, section=Section.FOOD, name=name, planned=1, id=UUID(int=77))
    assert shown(store, Section.FOOD) == ["Groceries", "Feast"]


@pytest.mark.parametrize(
    ("name", "planned", "notes", "field"),
    [
        ("  ", 1, None, "name"),
        ("x" * 121, 1, None, "name"),
        ("Feast", -1, None, "planned"),
        ("Feast", 1, "x" * 1025, "notes"),
    ],
)
def test_a_refused_entry_or_edit_names_its_field_and_leaves_no_trace(
    store: Store, name: str, planned: int, notes: str | None, field: str
) -> None:
    before, log = seen(store), changes(store)
    with pytest.raises(Refused) as refused:
        do(store, add_month_entry, MAY, section=Section.FOOD, name=name, planned=planned, notes=notes)
    assert refused.value.field == field
    with pytest.raises(Refused) as refused:
        do(store, edit_month_entry, entry(store, "Groceries").id, name=name, planned=planned, notes=notes)
    assert refused.value.field == field
    assert (seen(store), changes(store)) == (before, log)


def test_everything_may_be_edited_in_planning_and_in_active(store: Store) -> None:
    groceries = entry(store, "Groceries").id
    do(store, edit_month_entry, groceries, planned=1)
    posted(store, groceries)
    do(store, activate_month, MAY)
    do(store, edit_month_entry, groceries, planned=2)
    assert (line(store, "Groceries").entry.planned, line(store, "Groceries").applied) == (2, 1_000)


@pytest.mark.parametrize("edit", [{"name": "Food"}, {"planned": 1}, {"name": "Food", "planned": 1}])
def test_an_edited_copy_deviates_until_it_is_edited_back(store: Store, edit: dict[str, object]) -> None:
    groceries = entry(store, "Groceries")
    do(store, edit_month_entry, groceries.id, **edit)  # type: ignore[arg-type]  # the fields are a parameter
    edited = next(one for one in seen(store).lines if one.entry.id == groceries.id)
    assert edited.deviation is Deviation.EDITED
    assert (edited.entry.origin_name, edited.entry.origin_planned) == ("Groceries", 25_000)
    do(store, edit_month_entry, groceries.id, name="Groceries", planned=25_000)
    assert line(store, "Groceries").deviation is Deviation.UNCHANGED


def test_notes_postings_place_and_the_plan_never_make_an_entry_deviate(store: Store) -> None:
    groceries = entry(store, "Groceries")
    do(store, edit_month_entry, groceries.id, notes="Two guests")
    posted(store, groceries.id)
    do(store, move_month_entry, groceries.id, section=Section.OTHER, before=None)
    assert groceries.source is not None
    do(store, delete_plan_entry, groceries.source)
    assert line(store, "Groceries").deviation is Deviation.UNCHANGED


def test_what_is_left_is_planned_less_applied_and_sums_up_the_groups(store: Store) -> None:
    posted(store, entry(store, "Groceries").id, 30_000)
    posted(store, entry(store, "Pay").id, 100_000)
    assert line(store, "Groceries").left == -5_000
    view = seen(store)
    assert (view.income_planned, view.income_applied, view.spent, view.applied_zero) == (
        100_000, 100_000, 30_000, 70_000,
    )  # fmt: skip
    assert [group.left for group in view.groups] == [0, 75_000, 0, -5_000]


def test_an_edit_that_changes_nothing_is_no_change(store: Store) -> None:
    before = changes(store)
    do(store, edit_month_entry, entry(store, "Groceries").id, name="Groceries", planned=25_000, notes=" ")
    assert changes(store) == before


def test_month_entries_are_reordered_and_moved_between_sections(store: Store) -> None:
    for name in ("Bakery", "Market"):
        do(store, add_month_entry, MAY, section=Section.FOOD, name=name, planned=0)
    here = entry(store, "Groceries").id
    do(store, move_month_entry, entry(store, "Market").id, section=Section.FOOD, before=here)
    assert shown(store, Section.FOOD) == ["Market", "Groceries", "Bakery"]
    do(store, move_month_entry, here, section=Section.FIXED_BILL, before=entry(store, "Rent").id)
    assert shown(store, Section.FIXED_BILL) == ["Groceries", "Rent"]
    assert shown(store, Section.FOOD) == ["Market", "Bakery"]


def test_a_place_in_another_month_is_no_place_to_drop_on(store: Store) -> None:
    started(store, JUNE)
    with pytest.raises(NotFound, match="Try again"):
        do(store, move_month_entry, entry(store, "Groceries").id, section=Section.FOOD,
           before=entry(store, "Groceries", JUNE).id)  # fmt: skip


def test_a_deleted_entry_takes_its_postings_with_it_after_saying_how_many(store: Store) -> None:
    groceries = entry(store, "Groceries").id
    for amount in (100, 200, 300):
        posted(store, groceries, amount)
    rent = posted(store, entry(store, "Rent").id, 60_000)
    told = heard(store)
    assert line(store, "Groceries").postings == 3
    deleted = do(store, delete_month_entry, groceries)
    assert (deleted.name, deleted.postings) == ("Groceries", 3)
    assert [event.name for event in told[0].events] == ["posting_deleted"] * 3
    assert seen(store).spent == rent.amount
    with store.read() as work:
        assert work.postings(groceries) == []


def test_a_deleted_month_entry_cannot_be_edited_moved_or_deleted_again(store: Store) -> None:
    groceries = entry(store, "Groceries").id
    do(store, delete_month_entry, groceries)
    for verb in (edit_month_entry, delete_month_entry):
        with pytest.raises(NotFound, match="deleted meanwhile"):
            do(store, verb, groceries)
    with pytest.raises(NotFound, match="deleted meanwhile"):
        do(store, move_month_entry, groceries, section=Section.FOOD, before=None)


def test_deleting_from_a_month_leaves_the_plan(store: Store) -> None:
    do(store, delete_month_entry, entry(store, "Groceries").id)
    assert "Groceries" in [one.entry.name for one in started(store, JUNE).lines]


@pytest.mark.parametrize("name", ["Pay", "Rent", "Groceries"])
def test_a_months_debt_target_is_a_debt_and_nothing_else(store: Store, name: str) -> None:
    with pytest.raises(Refused, match="Choose a debt"):
        do(store, set_month_debt_target, MAY, entry(store, name).id)
    assert seen(store).debt_target is None


def test_a_months_debt_target_is_in_that_month(store: Store) -> None:
    started(store, JUNE)
    with pytest.raises(NotFound, match="not in May 2026"):
        do(store, set_month_debt_target, MAY, entry(store, "Car loan", JUNE).id)


def test_a_debt_target_counts_nowhere(store: Store) -> None:
    before = seen(store)
    do(store, set_month_debt_target, MAY, entry(store, "Car loan").id)
    after = seen(store)
    assert after.debt_target == entry(store, "Car loan")
    assert (after.planned_zero, after.applied_zero, after.spent) == (
        before.planned_zero, before.applied_zero, before.spent,
    )  # fmt: skip


def test_after_the_start_the_targets_of_plan_and_month_are_independent(store: Store) -> None:
    plan_entry(store, "Card", 1, Section.DEBT_MINIMUM)
    loan, card = plan_seen(store).debts
    do(store, set_plan_debt_target, card.id)
    started(store, JUNE)
    do(store, set_month_debt_target, JUNE, entry(store, "Car loan", JUNE).id)
    assert plan_seen(store).debt_target == card
    do(store, set_plan_debt_target, loan.id)
    do(store, set_month_debt_target, JUNE, None)
    assert (plan_seen(store).debt_target, seen(store, JUNE).debt_target, seen(store).debt_target) == (loan, None, None)


def test_deleting_the_debt_of_a_month_clears_its_target(store: Store) -> None:
    loan = entry(store, "Car loan").id
    do(store, set_month_debt_target, MAY, loan)
    do(store, delete_month_entry, loan)
    assert seen(store).month.debt_target is None


def test_moving_the_debt_of_a_month_away_clears_its_target_and_reordering_keeps_it(store: Store) -> None:
    loan = entry(store, "Car loan").id
    do(store, set_month_debt_target, MAY, loan)
    do(store, move_month_entry, loan, section=Section.DEBT_MINIMUM, before=None)
    assert seen(store).month.debt_target == loan
    do(store, move_month_entry, loan, section=Section.OTHER, before=None)
    assert seen(store).month.debt_target is None
