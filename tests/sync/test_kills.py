"""A power cut on either side in the middle of an exchange: nothing acknowledged is lost, nothing is doubled."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from quartermaster.services.postings import add_postings
from quartermaster.storage.doctor import examine
from quartermaster.storage.exchange import NOTHING
from tests.living import draft, entry, line, plan_entry, started
from tests.running import WITHIN_S, Program, free_port
from tests.sync.lean import start_client, start_server
from tests.sync.replicas import Replica, assert_same, meet

KILLS, AT_ONCE = 50, 24
"""Of each side; with postings of both before each."""
SMALL_PAGE = 1_000
"""Bytes: what is posted before each kill takes several."""
REAL_KILLS = 3


@pytest.mark.parametrize("victim", ["client", "server"])
def test_a_kill_at_any_moment_of_an_exchange_loses_and_doubles_nothing(
    devices: Callable[[int], list[Replica]], victim: str
) -> None:
    server, laptop = devices(2)
    plan_entry(server.store)
    started(server.store)
    meet(laptop, server)
    groceries = entry(server.store, "Groceries").id
    chance, total, between = random.Random(victim), 0, 0
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    answering = start_server(server.path, port, SMALL_PAGE)
    for _ in range(KILLS):
        total += sum(_posted(one, groceries, chance) for one in (server, laptop))
        apart = _apart(laptop, server)
        goal = chance.randrange(apart)
        asking = start_client(laptop.path, url, SMALL_PAGE)
        while _apart(laptop, server) > goal and asking.is_alive():
            time.sleep(0.002)
        # Not only just after a page.
        asking.join(0.005 * chance.random())
        killed = asking if victim == "client" else answering
        killed.kill()
        killed.join()
        between += 0 < _apart(laptop, server) < apart
        if victim == "server":
            answering = start_server(server.path, port, SMALL_PAGE)
        asking.join(3 * WITHIN_S)
        assert not asking.is_alive()
    answering.kill()
    answering.join()
    assert between > KILLS // 2
    laptop.hint = None
    meet(laptop, server)
    assert_same([server, laptop])
    assert line(server.store, "Groceries").applied == total


@pytest.mark.parametrize("victim", ["client", "server"])
def test_a_program_that_is_killed_goes_on_where_it_was_when_it_is_started_again(tmp_path: Path, victim: str) -> None:
    (tmp_path / "laptop").mkdir()
    with Program(tmp_path) as server:
        theirs = server.store()
        plan_entry(theirs)
        started(theirs)
        with Program(tmp_path / "laptop", env={"QUARTERMASTER_SYNC_URL": server.url}) as laptop:
            laptop.wait_for("sync_completed")
            mine, chance, total = laptop.store(), random.Random(victim), 0
            for _ in range(REAL_KILLS):
                groceries = entry(mine, "Groceries").id
                drafts = [[draft(groceries, chance.randint(1, 10_000)) for _ in range(AT_ONCE)] for _ in range(2)]
                for store, some in zip((theirs, mine), drafts, strict=True):
                    with store.write() as work:
                        add_postings(work, some)
                total += sum(one.amount for some in drafts for one in some)
                time.sleep(0.1 * chance.random())
                killed = laptop if victim == "client" else server
                killed.kill()
                killed.start()
            laptop.until(lambda: {line(one, "Groceries").applied for one in (theirs, mine)} == {total}, 3 * WITHIN_S)
            mine.close()
        theirs.close()
    for path in (tmp_path, tmp_path / "laptop"):
        assert examine(path / "quartermaster.db").findings == ()


def _posted(replica: Replica, groceries: UUID, chance: random.Random) -> int:
    drafts = [draft(groceries, chance.randint(1, 10_000)) for _ in range(AT_ONCE)]
    with replica.store.write() as work:
        add_postings(work, drafts)
    return sum(one.amount for one in drafts)


def _apart(one: Replica, other: Replica) -> int:
    """How many changes one of the two has that the other lacks."""
    mine, theirs = one.vector, other.vector
    return sum(abs(mine.get(by, NOTHING)[0] - theirs.get(by, NOTHING)[0]) for by in mine.keys() | theirs.keys())
