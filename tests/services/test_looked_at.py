"""All that a merge leaves to be looked at: counted once, and each lost value taken by the rule for typing it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from quartermaster.domain.errors import MonthClosed, NotFound
from quartermaster.domain.month import MonthState
from quartermaster.domain.section import Section
from quartermaster.services.attention import Attention, attention, leave_twins, make_one, take_lost
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
from quartermaster.services.plans import delete_plan_entry, edit_plan_entry, set_plan_debt_target
from quartermaster.services.postings import add_posting, delete_posting
from quartermaster.services.undo import undo
from quartermaster.storage.store import Store
from tests.living import MAY, draft, entry, plan_entry, plan_seen, posted, seen, started
from tests.services.acting import ask, do
from tests.sync.replicas import Replica, meet, replica

JUNE = MAY.next
Pair = tuple[Replica, Replica]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """A laptop and a server with the same May and June, both active, and two debts on the plan."""
    laptop, server = replica(tmp_path, 1), replica(tmp_path, 2)
    plan_entry(server.store, "Groceries")
    for name in ("Loan", "Card"):
        plan_entry(server.store, name, 1_000, Section.DEBT_MINIMUM)
    for month in (MAY, JUNE):
        started(server.store, month)
        do(server.store, activate_month, month)
    meet(laptop, server)
    return laptop, server


def later(device: Replica) -> None:
    """What this device does from now on wins over what the other one did so far."""
    device.clock.now_ms += 60_000


def looked_at(store: Store) -> Attention:
    return ask(store, attention)


def fields(store: Store) -> list[str]:
    return [lost.edit.field for lost in looked_at(store).lost]


def take(store: Store) -> None:
    """Take the one value that is listed as lost."""
    [lost] = looked_at(store).lost
    do(store, take_lost, lost.edit)


def test_each_thing_to_look_at_is_counted_once_and_an_open_month_may_be_out(pair: Pair) -> None:
    laptop, server = pair
    posted(server.store, entry(server.store, "Groceries").id)
    do(laptop.store, close_month, JUNE)
    do(laptop.store, delete_month_entry, entry(laptop.store, "Loan").id)
    do(server.store, add_posting, draft(entry(server.store, "Groceries", JUNE).id, 500, date(2026, 6, 3)))
    posted(server.store, entry(server.store, "Loan").id)
    for device in pair:
        plan_entry(device.store, "Gym")
        do(device.store, edit_month_entry, entry(device.store, "Card").id, planned=device.number)
    meet(laptop, server)
    for device in pair:
        now = looked_at(device.store)
        assert [month.year_month for month in now.out_of_balance] == [JUNE]
        assert [len(some) for some in (now.stranded, now.twins, now.lost)] == [1, 1, 1]
        assert now.count == 4


def test_a_lost_debt_target_of_the_plan_can_be_taken(pair: Pair) -> None:
    for device, debt in zip(pair, plan_seen(pair[0].store).debts, strict=True):
        later(device)
        do(device.store, set_plan_debt_target, debt.id)
    later(pair[1])
    meet(*pair)
    [lost] = looked_at(pair[1].store).lost
    take(pair[1].store)
    target = plan_seen(pair[1].store).debt_target
    assert target is not None
    assert target.id.hex == lost.edit.lost
    assert fields(pair[1].store) == []


def test_a_debt_target_that_a_merge_left_on_no_debt_is_none(pair: Pair) -> None:
    laptop, server = pair
    loan = entry(server.store, "Loan").id
    do(laptop.store, move_month_entry, loan, section=Section.OTHER, before=None)
    later(server)
    do(server.store, set_month_debt_target, MAY, loan)
    meet(laptop, server)
    for device in pair:
        now = seen(device.store)
        assert (now.month.debt_target, now.debt_target) == (loan, None)
        assert [debt.name for debt in now.debts] == ["Card"]


def test_a_lost_deletion_from_the_plan_can_be_taken(pair: Pair) -> None:
    laptop, server = pair
    groceries = plan_seen(server.store).entries[-1].id
    do(laptop.store, delete_plan_entry, groceries)
    later(server)
    deleted = do(server.store, delete_plan_entry, groceries)
    do(server.store, undo, deleted.action)
    meet(laptop, server)
    assert fields(laptop.store) == ["deleted"]
    take(laptop.store)
    assert groceries not in {one.id for one in plan_seen(laptop.store).entries}


def test_what_came_back_and_was_deleted_elsewhere_comes_back_into_an_open_month_only(pair: Pair) -> None:
    laptop, server = pair
    there = posted(server.store, entry(server.store, "Groceries").id)
    meet(laptop, server)
    deleted = do(laptop.store, delete_posting, there.id)
    do(laptop.store, undo, deleted.action)
    later(server)
    do(server.store, delete_posting, there.id)
    do(server.store, close_month, MAY)
    meet(laptop, server)
    assert fields(server.store) == ["deleted"]
    with pytest.raises(MonthClosed):
        take(server.store)
    do(server.store, reopen_month, MAY)
    take(server.store)
    assert [line.applied for line in seen(server.store).lines if line.entry.name == "Groceries"] == [there.amount]


def test_two_states_of_a_month_are_two_also_where_they_began_at_once_and_two_closings_are_one(pair: Pair) -> None:
    laptop, server = pair
    july = JUNE.next
    started(server.store, july)
    meet(laptop, server)
    for device in pair:
        later(device)
        do(device.store, activate_month, july)
        do(device.store, close_month, JUNE)
    later(server)
    do(server.store, close_month, july)
    meet(laptop, server)
    assert fields(server.store) == ["lifecycle"]
    take(server.store)
    assert [seen(server.store, month).month.state for month in (JUNE, july)] == [MonthState.CLOSED, MonthState.ACTIVE]


def test_twins_of_a_month_that_a_person_leaves_are_listed_no_more_until_there_is_a_third(
    pair: Pair, tmp_path: Path
) -> None:
    third = replica(tmp_path, 3)
    meet(third, pair[1])
    for device in (*pair, third):
        do(device.store, add_month_entry, MAY, section=Section.OTHER, name="Gifts", planned=1)
    meet(*pair)
    [twins] = looked_at(pair[0].store).twins
    assert twins.month == MAY
    do(pair[0].store, leave_twins, twins)
    assert looked_at(pair[0].store).twins == ()
    meet(third, pair[1])
    meet(*pair)
    assert [len(one.entries) for one in looked_at(pair[0].store).twins] == [3]
    third.close()


def test_twins_of_which_one_was_deleted_meanwhile_stay_as_they_are(pair: Pair) -> None:
    for device in pair:
        plan_entry(device.store, "Gym", 500)
    meet(*pair)
    store = pair[0].store
    [twins] = looked_at(store).twins
    do(store, delete_plan_entry, twins.entries[1].id)
    with pytest.raises(NotFound, match="deleted meanwhile"):
        do(store, make_one, twins)
    do(store, edit_plan_entry, twins.entries[0].id, notes=" ")
    assert next(one for one in plan_seen(store).entries if one.name == "Gym").planned == 500
