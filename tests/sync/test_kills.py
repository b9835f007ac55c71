"""A power cut on either side in the middle of an exchange: nothing acknowledged is lost, nothing is doubled."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable
from uuid import UUID

import pytest

from quartermaster.services.postings import add_postings
from tests.living import draft, entry, line, plan_entry, started
from tests.sync.lean import start_client, start_server
from tests.sync.replicas import Replica, assert_same, meet

KILLS, AT_ONCE, LONGEST_S = 4, 300, 60.0


@pytest.mark.parametrize("victim", ["client", "server"])
def test_a_kill_at_any_moment_of_an_exchange_loses_and_doubles_nothing(
    devices: Callable[[int], list[Replica]], victim: str
) -> None:
    server, laptop = devices(2)
    plan_entry(server.store)
    started(server.store)
    meet(laptop, server)
    groceries = entry(server.store, "Groceries").id
    chance, total, in_time = random.Random(victim), 0, 0
    port = _free_port()
    answering = start_server(server.path, port)
    for _ in range(KILLS):
        total += sum(_posted(one, groceries, chance) for one in (server, laptop))
        before = laptop.vector, server.vector
        asking = start_client(laptop.path, f"http://127.0.0.1:{port}")
        # Half of the time when something has moved, else at no moment in particular.
        deadline = time.monotonic() + chance.choice([LONGEST_S, 0.15 * chance.random()])
        while (laptop.vector, server.vector) == before and asking.is_alive() and time.monotonic() < deadline:
            time.sleep(0.002)
        if victim == "client":
            in_time += asking.is_alive()
            asking.kill()
        else:
            in_time += asking.is_alive()
            answering.kill()
            answering.join()
            answering = start_server(server.path, port)
        asking.join(LONGEST_S)
        assert not asking.is_alive()
    answering.kill()
    answering.join()
    assert in_time > KILLS // 2
    laptop.hint = None
    meet(laptop, server)
    assert_same([server, laptop])
    assert line(server.store, "Groceries").applied == total


def _posted(replica: Replica, groceries: UUID, chance: random.Random) -> int:
    drafts = [draft(groceries, chance.randint(1, 10_000)) for _ in range(AT_ONCE)]
    with replica.store.write() as work:
        add_postings(work, drafts)
    return sum(one.amount for one in drafts)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
