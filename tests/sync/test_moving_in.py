"""What does not move in: a household of other money than the operator set, and the demo."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from fastapi import FastAPI

from quartermaster.domain.money import Money
from quartermaster.storage.store import Store
from quartermaster.sync.client import Client
from quartermaster.sync.conversation import Conversation
from quartermaster.sync.errors import InDemo, OtherCurrency
from quartermaster.sync.line import Line
from quartermaster.sync.protocol import EXCHANGE, written
from quartermaster.sync.room import Sync
from quartermaster.sync.use import in_a_thread
from quartermaster.ui.calls import Calls
from quartermaster.ui.household_file import make_demo
from tests.living import plan_entry
from tests.sync.replicas import Replica, assert_same, meet
from tests.sync.serving import Serving

Devices = Callable[[int], list[Replica]]
R = TypeVar("R")


@pytest.mark.parametrize("moving", ["into the server", "into the laptop"])
def test_a_household_that_keeps_other_money_than_was_set_does_not_move_in(devices: Devices, moving: str) -> None:
    server, laptop = devices(2)
    plan_entry((laptop if moving == "into the server" else server).store)
    (server if moving == "into the server" else laptop).set_to("EUR")
    before = server.vector, laptop.vector, server.rows_digest, laptop.rows_digest
    with pytest.raises(OtherCurrency, match="USD, and QUARTERMASTER_CURRENCY where it would go says EUR"):
        meet(laptop, server)
    assert (server.vector, laptop.vector, server.rows_digest, laptop.rows_digest) == before
    (server if moving == "into the server" else laptop).set_to("USD")
    meet(laptop, server)
    assert_same([server, laptop])


async def test_the_demo_is_never_sent_whoever_asks_for_it(serving: Serving, laptop: Replica) -> None:
    plan_entry(laptop.store, "Of the demo")
    before = serving.replica.vector
    sync = Sync(laptop.store, in_a_thread, backups=lambda: laptop.path.parent, is_demo=lambda: True)
    with pytest.raises(InDemo, match="never syncs"):
        await sync.connect(serving.server)
    line = Line(serving.server)
    with pytest.raises(InDemo):
        await Client(laptop.store, line, in_a_thread, closed=lambda: True).exchange()
    await line.close()
    assert serving.replica.vector == before


async def test_an_exchange_that_waited_for_another_one_does_not_send_the_demo_that_was_opened_meanwhile(
    serving: Serving, laptop: Replica
) -> None:
    plan_entry(laptop.store, "Of the demo")
    before, is_demo = serving.replica.vector, False
    line = Line(serving.server)
    client = Client(laptop.store, line, in_a_thread, closed=lambda: is_demo)
    async with client._one_at_a_time:
        waiting = asyncio.create_task(client.exchange())
        await asyncio.sleep(0)
        is_demo = True
    with pytest.raises(InDemo):
        await waiting
    await line.close()
    assert serving.replica.vector == before


async def test_who_asked_just_before_the_demo_was_opened_does_not_get_it(
    store: Store, laptop: Replica, tmp_path: Path
) -> None:
    plan_entry(store, "Of the household")
    asked = written(next(Conversation(laptop.store, laptop.digest).steps()))
    calls = Calls(store, Money(), date.today)
    is_making, waits = threading.Event(), threading.Event()

    async def use(job: Callable[[], R], /) -> R:
        waits.set()
        return await calls.use(job)

    def make() -> None:
        is_making.set()
        assert waits.wait(60)
        make_demo(calls.place.demo, "USD", store.now_ms, store.new_id, date.today)

    sync = Sync(store, use, backups=lambda: tmp_path, is_demo=lambda: calls.in_demo)
    web = FastAPI()
    web.include_router(sync.routes)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://server") as http:
        opening = asyncio.create_task(calls.exchange(make, calls.place.demo, quietly=True))
        await asyncio.to_thread(is_making.wait, 60)
        assert not calls.in_demo
        answer = await http.post(EXCHANGE, content=asked, headers={"content-type": "application/json"})
        await opening
    assert calls.in_demo
    assert (answer.status_code, answer.json()["error"]) == (503, "closed")
