"""Messages that are what they must be, from a device that means harm: they keep nobody else from syncing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from quartermaster.services.plans import move_plan_entry
from quartermaster.storage.change import EDIT, INSERT
from quartermaster.storage.exchange import MOST_STRANGERS
from quartermaster.storage.kinds import KINDS
from quartermaster.storage.merge import DELETED
from quartermaster.storage.shapes import FIELDS, MOST_WHOLE
from quartermaster.sync.errors import Rejected
from tests.living import plan_entry
from tests.sync.forging import LATER, NASTY, changed_pair, changes_of, of_many_devices, offer
from tests.sync.replicas import Replica, assert_same, meet


@pytest.fixture
def pair(devices: Callable[[int], list[Replica]]) -> tuple[Replica, Replica]:
    return changed_pair(devices)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_field_that_is_kept_is_checked_when_it_arrives(kind: str) -> None:
    assert FIELDS[kind].keys() | {DELETED} == KINDS[kind].fields.keys()


@pytest.mark.parametrize("said", [{}, {"schema": LATER}], ids=["of this version", "of a later one"])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_value_that_a_field_takes_can_break_the_row(
    pair: tuple[Replica, Replica], kind: str, said: dict[str, str]
) -> None:
    """Each nasty value in each field, said by a device whose chain is right: refused, or stored and read again."""
    server, laptop = pair
    meet(laptop, server)
    [insert] = [change for change in changes_of(laptop, server) if (change.kind, change.op) == (kind, INSERT)][:1]
    for name in [*FIELDS[kind], DELETED]:
        for value in NASTY:
            told = replace(insert, op=EDIT, fields={name: value}, counter=1, action=1, seen=None)
            offer(server, told, **said)
            told = replace(told, op=INSERT, fields={**insert.fields, name: value}, record=UUID(int=5))
            offer(server, told, **said)
    with server.store.read() as work:
        work.household()
        for month in work.months():
            work.month_entries(month.id)
            work.applied(month.id)
        work.plan_entries()
        work.section_totals()


@pytest.mark.parametrize("stamp", [-1, 2**63, 2**62, MOST_WHOLE])
def test_a_stamp_that_no_clock_shows_is_refused(pair: tuple[Replica, Replica], stamp: int) -> None:
    server, laptop = pair
    change = replace(changes_of(laptop, server)[0], stamp=stamp, counter=1, action=1)
    before = server.vector
    offer(server, change)
    assert server.vector == before


def test_a_forged_late_stamp_locks_nobody_out(pair: tuple[Replica, Replica]) -> None:
    server, laptop = pair
    offer(server, replace(changes_of(laptop, server)[1], stamp=2**62 - 1, counter=1, action=1))
    meet(laptop, server)
    plan_entry(laptop.store, "After the end of time")
    meet(laptop, server)
    plan_entry(server.store, "And later")
    meet(laptop, server)
    assert_same([server, laptop])


def test_one_id_under_two_kinds_is_two_records(pair: tuple[Replica, Replica]) -> None:
    server, laptop = pair
    meet(laptop, server)
    inserts = {change.kind: change for change in changes_of(laptop, server) if change.op == INSERT}
    shared = UUID(int=7)
    for kind in ("posting", "plan_entry"):
        # Under one device and then the other, and an edit of each before it was there.
        edit = replace(inserts[kind], record=shared, op=EDIT, counter=1, action=1)
        offer(server, edit)
        offer(server, replace(edit, op=INSERT))
    assert sum(change.record == shared for change in changes_of(server, laptop)) == 4
    meet(laptop, server)
    assert_same([server, laptop])
    for one in (server, laptop):
        plan_entry(one.store, "Still in step")
        meet(laptop, server)


@pytest.mark.parametrize("place", [2**60, -(2**60)])
def test_the_last_position_that_there_is_keeps_nobody_from_adding_and_moving(
    pair: tuple[Replica, Replica], place: int
) -> None:
    server, laptop = pair
    meet(laptop, server)
    [insert, *_] = [change for change in changes_of(laptop, server) if change.kind == "plan_entry"]
    at_the_end = replace(
        insert, record=UUID(int=7), fields={**insert.fields, "position": place}, counter=1, action=1, seen=None
    )
    offer(server, at_the_end)
    with server.store.read() as work:
        assert work.plan_entry(UUID(int=7)) is not None
    added = plan_entry(server.store, "After it")
    for before in (UUID(int=7), None, UUID(int=7)):
        with server.store.write() as work:
            move_plan_entry(work, added.id, section=added.section, before=before)
            order = [entry.id for entry in work.plan_entries() if entry.section is added.section]
            assert order.index(added.id) < order.index(UUID(int=7)) if before else order[-1] == added.id
        meet(laptop, server)
    assert_same([server, laptop])


UNUSABLE: dict[str, tuple[str, dict[str, Any]]] = {
    "a currency that nobody knows": ("household", {"currency": "XQZ"}),
    "another currency": ("household", {"currency": "JPY"}),
    "a moment that no calendar shows": ("month", {"lifecycle": ["closed", 2**63 - 1, 2**63 - 1]}),
    "a rate that no projection bears": ("plan_entry", {"apr_basis_points": 10**13}),
}


@pytest.mark.parametrize(("kind", "fields"), UNUSABLE.values(), ids=UNUSABLE.keys())
def test_what_no_page_could_show_is_refused(pair: tuple[Replica, Replica], kind: str, fields: dict[str, Any]) -> None:
    server, laptop = pair
    meet(laptop, server)
    [insert, *_] = [change for change in changes_of(laptop, server) if (change.kind, change.op) == (kind, INSERT)]
    before = server.vector
    offer(server, replace(insert, op=EDIT, fields=fields, counter=1, action=1))
    assert server.vector == before


def test_many_devices_that_nobody_knows_come_a_few_at_a_time(pair: tuple[Replica, Replica]) -> None:
    server, laptop = pair
    meet(laptop, server)
    change = replace(changes_of(laptop, server)[1], counter=1, action=1)
    for _ in range(MOST_STRANGERS + 5):
        offer(server, change)
    outcome = meet(laptop, server)
    assert outcome.received == MOST_STRANGERS + 5
    assert_same([server, laptop])


def test_whoever_brings_nonsense_under_many_names_keeps_no_other_device_out(
    pair: tuple[Replica, Replica], devices: Callable[[int], list[Replica]], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, laptop = pair
    meet(laptop, server)
    before = server.vector
    with pytest.raises(Rejected, match="more than 100 devices"):
        server.host.answer(of_many_devices(laptop, MOST_STRANGERS + 1))
    assert server.vector == before
    monkeypatch.setattr("quartermaster.storage.arrival.MOST_DEVICES", 50)
    monkeypatch.setattr("quartermaster.storage.arrival.FOR_SPEAKERS", 20)
    server.host.answer(of_many_devices(laptop, 20))
    with pytest.raises(Rejected, match="more than 30 devices"):
        server.host.answer(of_many_devices(laptop, 20))
    [newcomer] = devices(1)
    meet(newcomer, server)
    plan_entry(newcomer.store, "Still welcome")
    meet(newcomer, server)
    assert_same([server, newcomer])


def test_so_many_devices_that_nobody_could_name_them_are_refused(
    pair: tuple[Replica, Replica], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quartermaster.storage.arrival.MOST_DEVICES", 4)
    server, laptop = pair
    change = replace(changes_of(laptop, server)[1], counter=1, action=1)
    for _ in range(6):
        offer(server, change)
    assert len(server.vector) == 4
