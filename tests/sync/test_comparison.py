"""`quartermaster doctor --against URL`: where this file and a server differ is said, and nothing is changed."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from quartermaster.services.devices import rename_device
from quartermaster.sync.comparison import SHOWN, compare
from quartermaster.sync.errors import OtherHousehold
from tests.living import entry, plan_entry, posted, started
from tests.running import command
from tests.sync.proxying import PASSWORD, USER, Proxy
from tests.sync.replicas import Replica, meet
from tests.sync.serving import Serving

OK, FINDING, UNREACHABLE, REFUSED = 0, 1, 3, 4


@pytest.fixture
def server(serving: Serving, laptop: Replica) -> Replica:
    """In step with the laptop."""
    plan_entry(laptop.store)
    started(laptop.store)
    groceries = entry(laptop.store, "Groceries").id
    for amount in range(1, 41):
        posted(laptop.store, groceries, amount)
    meet(laptop, serving.replica)
    return serving.replica


def damage(replica: Replica, sql: str) -> None:
    with closing(sqlite3.connect(replica.path)) as connection:
        connection.execute(sql)
        connection.commit()


async def test_two_that_are_in_step_hold_the_same(serving: Serving, server: Replica, laptop: Replica) -> None:
    before = server.vector, laptop.vector
    assert await compare(laptop.store, serving.server) == []
    assert (server.vector, laptop.vector) == before


async def test_changes_that_only_one_side_has_are_told_by_device(
    serving: Serving, server: Replica, laptop: Replica
) -> None:
    with laptop.store.write() as work:
        rename_device(work, work.device, "Sam’s")
        me = work.device
    plan_entry(server.store, "Rent")
    with server.store.read() as work:
        other = work.device
    found = await compare(laptop.store, serving.server)
    assert sorted(found) == sorted(
        [
            f"changes: device {me} (Sam’s) has said 45 here and 44 there",
            f"changes: device {other} has said 0 here and 1 there",
            "rows: they can be compared once both know the same. Sync, then ask again",
        ]
    )


async def test_a_copy_that_said_something_else_is_told(serving: Serving, server: Replica, laptop: Replica) -> None:
    with laptop.store.read() as work:
        me = work.device
    laptop.copied_to(server)
    serving.sync._store.reopen(server.path)
    plan_entry(laptop.store, "Here")
    plan_entry(server.store, "There")
    found = await compare(laptop.store, serving.server)
    assert found[0] == f"changes: device {me} said one thing here and another there; an exchange keeps both"


@pytest.mark.parametrize("whose", ["here", "there"])
async def test_rows_that_differ_although_both_know_the_same_are_named(
    serving: Serving, server: Replica, laptop: Replica, whose: str
) -> None:
    damage(laptop if whose == "here" else server, "UPDATE posting SET amount = amount + 100 WHERE amount IN (7, 9)")
    with laptop.store.read() as work:
        [month] = work.months()
        [groceries] = work.month_entries(month.id)
        touched = [one.id for one in work.postings(groceries.id) if one.amount % 100 in (7, 9)]
    found = await compare(laptop.store, serving.server)
    assert sorted(found) == sorted(f"rows: posting {one} is not the same" for one in touched)


async def test_very_many_rows_are_named_up_to_a_number(serving: Serving, server: Replica, laptop: Replica) -> None:
    damage(laptop, "UPDATE posting SET amount = amount + 100")
    found = await compare(laptop.store, serving.server)
    assert len(found) == SHOWN + 1
    assert found[-1] == "rows: and more differ"


async def test_another_household_is_not_compared(serving: Serving, server: Replica, laptop: Replica) -> None:
    with laptop.store.write() as work:
        work.connection.exec_driver_sql("UPDATE this_device SET household = zeroblob(16)")
    with pytest.raises(OtherHousehold):
        await compare(laptop.store, serving.server)


def test_the_command_says_it_and_exits_by_it(serving: Serving, server: Replica, laptop: Replica) -> None:
    folder = laptop.path.parent
    with Proxy(serving.url) as proxy:
        env = {"QUARTERMASTER_SYNC_URL": f"{proxy.url}/", "QUARTERMASTER_SYNC_USER": USER}
        known = {**env, "QUARTERMASTER_SYNC_PASSWORD": PASSWORD}
        same = command(folder, "doctor", "--against", proxy.url, env=known)
        assert (same.returncode, same.stderr) == (OK, "")
        assert same.stdout.endswith(f"{proxy.url}/ and this file hold the same.\n")
        plan_entry(laptop.store, "Rent")
        differs = command(folder, "doctor", "--against", proxy.url, env=known)
        assert differs.returncode == FINDING
        assert "has said 45 here and 44 there" in differs.stdout
        assert command(folder, "doctor", "--against", proxy.url, env=env).returncode == REFUSED
    assert command(folder, "doctor", "--against", "http://127.0.0.1:1").returncode == UNREACHABLE
