"""Taking what was lost in a merge, and making one of twins: by the rules that hold for what is typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from quartermaster.domain.errors import MonthClosed, OutOfBalance, OutsideMonth, Refused
from quartermaster.domain.month import Lifecycle, MonthState, is_namesake
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.attention import attention, leave_twins, make_one, take_lost
from quartermaster.services.months import (
    activate_month,
    add_month_entry,
    close_month,
    delete_month_entry,
    edit_month_entry,
    move_month_entry,
    reopen_month,
    set_month_debt_target,
)
from quartermaster.services.plans import edit_plan_entry, move_plan_entry, set_plan_debt_target
from quartermaster.services.postings import edit_posting
from quartermaster.services.sinking_funds import funds
from quartermaster.services.undo import undo
from quartermaster.storage.store import Store
from tests.living import MAY, draft, entry, line, plan_entry, plan_seen, posted, seen, started
from tests.services.acting import ask, do, heard
from tests.services.test_query_counts import queries
from tests.sync.replicas import Replica, meet, replica

JUNE = MAY.next
Pair = tuple[Replica, Replica]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """A laptop and a server with the same May and June, both active."""
    laptop, server = replica(tmp_path, 1), replica(tmp_path, 2)
    plan_entry(server.store, "Pay", 100_000, Section.INCOME)
    plan_entry(server.store)
    plan_entry(server.store, "Car loan", 9_000, Section.DEBT_MINIMUM)
    for month in (MAY, JUNE):
        started(server.store, month)
        do(server.store, activate_month, month)
    meet(laptop, server)
    return laptop, server


def later(device: Replica) -> None:
    """What this device does from now on wins over what the other one did so far."""
    device.clock.now_ms += 60_000


def take(device: Replica) -> None:
    """Take the one value that is listed as lost."""
    with device.store.write() as work:
        [lost] = attention(work).lost
        take_lost(work, lost.edit)


def listed(store: Store) -> list[str]:
    return [lost.edit.field for lost in ask(store, attention).lost]


def test_a_month_whose_closing_was_lost_closes_only_at_zero(pair: Pair) -> None:
    laptop, server = pair
    do(laptop.store, close_month, MAY)
    later(server)
    with server.store.write() as work:
        month = work.months()[0]
        work.edit(month, replace(month, lifecycle=replace(month.lifecycle, activated_ms=1)))
    posted(server.store, entry(server.store, "Groceries").id, 7)
    meet(laptop, server)
    assert listed(laptop.store) == ["lifecycle"]
    with pytest.raises(OutOfBalance):
        take(laptop)
    assert seen(laptop.store).month.state is MonthState.ACTIVE
    assert listed(laptop.store) == ["lifecycle"]
    posted(laptop.store, entry(laptop.store, "Pay").id, 7)
    told = heard(laptop.store)
    take(laptop)
    assert seen(laptop.store).month.state is MonthState.CLOSED
    assert [event.name for committed in told for event in committed.events] == ["month_closed"]
    assert listed(laptop.store) == []


def test_nothing_that_was_lost_comes_into_a_closed_month(pair: Pair) -> None:
    laptop, server = pair
    there = posted(server.store, entry(server.store, "Groceries").id, 500)
    meet(laptop, server)
    june = entry(laptop.store, "Groceries", JUNE).id
    do(laptop.store, edit_posting, draft(june, 500, date(2026, 6, 3), id=there.id))
    later(server)
    pay = entry(server.store, "Pay").id
    do(server.store, edit_posting, draft(pay, 500, id=there.id))
    do(server.store, edit_posting, draft(pay, 500, date(2026, 5, 20), id=there.id))
    do(server.store, close_month, JUNE)
    meet(laptop, server)
    lost = {one.edit.field: one.edit for one in ask(server.store, attention).lost}
    with pytest.raises(MonthClosed):
        do(server.store, take_lost, lost["entry_id"])
    with pytest.raises(OutsideMonth):
        do(server.store, take_lost, lost["day"])
    assert set(listed(server.store)) == {"entry_id", "day"}


def test_a_lost_move_to_another_section_clears_the_debt_target(pair: Pair) -> None:
    laptop, server = pair
    loan = entry(server.store, "Car loan").id
    do(laptop.store, move_month_entry, loan, section=Section.OTHER, before=None)
    later(server)
    do(server.store, move_month_entry, loan, section=Section.FOOD, before=None)
    do(server.store, move_month_entry, loan, section=Section.DEBT_MINIMUM, before=None)
    do(server.store, set_month_debt_target, MAY, loan)
    meet(laptop, server)
    assert "section" in listed(server.store)
    with server.store.write() as work:
        take_lost(work, next(one.edit for one in attention(work).lost if one.edit.field == "section"))
    assert entry(server.store, "Car loan").section is Section.OTHER
    assert seen(server.store).month.debt_target is None


def test_a_lost_deletion_of_a_posting_that_was_moved_deletes_it_with_its_event(pair: Pair) -> None:
    laptop, server = pair
    there = posted(server.store, entry(server.store, "Groceries").id, 300)
    meet(laptop, server)
    do(laptop.store, delete_month_entry, entry(laptop.store, "Groceries").id)
    later(server)
    do(server.store, edit_posting, draft(entry(server.store, "Car loan").id, 300, id=there.id))
    meet(laptop, server)
    assert line(server.store, "Car loan").applied == 300
    assert listed(server.store) == ["deleted"]
    told = heard(server.store)
    take(server)
    assert line(server.store, "Car loan").postings == 0
    assert [event.name for committed in told for event in committed.events] == ["posting_deleted"]


def test_what_was_deleted_comes_back_with_its_lost_edit_into_an_open_month_only(pair: Pair) -> None:
    laptop, server = pair
    groceries = entry(server.store, "Groceries").id
    do(laptop.store, edit_month_entry, groceries, planned=70_000)
    later(server)
    do(server.store, delete_month_entry, groceries)
    do(server.store, close_month, MAY)
    meet(laptop, server)
    with pytest.raises(MonthClosed):
        take(server)
    do(server.store, reopen_month, MAY)
    take(server)
    assert line(server.store, "Groceries").entry.planned == 70_000


def test_a_lost_figure_of_the_plan_is_an_edit_with_its_event(pair: Pair) -> None:
    laptop, server = pair
    with server.store.read() as work:
        groceries = next(one.id for one in work.plan_entries() if one.name == "Groceries")
    do(laptop.store, edit_plan_entry, groceries, planned=70_000)
    later(server)
    do(server.store, edit_plan_entry, groceries, planned=90_000)
    meet(laptop, server)
    told = heard(server.store)
    take(server)
    assert [event.fields["planned"] for committed in told for event in committed.events] == [70_000]


def test_a_month_does_not_go_back_to_planning(pair: Pair) -> None:
    laptop, server = pair
    month = seen(server.store).month
    with laptop.store.write() as work:
        work.edit(month, replace(month, lifecycle=Lifecycle()))
    later(server)
    do(server.store, close_month, MAY)
    meet(laptop, server)
    with pytest.raises(Refused, match="does not go back"):
        take(server)
    assert seen(server.store).month.state is MonthState.CLOSED


def test_the_debt_target_of_a_twin_points_at_the_one_that_stays(pair: Pair) -> None:
    laptop, server = pair
    for device in pair:
        do(device.store, add_month_entry, MAY, section=Section.DEBT_MINIMUM, name="Card", planned=2_000)
    meet(laptop, server)
    [twins] = ask(server.store, attention).twins
    do(server.store, set_month_debt_target, MAY, twins.entries[1].id)
    whole = do(server.store, make_one, twins)
    target = seen(server.store).debt_target
    assert target is not None
    assert (target.id, target.planned, target.notes) == (whole.id, 4_000, None)


def test_two_entries_of_one_name_in_the_plan_can_be_made_one_with_all_that_either_had(pair: Pair) -> None:
    laptop, server = pair
    for device, planned in ((laptop, 5_000), (server, 6_000)):
        added = plan_entry(device.store, "Insurance", planned, Section.DEBT_MINIMUM)
        later(device)
        do(device.store, edit_plan_entry, added.id, apr_basis_points=500 if device is laptop else None)
        do(device.store, set_plan_debt_target, added.id)
    meet(laptop, server)
    [twins] = ask(server.store, attention).twins
    assert (twins.month, sorted(twins.amounts)) == (None, [5_000, 6_000, 11_000])
    whole = do(server.store, make_one, twins, 6_000)
    meet(laptop, server)
    for device in pair:
        [insurance] = [debt for debt in plan_seen(device.store).debts if debt.name == "Insurance"]
        assert (insurance.planned, insurance.apr_basis_points) == (6_000, 500)
        assert plan_seen(device.store).debt_target == insurance == whole


def test_twins_that_a_person_leaves_are_listed_no_more_until_there_is_a_third(pair: Pair, tmp_path: Path) -> None:
    laptop, server = pair
    for device in pair:
        plan_entry(device.store, "Insurance", 5_000)
    meet(laptop, server)
    [twins] = ask(server.store, attention).twins
    do(server.store, leave_twins, twins)
    assert ask(server.store, attention).count == 0
    assert len(ask(laptop.store, attention).twins) == 1  # each device has a list of its own
    third = replica(tmp_path, 3)
    meet(third, server)
    plan_entry(third.store, "insurance", 5_000)
    meet(third, server)
    assert [len(one.entries) for one in ask(server.store, attention).twins] == [3]
    third.close()


@pytest.mark.parametrize(("one", "other"), [("Ärzte", "ärzte"), ("STRASSE", "Straße"), ("Cafe\u0301", "café")])
def test_one_name_is_one_name_whatever_its_capitals_in_every_alphabet(pair: Pair, one: str, other: str) -> None:
    for device, name in zip(pair, (one, other), strict=True):
        do(device.store, add_month_entry, MAY, section=Section.OTHER, name=name, planned=1)
    meet(*pair)
    assert [len(twins.entries) for twins in ask(pair[0].store, attention).twins] == [2]
    assert is_namesake(*ask(pair[0].store, attention).twins[0].entries)


def test_twins_in_a_closed_month_and_those_that_one_device_made_are_nobody_s_concern(pair: Pair) -> None:
    laptop, server = pair
    for device in pair:
        do(device.store, add_month_entry, JUNE, section=Section.OTHER, name="Gifts", planned=1)
    for _ in range(2):
        do(server.store, add_month_entry, MAY, section=Section.OTHER, name="Twice", planned=1)
    do(server.store, close_month, JUNE)
    meet(laptop, server)
    assert ask(server.store, attention).twins == ()


def test_what_lost_is_called_by_its_names(pair: Pair) -> None:
    laptop, server = pair
    plan_entry(server.store, "Student loan", 1_000, Section.DEBT_MINIMUM)
    posting = posted(server.store, entry(server.store, "Groceries").id)
    meet(laptop, server)
    later(server)
    to = {laptop: ("Pay", "Car loan"), server: ("Car loan", "Student loan")}
    for device in pair:
        later(device)
        name, debt = to[device]
        there = draft(entry(device.store, name).id, 1_000, posting.day, payee=None, id=posting.id)
        do(device.store, edit_posting, there)
        target = next(one.id for one in plan_seen(device.store).debts if one.name == debt)
        do(device.store, set_plan_debt_target, target)
    later(server)
    meet(laptop, server)
    lost = {one.edit.field: one for one in ask(server.store, attention).lost}
    assert (lost["debt_target"].about, lost["debt_target"].names[lost["debt_target"].edit.lost]) == (
        "The plan",
        "Car loan",
    )
    moved = lost["entry_id"]
    assert moved.about in ("A posting on Car loan", "A posting on Pay")
    assert {moved.names[moved.edit.lost], moved.names[moved.edit.values["entry_id"]]} == {"Pay", "Car loan"}
    assert moved.month == MAY


def test_the_list_asks_as_often_for_many_lost_edits_as_for_one(pair: Pair) -> None:
    laptop, server = pair

    def conflict(month: YearMonth) -> None:
        for device in pair:
            later(device)
            for name in ("Pay", "Groceries", "Car loan"):
                do(device.store, edit_month_entry, entry(device.store, name, month).id, planned=device.number)
        meet(laptop, server)

    conflict(MAY)
    few = queries(server.store, attention)
    conflict(JUNE)
    assert len(ask(server.store, attention).lost) == 6
    assert queries(server.store, attention) == few


def test_two_devices_that_make_one_of_the_same_twins_in_other_orders_keep_the_same(pair: Pair) -> None:
    laptop, server = pair
    for device in pair:
        plan_entry(device.store, "Gym", 5_000)
        added = do(device.store, add_month_entry, MAY, section=Section.FOOD, name="Gym", planned=5_000)
        posted(device.store, added.id, 100 * device.number)
    meet(laptop, server)
    for twins in ask(server.store, attention).twins:
        first, last = twins.entries
        verb = move_month_entry if twins.month else move_plan_entry
        do(server.store, verb, last.id, section=Section.FOOD, before=first.id)
    for device in pair:
        for twins in ask(device.store, attention).twins:
            do(device.store, make_one, twins, 5_000)
    meet(laptop, server)
    for device in pair:
        assert [one.name for one in plan_seen(device.store).entries].count("Gym") == 1
        gym = line(device.store, "Gym")
        assert (gym.applied, gym.is_stranded) == (300, False)
        assert ask(device.store, attention).count == 0


def test_a_fund_that_is_made_of_two_holds_what_both_did_whatever_month_it_is_in(pair: Pair) -> None:
    laptop, server = pair
    for device in pair:
        fund = plan_entry(device.store, "Car", 5_000, Section.SINKING_FUND)
        do(device.store, edit_plan_entry, fund.id, opening_balance=1_000 * device.number)
        archived, still_open = JUNE.plus(device.number), JUNE.plus(device.number + 2)
        for month in (archived, still_open):
            started(device.store, month)
            for name in ("Car", "Pay"):
                posted(device.store, entry(device.store, name, month).id, 10**device.number, month.first_day)
        do(device.store, activate_month, archived)
        do(device.store, close_month, archived)
    meet(laptop, server)
    [twins] = ask(server.store, attention).twins
    whole = do(server.store, make_one, twins, 5_000)
    meet(laptop, server)
    for device in pair:
        assert balance(device, whole.id) == 3_220
        assert ask(device.store, attention).count == 0
        for month in (JUNE.plus(3), JUNE.plus(4)):
            [car] = [one for one in seen(device.store, month).lines if one.entry.name == "Car"]
            posted(device.store, car.entry.id, 1, month.last_day)
    meet(laptop, server)
    assert balance(server, whole.id) == balance(laptop, whole.id) == 3_224


def test_a_month_that_began_with_two_funds_of_one_name_has_one_when_they_are_made_one(pair: Pair) -> None:
    laptop, server = pair
    for device in pair:
        plan_entry(device.store, "Car", 5_000, Section.SINKING_FUND)
    meet(laptop, server)
    july = JUNE.next
    before = started(server.store, july)
    cars = [one.entry for one in before.lines if one.entry.name == "Car"]
    for car, cents in zip(cars, (100, 20), strict=True):
        posted(server.store, car.id, cents, july.first_day)
        do(server.store, edit_month_entry, car.id, notes=f"{cents}")
    [twins] = ask(server.store, attention).twins
    with server.store.write() as work:
        whole, action = make_one(work, twins, 5_000), work.acted()
    [one] = [one for one in seen(server.store, july).lines if one.entry.name == "Car"]
    assert (one.entry.planned, one.applied, sorted((one.entry.notes or "").split())) == (10_000, 120, ["100", "20"])
    assert seen(server.store, july).planned_zero == before.planned_zero
    assert balance(server, whole.id) == 120
    do(server.store, undo, action)
    assert sorted(one.applied for one in seen(server.store, july).lines if one.applied) == [20, 100]
    assert sorted(balance(server, entry.id) for entry in twins.entries) == [20, 100]


def balance(device: Replica, fund: UUID) -> int:
    with device.store.read() as work:
        return funds(work, work.plan_entries(), YearMonth(2999, 12))[fund].balance
