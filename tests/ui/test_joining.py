"""Going on with the household of a server: all of it or nothing, whatever happens on the way."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from nicegui.testing import User

from quartermaster.domain.errors import Refused
from quartermaster.domain.money import Money
from quartermaster.services.devices import device_list, rename_device
from quartermaster.services.postings import add_posting, add_postings
from quartermaster.storage.arrival import start_over
from quartermaster.storage.backup import BEFORE_JOINING, list_backups
from quartermaster.storage.doctor import examine
from quartermaster.storage.exchange import standing
from quartermaster.storage.store import Store
from quartermaster.storage.succession import PREFIX, sweep
from quartermaster.sync import conversation, host
from quartermaster.sync.errors import SyncFailure, Unreachable
from quartermaster.sync.line import Server
from quartermaster.sync.room import Sync
from quartermaster.sync.status import State
from quartermaster.ui.calls import Calls
from quartermaster.ui.joining import move_in_together, put_both_together, take_theirs
from quartermaster.ui.place import Place
from tests.living import draft, entry, line, plan_entry, posted, started
from tests.sync.conftest import devices
from tests.sync.proxying import PASSWORD, USER, Proxy
from tests.sync.replicas import Replica
from tests.sync.serving import Serving

__all__ = ["devices"]

MINE, THEIRS = 1_500, 500
KILLS, LONGEST_S = 10, 60.0


@pytest.fixture
def pair(devices: Callable[[int], list[Replica]]) -> tuple[Replica, Replica]:
    """A laptop and a server with two households, one posting in each."""
    laptop, server = devices(2)
    for device, cents in ((laptop, 2_000), (server, 1_000)):
        plan_entry(device.store)
        started(device.store)
        posted(device.store, entry(device.store, "Groceries").id, cents)
    return laptop, server


@pytest.fixture
def serving(pair: tuple[Replica, Replica]) -> Iterator[Serving]:
    with Serving(pair[1]) as serving:
        yield serving


@pytest.fixture
def calls(user: User, pair: tuple[Replica, Replica]) -> Calls:
    return Calls(pair[0].store, Money(), lambda: date(2026, 5, 17))


@pytest.fixture
def sync(calls: Calls) -> Sync:
    return Sync(calls.store, calls.use, backups=lambda: calls.place.backups, moved=calls.became_another)


def household_of(store: Store) -> UUID:
    with store.read() as work:
        return standing(work.connection).household


def assert_as_it_was(calls: Calls) -> None:
    """Nothing was replaced, nothing was backed up, nothing lies about."""
    assert line(calls.store, "Groceries").applied == 2_000
    assert list_backups(calls.place.backups) == []
    assert not list(calls.place.database.parent.glob(f"{PREFIX}*"))


async def test_the_server_s_household_moves_in_and_ours_is_a_backup(calls: Calls, sync: Sync, serving: Serving) -> None:
    theirs = household_of(serving.replica.store)
    before = await take_theirs(calls, sync, serving.server, theirs)
    assert household_of(calls.store) == theirs
    assert line(calls.store, "Groceries").applied == 1_000
    assert before.reason == BEFORE_JOINING
    assert examine(before.path).findings == examine(calls.store.path).findings == ()
    assert not list(calls.place.database.parent.glob(f"{PREFIX}*"))
    await sync.disconnect()


@pytest.mark.parametrize("way", [take_theirs, put_both_together])
async def test_a_device_keeps_its_name_in_the_household_that_it_goes_on_with(
    calls: Calls, sync: Sync, serving: Serving, way: Callable[..., object]
) -> None:
    with calls.store.write() as work:
        rename_device(work, work.device, "Kitchen laptop")
    await way(calls, sync, serving.server, household_of(serving.replica.store))  # type: ignore[misc]  # both are awaited
    with calls.store.read() as work:
        assert device_list(work)[0].name == "Kitchen laptop"
    await sync.disconnect()


async def test_what_is_posted_until_the_last_moment_is_brought_along(
    calls: Calls, sync: Sync, serving: Serving
) -> None:
    groceries, total = entry(calls.store, "Groceries").id, 2_000
    joining = asyncio.create_task(put_both_together(calls, sync, serving.server, household_of(serving.replica.store)))
    until = time.monotonic() + LONGEST_S
    with pytest.raises(Refused, match="deleted meanwhile"):
        # Refused as soon as the household is another one; if that fails, nothing ever is.
        while time.monotonic() < until and not (joining.done() and joining.exception()):
            await calls.write(add_posting, draft(groceries, 1))
            total += 1
    await joining
    assert total > 2_000
    assert line(calls.store, "Groceries").applied == total + 1_000
    assert examine(calls.store.path).findings == ()
    assert sync.client is not None
    await sync.client.exchange()
    assert line(serving.replica.store, "Groceries").applied == total + 1_000
    await sync.disconnect()


@pytest.mark.parametrize("way", [take_theirs, put_both_together])
async def test_a_server_that_goes_away_leaves_all_as_it_was(
    calls: Calls, sync: Sync, serving: Serving, way: Callable[..., object]
) -> None:
    theirs = household_of(serving.replica.store)
    with pytest.raises(SyncFailure):
        await way(calls, sync, Server(url="http://127.0.0.1:1"), theirs)  # type: ignore[misc]  # both are awaited
    assert_as_it_was(calls)
    with pytest.raises(SyncFailure, match="yet another household"):
        await way(calls, sync, serving.server, UUID(int=7))  # type: ignore[misc]  # the same
    assert_as_it_was(calls)
    assert sync.server is None


async def test_households_of_different_money_stay_apart(calls: Calls, sync: Sync, serving: Serving) -> None:
    with serving.replica.store.write() as work:
        start_over(work, "JPY")
    plan_entry(serving.replica.store, "Rice")
    with pytest.raises(Refused, match="cannot be put together"):
        await put_both_together(calls, sync, serving.server, household_of(serving.replica.store))
    assert_as_it_was(calls)
    await take_theirs(calls, sync, serving.server, household_of(serving.replica.store))
    assert calls.money.currency == "JPY"
    await sync.disconnect()


async def test_a_join_that_is_cut_leaves_no_page_with_the_money_of_before(
    calls: Calls, devices: Callable[[int], list[Replica]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for side in (conversation, host):
        monkeypatch.setattr(side, "PAGE_BYTES", 500)
    server, laptop = devices(2)
    with server.store.write() as work:
        start_over(work, "JPY")
    for name in ("Rice", "Tea", "Rent"):
        plan_entry(server.store, name)
    calls = Calls(laptop.store, Money(), calls.today)
    sync = Sync(calls.store, calls.use, backups=lambda: calls.place.backups, moved=calls.became_another)
    begun_anew = asyncio.Event()
    calls.live.replaced.subscribe(begun_anew.set)
    with Serving(server) as serving, Proxy(serving.url, most=1) as proxy, pytest.raises(Unreachable):
        await sync.connect(Server(url=proxy.url, user=USER, password=PASSWORD))
    assert calls.money.currency == "JPY"
    await asyncio.wait_for(begun_anew.wait(), LONGEST_S)


async def test_a_server_that_does_not_answer_by_then_is_only_offline(calls: Calls, sync: Sync) -> None:
    offline = asyncio.Event()
    sync.watch(lambda status: offline.set() if status is not None and status.state is State.OFFLINE else None)
    await sync.stay_with(Server(url="http://127.0.0.1:1"))
    await asyncio.wait_for(offline.wait(), LONGEST_S)
    assert sync.server == Server(url="http://127.0.0.1:1")
    await sync.disconnect()


def test_a_kill_at_any_moment_leaves_the_one_household_or_the_other_whole(pair: tuple[Replica, Replica]) -> None:
    laptop, server = pair
    for device, count in ((laptop, MINE), (server, THEIRS)):
        many = [draft(entry(device.store, "Groceries").id, 1) for _ in range(count)]
        with device.store.write() as work:
            add_postings(work, many)
    mine, both = 2_000 + MINE, 3_000 + MINE + THEIRS
    before = laptop.path.with_name("before.db")
    laptop.kept_as(before)
    chance, seen, taken_s = random.Random(5), {mine: 0, both: 0}, LONGEST_S
    for kill in range(KILLS + 1):
        restarted(laptop, before)
        received, began = laptop.path.with_name(f"received-{kill}.db"), time.monotonic()
        server.kept_as(received)
        backups = len(list_backups(Place.beside(laptop.path).backups))
        joining = start(received, laptop.path)
        # Most of the time is spent before anything is touched: half of the kills are aimed at what comes after it.
        while kill % 2 and len(list_backups(Place.beside(laptop.path).backups)) == backups and joining.is_alive():
            assert time.monotonic() - began < LONGEST_S
        joining.join(0.004 * chance.random() if kill % 2 else taken_s * chance.uniform(0.3, 1.0))
        joining.kill()
        joining.join(LONGEST_S)
        # The first one is let alone, and tells how long it takes.
        taken_s = min(taken_s, time.monotonic() - began) if not kill else taken_s
        laptop.open()
        seen[line(laptop.store, "Groceries").applied] += 1
        laptop.close()
        assert examine(laptop.path).findings == ()
    assert min(seen.values()) > 0


def restarted(laptop: Replica, before: Path) -> None:
    """The laptop as it was before, its file closed."""
    laptop.close()
    for path in laptop.path.parent.glob(f"{laptop.path.name}*"):
        path.unlink()
    laptop.path.write_bytes(before.read_bytes())


def start(received: Path, database: Path) -> multiprocessing.process.BaseProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.ui.test_joining"])
    process = context.Process(target=join_both, args=(received, database), daemon=True)
    process.start()
    return process


def join_both(received: Path, database: Path) -> None:
    store = Store(received, now_ms=lambda: time.time_ns() // 1_000_000, new_id=uuid4)
    move_in_together(store, Place.beside(database))


@pytest.mark.parametrize("prefix", [PREFIX, ".restore-", ".received-"])
def test_what_an_interrupted_joining_or_restore_left_is_gone_after_a_while(prefix: str, tmp_path: Path) -> None:
    old, of_a_server, going_on, foreign = (
        tmp_path / f"{prefix}{name}" for name in ("a1b2c3d4", "0" * 32, "e5f6_7x8", "points")
    )
    for folder in (old, of_a_server, going_on, foreign):
        folder.mkdir()
        (folder / "received.db").touch()
        if folder is not going_on:
            os.utime(folder, (0, 0))
    sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {going_on.name, foreign.name}
