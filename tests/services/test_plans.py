"""The plan: adding, editing, ordering and deleting its entries, its sums and its debt target."""

from __future__ import annotations

import random
from datetime import date
from uuid import UUID

import pytest

from quartermaster.domain.errors import NotFound, Refused
from quartermaster.domain.section import Group, Section
from quartermaster.services.order import Spot, neighbour
from quartermaster.services.plans import (
    add_plan_entry,
    delete_plan_entry,
    edit_plan_entry,
    move_plan_entry,
    set_plan_debt_target,
)
from quartermaster.storage.store import Store
from quartermaster.storage.work import Work
from tests.living import MAY, plan_entry, plan_seen, seen, started
from tests.services.acting import changes, do, heard, household

GONE = UUID(int=0xDEAD)


def shown(store: Store, section: Section = Section.FOOD) -> list[str]:
    """The names of a section's entries, in their order."""
    groups = plan_seen(store).groups
    return [e.name for group in groups for held in group.sections if held.section is section for e in held.entries]


def test_a_new_entry_is_trimmed_and_stands_at_the_end_of_its_section(store: Store) -> None:
    for name in ("Groceries", "Bakery"):
        plan_entry(store, name)
    typed = {"name": "  Eating  out ", "notes": " once a week\n"}
    added = do(store, add_plan_entry, section=Section.FOOD, planned=0, id=UUID(int=0), **typed)
    assert (added.name, added.planned, added.notes) == ("Eating out", 0, "once a week")
    assert shown(store) == ["Groceries", "Bakery", "Eating out"]


def test_blank_notes_are_none(store: Store) -> None:
    added = do(store, add_plan_entry, section=Section.FOOD, name="Groceries", planned=1, notes=" \n ")
    assert added.notes is None
    do(store, edit_plan_entry, added.id, notes="Weekly")
    assert do(store, edit_plan_entry, added.id, notes="  ").notes is None


@pytest.mark.parametrize(
    ("name", "planned", "notes", "field"),
    [
        ("", 1, None, "name"),
        (" \t", 1, None, "name"),
        ("x" * 121, 1, None, "name"),
        ("Groceries", -1, None, "planned"),
        ("Groceries", 1, "x" * 1025, "notes"),
    ],
)
def test_a_refused_entry_names_its_field_and_leaves_no_trace(
    store: Store, name: str, planned: int, notes: str | None, field: str
) -> None:
    before = changes(store)
    with pytest.raises(Refused) as refused:
        do(store, add_plan_entry, section=Section.FOOD, name=name, planned=planned, notes=notes)
    assert refused.value.field == field
    assert plan_seen(store).is_empty
    assert changes(store) == before


def test_the_same_entry_sent_twice_is_added_once(store: Store) -> None:
    for name in ("Groceries", "Sent again"):
        do(store, add_plan_entry, section=Section.FOOD, name=name, planned=1, id=UUID(int=77))
    assert shown(store) == ["Groceries"]


def test_an_edit_changes_the_fields_that_it_names_and_no_other(store: Store) -> None:
    entry = do(store, add_plan_entry, section=Section.SINKING_FUND, name="Holidays", planned=9_000, notes="South")
    do(store, edit_plan_entry, entry.id, goal=240_000, goal_date=date(2027, 6, 1), opening_balance=35_000)
    edited = do(store, edit_plan_entry, entry.id, planned=10_000)
    assert (edited.name, edited.planned, edited.notes) == ("Holidays", 10_000, "South")
    assert (edited.goal, edited.goal_date, edited.opening_balance) == (240_000, date(2027, 6, 1), 35_000)
    assert do(store, edit_plan_entry, entry.id, goal_date=None).goal == 240_000
    assert shown(store, Section.SINKING_FUND) == ["Holidays"]


@pytest.mark.parametrize("field", ["goal", "opening_balance", "debt_balance"])
def test_an_amount_below_zero_is_refused_in_every_field_of_the_plan(store: Store, field: str) -> None:
    entry = plan_entry(store)
    with pytest.raises(Refused):
        do(store, edit_plan_entry, entry.id, **{field: -1})  # type: ignore[arg-type]  # its own fields
    with store.read() as work:
        assert work.plan_entry(entry.id) == entry


def test_a_debt_keeps_its_balance_and_rate(store: Store) -> None:
    debt = plan_entry(store, "Card", 9_500, Section.DEBT_MINIMUM)
    do(store, edit_plan_entry, debt.id, debt_balance=264_000, apr_basis_points=2149)
    [kept] = plan_seen(store).debts
    assert (kept.debt_balance, kept.apr_basis_points) == (264_000, 2149)


@pytest.mark.parametrize("points", [-1, 100_001])
def test_a_rate_out_of_range_is_refused(store: Store, points: int) -> None:
    debt = plan_entry(store, "Card", 9_500, Section.DEBT_MINIMUM)
    with pytest.raises(Refused, match="from 0 to 1,000 percent"):
        do(store, edit_plan_entry, debt.id, apr_basis_points=points)
    assert plan_seen(store).debts == (debt,)


def test_a_refused_edit_leaves_what_was(store: Store) -> None:
    entry = plan_entry(store)
    before = changes(store)
    with pytest.raises(Refused):
        do(store, edit_plan_entry, entry.id, name="Food", planned=-1)
    assert shown(store) == ["Groceries"]
    assert changes(store) == before


def test_an_edit_that_changes_nothing_is_no_change_and_no_event(store: Store) -> None:
    entry = plan_entry(store)
    told, before = heard(store), changes(store)
    do(store, edit_plan_entry, entry.id, name=" Groceries ", planned=entry.planned)
    assert changes(store) == before
    assert [event for committed in told for event in committed.events] == []


def test_an_edit_is_told_by_id_and_amount_and_never_by_name(store: Store) -> None:
    entry = plan_entry(store)
    told = heard(store)
    do(store, edit_plan_entry, entry.id, name="Secret", planned=1_234, notes="Also secret")
    [event] = told[0].events
    assert event.name == "template_entry_updated"
    assert event.fields == {"entry_id": str(entry.id), "section": "food", "planned": 1_234}


def test_the_plan_sums_its_sections_and_groups_and_stands_at_income_less_the_rest(store: Store) -> None:
    household(store)
    assert plan_seen(store).zero == 0
    do(store, add_plan_entry, section=Section.OTHER, name="Fun", planned=2_000)
    view = plan_seen(store)
    assert (view.income, view.zero) == (100_000, -2_000)
    assert {group.group: group.planned for group in view.groups} == {
        Group.INCOME: 100_000, Group.COMMITTED: 75_000, Group.SAVINGS: 0, Group.FLEXIBLE: 27_000,
    }  # fmt: skip


def test_entries_keep_the_order_that_a_person_gives_them(store: Store) -> None:
    ids = {name: plan_entry(store, name).id for name in "ABCDE"}
    line, chance = list("ABCDE"), random.Random(5)
    for _ in range(40):
        name = chance.choice(line)
        line.remove(name)
        before = chance.choice([*line, None])
        line.insert(len(line) if before is None else line.index(before), name)
        do(store, move_plan_entry, ids[name], section=Section.FOOD, before=ids[before] if before else None)
        assert shown(store) == line


def test_the_same_spot_never_runs_out_of_room(store: Store) -> None:
    first, last = plan_entry(store, "first"), plan_entry(store, "last")
    line = [plan_entry(store, str(number)) for number in range(30)]
    for entry in line:
        do(store, move_plan_entry, entry.id, section=Section.FOOD, before=last.id)
    assert shown(store) == [first.name, *(entry.name for entry in line), last.name]


def test_an_entry_moves_to_another_section_at_the_place_it_was_dropped(store: Store) -> None:
    coffee = plan_entry(store, "Coffee")
    music, films = (plan_entry(store, name, 1, Section.SUBSCRIPTION) for name in ("Music", "Films"))
    do(store, move_plan_entry, coffee.id, section=Section.SUBSCRIPTION, before=films.id)
    assert shown(store, Section.SUBSCRIPTION) == ["Music", "Coffee", "Films"]
    do(store, move_plan_entry, music.id, section=Section.FOOD, before=None)
    assert shown(store) == ["Music"]


def test_a_move_onto_an_entry_that_is_gone_is_refused_and_moves_nothing(store: Store) -> None:
    one, two = plan_entry(store, "one"), plan_entry(store, "two")
    do(store, delete_plan_entry, one.id)
    with pytest.raises(NotFound, match="Try again"):
        do(store, move_plan_entry, two.id, section=Section.FOOD, before=one.id)
    assert shown(store) == ["two"]


def test_a_step_up_or_down_passes_one_neighbour_and_stops_at_the_ends() -> None:
    a, b, c = line = [UUID(int=number) for number in (1, 2, 3)]
    assert neighbour(line, b, -1) == Spot(a)
    assert neighbour(line, a, 1) == Spot(c)
    assert neighbour(line, b, 1) == Spot(None)
    assert neighbour(line, a, -1) is neighbour(line, c, 1) is None


def test_a_deleted_entry_is_gone_and_cannot_be_edited_moved_or_deleted_again(store: Store) -> None:
    entry = plan_entry(store)
    deleted = do(store, delete_plan_entry, entry.id)
    assert (deleted.name, deleted.postings) == ("Groceries", 0)
    assert plan_seen(store).is_empty
    for verb in (edit_plan_entry, delete_plan_entry):
        with pytest.raises(NotFound, match="deleted meanwhile"):
            do(store, verb, entry.id)
    with pytest.raises(NotFound, match="deleted meanwhile"):
        do(store, move_plan_entry, entry.id, section=Section.FOOD, before=None)


@pytest.mark.parametrize("section", [section for section in Section if section is not Section.DEBT_MINIMUM])
def test_the_plans_debt_target_is_a_debt_and_nothing_else(store: Store, section: Section) -> None:
    other = plan_entry(store, "Other", 1, section)
    with pytest.raises(Refused, match="Choose a debt"):
        do(store, set_plan_debt_target, other.id)
    assert plan_seen(store).debt_target is None


def test_the_debt_target_counts_nowhere_and_can_be_taken_away(store: Store) -> None:
    household(store)
    [loan] = plan_seen(store).debts
    do(store, set_plan_debt_target, loan.id)
    assert (plan_seen(store).debt_target, plan_seen(store).zero) == (loan, 0)
    do(store, set_plan_debt_target, None)
    assert plan_seen(store).debt_target is None


def test_a_debt_that_is_gone_is_no_target(store: Store) -> None:
    with pytest.raises(NotFound):
        do(store, set_plan_debt_target, GONE)


def test_deleting_the_debt_clears_the_target(store: Store) -> None:
    debt = plan_entry(store, "Card", 1, Section.DEBT_MINIMUM)
    do(store, set_plan_debt_target, debt.id)
    do(store, delete_plan_entry, debt.id)
    assert plan_seen(store).household.debt_target is None


def test_moving_the_debt_away_clears_the_target_and_reordering_keeps_it(store: Store) -> None:
    card, loan = (plan_entry(store, name, 1, Section.DEBT_MINIMUM) for name in ("Card", "Loan"))
    do(store, set_plan_debt_target, card.id)
    do(store, move_plan_entry, card.id, section=Section.DEBT_MINIMUM, before=None)
    assert plan_seen(store).household.debt_target == card.id
    do(store, move_plan_entry, loan.id, section=Section.OTHER, before=None)
    assert plan_seen(store).household.debt_target == card.id
    do(store, move_plan_entry, card.id, section=Section.OTHER, before=None)
    assert plan_seen(store).household.debt_target is None


def test_what_a_merge_leaves_as_the_target_and_is_no_debt_is_shown_nowhere_and_copied_into_no_month(
    store: Store,
) -> None:
    card = plan_entry(store, "Card", 1, Section.DEBT_MINIMUM)
    do(store, set_plan_debt_target, card.id)
    started(store)
    copy = seen(store).debts[0]
    # One device moves it, which clears the target there, while another makes it the target again.
    for kind, record in (("plan_entry", card.id), ("month_entry", copy.id)):
        do(store, Work.set_fields, kind, record, {"section": Section.OTHER.value})
    assert plan_seen(store).debt_target is None
    assert seen(store).debt_target is None
    assert not [one for one in seen(store).lines if one.is_target]
    assert started(store, MAY.next).month.debt_target is None
