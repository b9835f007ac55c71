"""What devices are called and which are gone is the same on all of them; when they met is each one's own."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from quartermaster.domain.errors import NotFound, Refused
from quartermaster.services.devices import device_list, forget_device, rename_device
from quartermaster.services.undo import undo
from quartermaster.storage.arrival import start_over
from quartermaster.storage.devices import Device
from quartermaster.storage.doctor import examine
from quartermaster.storage.store import Committed
from quartermaster.storage.work import ARRIVED
from tests.living import plan_entry
from tests.sync.replicas import Replica, assert_same, meet, replica

MINUTE_MS = 60_000


@pytest.fixture
def three(tmp_path: Path) -> list[Replica]:
    """A server and two laptops in step, each of which has said something."""
    replicas = [replica(tmp_path, number) for number in range(3)]
    for one in replicas:
        meet(one, replicas[0]) if one.number else None
        plan_entry(one.store, f"Of {one.number}")
    for one in (replicas[1], replicas[2], replicas[1]):
        meet(one, replicas[0])
    return replicas


def identity(one: Replica) -> UUID:
    with one.store.read() as work:
        return work.device


def listed(one: Replica) -> dict[UUID, Device]:
    with one.store.read() as work:
        return {device.id: device for device in device_list(work)}


def called(one: Replica, other: Replica) -> str | None:
    return listed(one)[identity(other)].name


def test_a_name_that_is_given_on_one_device_is_shown_on_all(three: list[Replica]) -> None:
    server, laptop, other = three
    with laptop.store.write() as work:
        assert rename_device(work, identity(other), "  Kitchen laptop ") == "Kitchen laptop"
        rename_device(work, identity(laptop), "Sam’s")
    for one in (laptop, other):
        meet(one, server)
    assert {called(one, other) for one in three} == {"Kitchen laptop"}
    assert {called(one, laptop) for one in three} == {"Sam’s"}
    with other.store.write() as work:
        rename_device(work, identity(other), "Study")
    meet(other, server)
    meet(laptop, server)
    assert {called(one, other) for one in three} == {"Study"}
    assert_same(three)


def test_a_blank_name_is_refused_and_so_is_a_device_that_nobody_knows(three: list[Replica]) -> None:
    with three[0].store.write() as work:
        with pytest.raises(Refused):
            rename_device(work, work.device, "   ")
        with pytest.raises(NotFound):
            rename_device(work, uuid4(), "Nobody’s")
        with pytest.raises(Refused, match="the device that you are using"):
            forget_device(work, work.device)


def test_a_device_that_was_forgotten_is_gone_everywhere_until_it_says_more(three: list[Replica]) -> None:
    server, laptop, other = three
    gone = identity(other)
    with laptop.store.write() as work:
        forget_device(work, gone)
    meet(laptop, server)
    assert [gone in listed(one) for one in (server, laptop)] == [False, False]
    plan_entry(other.store, "Two years later")
    meet(other, server)
    meet(laptop, server)
    assert [gone in listed(one) for one in three] == [True, True, True]
    assert_same(three)


def test_to_forget_a_device_can_be_taken_back(three: list[Replica]) -> None:
    _, laptop, other = three
    with laptop.store.write() as work:
        action = forget_device(work, identity(other))
    with laptop.store.write() as work:
        undo(work, action)
    assert identity(other) in listed(laptop)
    with laptop.store.write() as work:
        forget_device(work, identity(other))
    assert identity(other) not in listed(laptop)


def test_of_each_device_it_is_known_when_it_said_something_last(three: list[Replica]) -> None:
    server, laptop, other = three
    for one in (laptop, other):
        one.clock.now_ms += MINUTE_MS * one.number
        plan_entry(one.store, "Once more")
        meet(one, server)
    assert [listed(server)[identity(one)].last_ms for one in (laptop, other)] == [
        laptop.clock.now_ms,
        other.clock.now_ms,
    ]


def test_the_server_knows_when_each_device_was_there_last_also_one_that_had_nothing_to_say(
    three: list[Replica], tmp_path: Path
) -> None:
    server, laptop, _ = three
    server.clock.now_ms += 60 * MINUTE_MS
    newcomer = replica(tmp_path, 3)
    meet(newcomer, server)
    meet(newcomer, server)
    known = listed(server)
    assert known[identity(newcomer)].met_ms == server.clock.now_ms
    assert known[identity(newcomer)].changes == 0
    assert known[identity(laptop)].met_ms == server.clock.now_ms - 60 * MINUTE_MS
    assert listed(newcomer)[identity(laptop)].met_ms is None


def test_to_give_a_name_does_not_make_a_device_one_that_holds_something(three: list[Replica], tmp_path: Path) -> None:
    newcomer = replica(tmp_path, 3)
    with newcomer.store.write() as work:
        rename_device(work, work.device, "New one")
    assert meet(newcomer, three[0]).joined


def named(one: Replica, name: str) -> None:
    with one.store.write() as work:
        rename_device(work, work.device, name)


def test_the_name_that_a_device_got_before_it_connected_is_its_name_in_the_household(
    three: list[Replica], tmp_path: Path
) -> None:
    newcomer = replica(tmp_path, 3)
    named(newcomer, "Kitchen laptop")
    meet(newcomer, three[0])
    meet(three[1], three[0])
    assert [called(one, newcomer) for one in (newcomer, *three[:2])] == ["Kitchen laptop"] * 3
    meet(newcomer, three[0])
    assert_same([newcomer, *three[:2]])


def test_the_name_of_a_server_that_held_nothing_yet_is_its_name_in_the_household_that_moves_in(
    three: list[Replica], tmp_path: Path
) -> None:
    server = replica(tmp_path, 3)
    named(server, "Homelab")
    meet(three[1], server)
    assert [called(one, server) for one in (server, three[1])] == ["Homelab"] * 2
    assert_same([server, three[1]])


def test_a_device_that_gives_its_household_up_keeps_its_name(three: list[Replica], tmp_path: Path) -> None:
    laptop = replica(tmp_path, 3)
    plan_entry(laptop.store, "Mine")
    named(laptop, "Kitchen laptop")
    with laptop.store.write() as work:
        start_over(work)
    assert called(laptop, laptop) == "Kitchen laptop"
    meet(laptop, three[0])
    assert called(three[0], laptop) == "Kitchen laptop"


def test_a_server_whose_household_is_replaced_keeps_its_name(three: list[Replica], tmp_path: Path) -> None:
    server, other = replica(tmp_path, 3), three[1]
    plan_entry(server.store, "Theirs")
    named(server, "Homelab")
    with server.store.read() as work:
        theirs = work.household().id
    meet(other, server, replace=theirs)
    meet(other, server)
    assert [called(one, server) for one in (server, other)] == ["Homelab"] * 2
    assert [device.name for device in listed(server).values()].count("Homelab") == 1
    assert_same([server, other])


def test_to_join_is_nothing_that_a_person_could_take_back(three: list[Replica], tmp_path: Path) -> None:
    newcomer = replica(tmp_path, 3)
    named(newcomer, "Kitchen laptop")
    committed: list[Committed] = []
    newcomer.store.listen(committed.append)
    meet(newcomer, three[0])
    assert {one.action for one in committed} <= {ARRIVED}
    assert examine(newcomer.path).findings == ()
