"""Two households become one: what was in either is in the result, once, and where a person looks for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from quartermaster.domain.errors import Refused
from quartermaster.domain.month import MonthEntry
from quartermaster.domain.plan import PlanEntry
from quartermaster.domain.posting import Posting
from quartermaster.domain.section import Section
from quartermaster.services.attention import attention
from quartermaster.services.joining import Holdings, Together, holdings, put_together
from quartermaster.services.months import (
    activate_month,
    add_month_entry,
    close_month,
    delete_month_entry,
    edit_month_entry,
    set_month_debt_target,
    start_month,
)
from quartermaster.services.plans import delete_plan_entry, edit_plan_entry, set_plan_debt_target
from quartermaster.services.postings import delete_posting, edit_posting
from quartermaster.storage.arrival import start_over
from quartermaster.storage.doctor import examine
from quartermaster.sync.errors import OtherHousehold
from tests.living import MAY, draft, entry, line, plan_entry, plan_seen, posted, seen, started
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


def holding(device: Replica) -> Holdings:
    with device.store.read() as work:
        return holdings(work)


def empty(device: Replica) -> None:
    with device.store.write() as work:
        start_over(work)
    device.hint = None


def put(laptop: Replica, server: Replica) -> Together:
    brought = holding(laptop)
    empty(laptop)
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
    brought = holding(laptop)
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


@pytest.fixture
def second(pair: Pair, tmp_path: Path) -> Replica:
    """Another laptop of the first one's household, which the first has put together with the server's meanwhile."""
    laptop, server = pair
    second = replica(tmp_path, 4)
    meet(second, laptop)
    put(laptop, server)
    return second


def test_the_second_laptop_of_a_household_brings_only_what_is_new(pair: Pair, second: Replica) -> None:
    _, server = pair
    posted(second.store, entry(second.store, "Gym", JUNE).id, 42, JUNE.first_day)
    before = shown(server)
    assert put(second, server) == Together(postings=1)
    assert line(server.store, "Gym", JUNE).applied == 42
    with server.store.write() as work:
        delete_posting(work, work.postings(entry(server.store, "Gym", JUNE).id)[0].id)
    assert shown(server) == before


def shown(device: Replica) -> list[tuple[str, int, int]]:
    return [
        (one.entry.name, one.entry.planned, one.applied)
        for month in (MAY, JUNE)
        for one in seen(device.store, month).lines
    ]


def test_what_was_renamed_moved_and_deleted_on_the_server_stays_so_when_the_second_laptop_comes(
    pair: Pair, second: Replica
) -> None:
    _, server = pair
    groceries, party = entry(server.store, "groceries"), entry(server.store, "Birthday party")
    with server.store.write() as work:
        [hers, _] = sorted(work.postings(groceries.id), key=lambda one: one.amount, reverse=True)
        [gym] = [one for one in work.plan_entries() if one.name == "Gym"]
        edit_posting(work, draft(party.id, hers.amount, hers.day, id=hers.id))
        edit_month_entry(work, groceries.id, name="Food shop")
        edit_month_entry(work, party.id, name="Party")
        edit_plan_entry(work, gym.id, name="Fitness", planned=5_000)
        edit_month_entry(work, entry(server.store, "Gym", JUNE).id, name="Fitness")
        activate_month(work, MAY)
    before, plan = shown(server), plan_seen(server.store)
    assert put(second, server) == Together()
    assert shown(server) == before
    assert plan_seen(server.store) == plan


def test_what_was_deleted_on_the_server_does_not_come_back_with_the_second_laptop(pair: Pair, second: Replica) -> None:
    _, server = pair
    with server.store.write() as work:
        [gym] = [one for one in work.plan_entries() if one.name == "Gym"]
        delete_plan_entry(work, gym.id)
        delete_month_entry(work, entry(server.store, "Gym", JUNE).id)
        delete_month_entry(work, entry(server.store, "groceries").id)
        delete_month_entry(work, entry(server.store, "Birthday party").id)
    before, plan = shown(server), plan_seen(server.store)
    assert put(second, server) == Together()
    assert shown(server) == before
    assert plan_seen(server.store) == plan


def test_a_new_posting_on_an_entry_that_was_deleted_on_the_server_counts_until_somebody_decides(
    pair: Pair, second: Replica
) -> None:
    _, server = pair
    with server.store.write() as work:
        delete_month_entry(work, entry(server.store, "Birthday party").id)
    posted(second.store, entry(second.store, "Birthday party").id, 42)
    assert put(second, server) == Together(postings=1)
    for device in (server, second):
        party = line(device.store, "Birthday party")
        assert (party.applied, party.is_stranded) == (42, True)


def test_two_laptops_that_come_at_once_bring_the_same_once(pair: Pair, tmp_path: Path) -> None:
    laptop, server = pair
    second = replica(tmp_path, 4)
    meet(second, laptop)
    offline = [holding(one) for one in (laptop, second)]
    for one, brought in zip((laptop, second), offline, strict=True):
        empty(one)
        meet(one, server)
        with one.store.write() as work:
            put_together(work, brought)
    for one in (laptop, second, laptop):
        meet(one, server)
    assert_same([laptop, second, server])
    assert [name for name, *_ in shown(server)] == ["groceries", "Birthday party", "Groceries", "Gym"]
    assert line(server.store, "groceries").applied == 3_000


def test_two_entries_of_one_name_stay_two_and_the_first_meets_the_server_s(tmp_path: Path) -> None:
    server, laptop = replica(tmp_path, 1), replica(tmp_path, 2)
    plan_entry(server.store, "Insurance", 70)
    started(server.store)
    for planned in (100, 50):
        plan_entry(laptop.store, "insurance", planned)
    for planned in (3, 4):
        started(laptop.store)
        with laptop.store.write() as work:
            add_month_entry(work, MAY, section=Section.OTHER, name="Gift", planned=planned)
    for one in seen(laptop.store).lines:
        posted(laptop.store, one.entry.id, one.entry.planned)
    second = replica(tmp_path, 3)
    meet(second, laptop)
    for device, added in ((laptop, Together(plan_entries=1, entries=3, postings=4)), (second, Together())):
        assert put(device, server) == added
        assert sorted(entry.planned for entry in plan_seen(server.store).entries) == [50, 70]
        lines = [(one.entry.name.lower(), one.entry.planned, one.applied) for one in seen(server.store).lines]
        assert sorted(lines) == [("gift", 3, 3), ("gift", 4, 4), ("insurance", 50, 50), ("insurance", 70, 100)]


def test_what_a_plan_entry_of_the_server_lacks_comes_along_and_what_it_has_stays(tmp_path: Path) -> None:
    server, laptop = replica(tmp_path, 1), replica(tmp_path, 2)
    for device, fields in ((server, {"goal": 500}), (laptop, {"goal": 900, "opening_balance": 40, "notes": "Tyres"})):
        car = plan_entry(device.store, "Car", 70, Section.SINKING_FUND)
        with device.store.write() as work:
            edit_plan_entry(work, car.id, **fields)
    put(laptop, server)
    [there] = plan_seen(server.store).entries
    assert (there.goal, there.opening_balance, there.notes) == (500, 40, "Tyres")


def corrected(device: Replica, posting: Posting, **fields: object) -> None:
    there = draft(posting.entry_id, posting.amount, posting.day, posting.payee, posting.description, posting.id)
    with device.store.write() as work:
        edit_posting(work, replace(there, **fields))  # type: ignore[arg-type]  # they are what they must be


def brought(device: Replica) -> Posting:
    """The posting that the first laptop brought, wherever it stands by now."""
    with device.store.read() as work:
        [posting] = [one for one, _ in work.all_postings() if one.amount != 1_000]
    return posting


def listed(device: Replica) -> list[tuple[str, object]]:
    with device.store.read() as work:
        return [(lost.edit.field, lost.edit.lost) for lost in attention(work).lost]


def test_what_the_second_laptop_corrected_in_a_posting_comes_along(pair: Pair, second: Replica) -> None:
    _, server = pair
    party = entry(second.store, "Birthday party")
    corrected(second, brought(second), amount=2_500, entry_id=party.id, payee="Marlow")
    assert put(second, server) == Together(corrected=1)
    for device in (server, second):
        there = brought(device)
        assert (there.amount, there.payee) == (2_500, "Marlow")
        assert line(device.store, "Birthday party").applied == 2_500
        assert listed(device) == []
    assert put(second, server) == Together()


def test_what_the_server_corrected_meanwhile_is_listed_where_the_second_laptop_corrected_the_same(
    pair: Pair, second: Replica
) -> None:
    _, server = pair
    corrected(server, brought(server), amount=3_000, description="of the server")
    corrected(second, brought(second), amount=2_500)
    put(second, server)
    for device in (server, second):
        assert (brought(device).amount, brought(device).description) == (2_500, "of the server")
        assert listed(device) == [("amount", 3_000)]
    assert_same([server, second])


def test_a_posting_that_the_second_laptop_deleted_does_not_come_back_to_it(pair: Pair, second: Replica) -> None:
    _, server = pair
    corrected(server, brought(server), description="of the server")
    with second.store.write() as work:
        delete_posting(work, brought(second).id)
    assert put(second, server) == Together(corrected=1)
    for device in (server, second):
        assert line(device.store, "groceries").applied == 1_000
        assert listed(device) == [("description", "of the server")]
    assert put(second, server) == Together()
    assert_same([server, second])


def test_what_the_second_laptop_corrected_in_a_posting_that_the_server_deleted_is_listed(
    pair: Pair, second: Replica
) -> None:
    _, server = pair
    with server.store.write() as work:
        delete_posting(work, brought(server).id)
    corrected(second, brought(second), amount=2_500)
    put(second, server)
    for device in (server, second):
        assert line(device.store, "groceries").applied == 1_000
        assert listed(device) == [("amount", 2_500)]


def test_what_another_device_had_corrected_before_is_no_correction_of_the_second_laptop(
    pair: Pair, tmp_path: Path
) -> None:
    laptop, server = pair
    corrected(laptop, brought(laptop), amount=2_100)
    second = replica(tmp_path, 4)
    meet(second, laptop)
    corrected(laptop, brought(laptop), amount=2_200)
    put(laptop, server)
    assert put(second, server) == Together()
    assert brought(second).amount == 2_200


@pytest.mark.parametrize("is_deleted", [False, True], ids=["edited", "deleted"])
def test_what_the_first_laptop_made_of_a_correction_is_listed_where_the_second_never_saw_it(
    pair: Pair, tmp_path: Path, *, is_deleted: bool
) -> None:
    laptop, server = pair
    second = replica(tmp_path, 4)
    meet(second, laptop)
    if is_deleted:
        with second.store.write() as work:
            delete_posting(work, brought(second).id)
    else:
        corrected(second, brought(second), amount=2_500)
        meet(second, laptop)
    corrected(laptop, brought(laptop), amount=2_600)
    put(laptop, server)
    assert put(second, server) == Together(corrected=1)
    for device in (server, second):
        assert line(device.store, "groceries").applied == (1_000 if is_deleted else 3_500)
    assert listed(second) == [("amount", 2_600)]
    assert put(second, server) == Together()
    assert_same([server, second])
