"""Two households become one: what was in either is in the result, once, and where a person looks for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from quartermaster.domain.errors import Refused
from quartermaster.domain.month import MonthEntry
from quartermaster.domain.plan import PlanEntry
from quartermaster.domain.section import Section
from quartermaster.services.joining import Together, holdings, put_together
from quartermaster.services.months import (
    activate_month,
    add_month_entry,
    close_month,
    edit_month_entry,
    set_month_debt_target,
    start_month,
)
from quartermaster.services.plans import set_plan_debt_target
from quartermaster.storage.arrival import start_over
from quartermaster.storage.doctor import examine
from quartermaster.sync.errors import OtherHousehold
from tests.living import MAY, entry, line, plan_entry, plan_seen, posted, seen, started
from tests.sync.replicas import Replica, assert_same, meet, replica

JUNE = MAY.plus(1)
Pair = tuple[Replica, Replica]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """Two households that know nothing of each other, both with groceries in May."""
    server, laptop = replica(tmp_path, 1), replica(tmp_path, 2)
    for device, name in ((server, "groceries"), (laptop, "Groceries")):
        plan_entry(device.store, name)
        started(device.store)
        posted(device.store, entry(device.store, name).id, 1_000 * device.number)
    plan_entry(laptop.store, "Gym", 4_200, Section.SUBSCRIPTION)
    started(laptop.store, JUNE)
    with laptop.store.write() as work:
        add_month_entry(work, MAY, section=Section.OTHER, name="Birthday party", planned=5_000)
    return laptop, server


def put(laptop: Replica, server: Replica) -> Together:
    with laptop.store.read() as work:
        brought = holdings(work)
    with laptop.store.write() as work:
        start_over(work)
    meet(laptop, server)
    with laptop.store.write() as work:
        done = put_together(work, brought)
    meet(laptop, server)
    return done


def test_two_households_that_hold_something_never_mix_by_themselves(pair: Pair) -> None:
    with pytest.raises(OtherHousehold):
        meet(*pair)


def test_an_emptied_device_takes_the_server_s_household(pair: Pair) -> None:
    laptop, server = pair
    with laptop.store.write() as work:
        start_over(work)
    assert examine(laptop.path).findings == ()
    meet(laptop, server)
    assert line(laptop.store, "groceries").applied == 1_000
    assert laptop.rows_digest == server.rows_digest


def test_put_together_has_the_postings_of_both_on_one_entry(pair: Pair) -> None:
    laptop, server = pair
    assert put(laptop, server) == Together(plan_entries=1, months=1, entries=3, postings=1)
    for device in pair:
        both = line(device.store, "groceries")
        assert (both.applied, both.postings) == (3_000, 2)
        assert [one.entry.name for one in seen(device.store).lines] == ["groceries", "Birthday party"]
        assert {one.entry.name for one in seen(device.store, JUNE).lines} == {"Groceries", "Gym"}
        names = [one.name for group in plan_seen(device.store).groups for s in group.sections for one in s.entries]
        assert sorted(names) == ["Gym", "groceries"]
        assert examine(device.path).findings == ()


def test_a_month_that_the_server_closed_stays_closed_and_shows_that_it_is_out(pair: Pair) -> None:
    laptop, server = pair
    with server.store.write() as work:
        activate_month(work, MAY)
        pay = add_month_entry(work, MAY, section=Section.INCOME, name="Pay", planned=1_000)
    posted(server.store, pay.id, 1_000)
    with server.store.write() as work:
        close_month(work, MAY)
    put(laptop, server)
    assert not seen(server.store).is_open
    assert seen(server.store).applied_zero == -2_000


def test_debt_targets_come_along_where_the_server_has_none(pair: Pair) -> None:
    laptop, server = pair
    for device in (server, laptop):
        loan = plan_entry(device.store, "Car loan", 9_000, Section.DEBT_MINIMUM)
        card = plan_entry(device.store, "Card", 2_000, Section.DEBT_MINIMUM)
        with device.store.write() as work:
            set_plan_debt_target(work, loan.id if device is server else card.id)
    july = JUNE.next
    started(server.store, JUNE.previous.previous)
    started(laptop.store, july)
    with server.store.write() as work:
        start_month(work, JUNE)
        set_month_debt_target(work, JUNE, None)
        set_plan_debt_target(work, None)
    with laptop.store.write() as work:
        mine = add_month_entry(work, JUNE, section=Section.DEBT_MINIMUM, name="card", planned=2_000)
        set_month_debt_target(work, JUNE, mine.id)
    put(laptop, server)
    for device in pair:
        assert named(plan_seen(device.store).debt_target) == "Card"
        assert named(seen(device.store, JUNE).debt_target) == "Card"
        assert named(seen(device.store, july).debt_target) == "Card"
        assert named(seen(device.store, JUNE.previous.previous).debt_target) == "Car loan"


def test_households_that_keep_different_money_are_not_put_together(pair: Pair) -> None:
    laptop, server = pair
    with laptop.store.read() as work:
        brought = holdings(work)
    yen = replace(brought, household=replace(brought.household, currency="JPY"))
    with pytest.raises(Refused, match="USD and the other in JPY"), server.store.write() as work:
        put_together(work, yen)
    assert line(server.store, "groceries").postings == 1


def named(target: PlanEntry | MonthEntry | None) -> str | None:
    return target.name if target else None


def test_a_device_that_started_such_a_month_on_its_own_has_started_the_same_entries(pair: Pair, tmp_path: Path) -> None:
    laptop, server = pair
    with laptop.store.write() as work:
        edit_month_entry(work, entry(laptop.store, "Groceries", JUNE).id, planned=95_000)
    third = replica(tmp_path, 3)
    meet(third, server)
    third.clock.now_ms += 60_000
    started(third.store, JUNE)
    put(laptop, server)
    third.clock.now_ms += 60_000
    for device in (third, laptop):
        meet(device, server)
    for device in (*pair, third):
        lines = {one.entry.name.lower(): one.entry.planned for one in seen(device.store, JUNE).lines}
        assert len(seen(device.store, JUNE).lines) == len(lines)
        assert lines == {"groceries": 95_000, "gym": 4_200}
    assert_same([*pair, third])
