"""A device's household takes the place of the server's: all of it or nothing, and what was there is a backup."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from quartermaster.storage.backup import list_backups
from quartermaster.storage.doctor import examine
from quartermaster.storage.exchange import standing
from quartermaster.storage.succession import PREFIX
from quartermaster.sync.errors import OtherCurrency, OtherHousehold
from quartermaster.sync.host import BEFORE_REPLACEMENT
from tests.living import entry, line, plan_entry, posted, started
from tests.sync.replicas import Cut, Replica, assert_same, meet

Devices = Callable[[int], list[Replica]]
POSTINGS = 40


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for side in ("conversation", "host"):
        monkeypatch.setattr(f"quartermaster.sync.{side}.PAGE_BYTES", 2_000)


@pytest.fixture
def pair(devices: Devices) -> tuple[Replica, Replica]:
    """A laptop with a household of several pages, and a server with another one."""
    laptop, server = devices(2)
    for device in (laptop, server):
        plan_entry(device.store)
        started(device.store)
    groceries = entry(laptop.store, "Groceries").id
    for _ in range(POSTINGS):
        posted(laptop.store, groceries, 100)
    posted(server.store, entry(server.store, "Groceries").id, 7)
    return laptop, server


def household_of(device: Replica) -> UUID:
    with device.store.read() as work:
        return standing(work.connection).household


def left_beside(device: Replica) -> list[Path]:
    return list(device.path.parent.glob(f"{PREFIX}*"))


def test_the_server_s_household_is_replaced_whole_and_is_a_backup(pair: tuple[Replica, Replica]) -> None:
    laptop, server = pair
    outcome = meet(laptop, server, replace=household_of(server))
    assert outcome.sent == len([*range(POSTINGS)]) + 4
    assert_same([laptop, server])
    [backup] = list_backups(server.path.parent / "backups")
    assert backup.reason == BEFORE_REPLACEMENT
    assert examine(backup.path).findings == ()
    with_old = Replica(backup.path, 9)
    assert line(with_old.store, "Groceries").applied == 7
    with_old.close()
    assert left_beside(server) == []
    posted(server.store, entry(server.store, "Groceries").id, 1)
    posted(laptop.store, entry(laptop.store, "Groceries").id, 2)
    meet(laptop, server)
    assert line(laptop.store, "Groceries").applied == POSTINGS * 100 + 3
    assert_same([laptop, server])


def test_until_its_last_page_the_server_is_as_it_was(devices: Devices, pair: tuple[Replica, Replica]) -> None:
    laptop, server = pair
    [other] = devices(1)
    meet(other, server)
    theirs, before, cuts = household_of(server), (server.vector, server.rows_digest), 0
    while True:
        # A cut after the first page that went through this time, and a server that is started anew each time.
        laptop.hint = None
        try:
            outcome = meet(laptop, server, replace=theirs, cut_after=2, lost=cuts % 2 == 1)
        except Cut:
            cuts += 1
        else:
            break
        if server.vector == laptop.vector:
            continue
        assert (server.vector, server.rows_digest) == before
        assert list_backups(server.path.parent / "backups") == []
        meet(other, server)
        server.close()
        server.open()
    assert cuts > 2
    assert outcome.sent < POSTINGS
    assert [backup.reason for backup in list_backups(server.path.parent / "backups")] == [BEFORE_REPLACEMENT]
    assert left_beside(server) == []
    assert_same([laptop, server])
    with pytest.raises(OtherHousehold):
        meet(other, server)


def test_what_is_written_while_it_arrives_is_in_the_backup(pair: tuple[Replica, Replica]) -> None:
    laptop, server = pair
    theirs = household_of(server)
    with pytest.raises(Cut):
        meet(laptop, server, replace=theirs, cut_after=2)
    posted(server.store, entry(server.store, "Groceries").id, 1_000)
    posted(laptop.store, entry(laptop.store, "Groceries").id, 50)
    meet(laptop, server, replace=theirs)
    [backup] = list_backups(server.path.parent / "backups")
    with_old = Replica(backup.path, 9)
    assert line(with_old.store, "Groceries").applied == 1_007
    with_old.close()
    assert line(server.store, "Groceries").applied == POSTINGS * 100 + 50
    assert_same([laptop, server])


def test_of_two_devices_that_replace_it_at_once_the_second_is_asked_again(
    devices: Devices, pair: tuple[Replica, Replica]
) -> None:
    laptop, server = pair
    [third] = devices(1)
    plan_entry(third.store, "Of the third")
    theirs = household_of(server)
    with pytest.raises(Cut):
        meet(laptop, server, replace=theirs, cut_after=2)
    meet(third, server, replace=theirs)
    with pytest.raises(OtherHousehold):
        meet(laptop, server, replace=theirs)
    assert_same([third, server])


def test_one_that_keeps_other_money_than_was_set_is_refused(pair: tuple[Replica, Replica]) -> None:
    laptop, server = pair
    before = server.vector, server.rows_digest
    server.set_to("EUR")
    with pytest.raises(OtherCurrency):
        meet(laptop, server, replace=household_of(server))
    assert (server.vector, server.rows_digest) == before
