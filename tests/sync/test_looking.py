"""When a device looks at its server: when it is asked to, when it is time, and whatever went wrong before."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from quartermaster.storage.failures import StorageFailure
from quartermaster.storage.store import Store
from quartermaster.sync.alarm import Alarm
from quartermaster.sync.client import Client
from quartermaster.sync.line import Line, Server
from quartermaster.sync.news import News
from quartermaster.sync.status import State
from quartermaster.sync.use import R, Use, in_a_thread
from tests.living import plan_entry, plan_seen
from tests.running import WITHIN_S, free_port
from tests.sync.replicas import Replica
from tests.sync.serving import Serving, answering

LONG_S = 600.0


async def test_who_asks_is_heard_although_the_server_said_nothing(serving: Serving, laptop: Replica) -> None:
    async with staying(laptop, serving.server) as client:
        await _until(lambda: client.status.state is State.IN_STEP)
        write_unheard(serving.replica)
        client.ask()
        await _until(lambda: not plan_seen(laptop.store).is_empty)


async def test_words_that_bring_nothing_do_not_put_off_the_next_look(
    serving: Serving, laptop: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOOK_EVERY_S", "DEAF_LOOK_EVERY_S"):
        monkeypatch.setattr(f"quartermaster.sync.client.{name}", 2.0)
    async with staying(laptop, serving.server) as client:
        await _until(lambda: client.status.state is State.IN_STEP)
        write_unheard(serving.replica)
        await _until(lambda: not plan_seen(laptop.store).is_empty, meanwhile=client.wake)


async def test_who_asks_ends_the_wait_after_a_failure(
    serving: Serving, laptop: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quartermaster.sync.alarm.FIRST_BACKOFF_S", LONG_S)
    monkeypatch.setattr("quartermaster.sync.alarm.LONGEST_BACKOFF_S", LONG_S)
    port = free_port()
    async with staying(laptop, Server(url=f"http://127.0.0.1:{port}")) as client:
        await _until(lambda: client.status.state is State.OFFLINE)
        with Serving(serving.replica, port):
            client.ask()
            await _until(lambda: client.status.state is State.IN_STEP)


async def test_a_bug_is_said_with_the_id_under_which_it_is_logged(
    serving: Serving, laptop: Replica, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL", logger="quartermaster.events")
    broken: list[Exception] = [ZeroDivisionError("nobody thought of this")] * 100
    async with staying(laptop, serving.server, use=failing(broken)) as client:
        await _until(lambda: client.status.state is State.NEEDS_ATTENTION)
        assert "tried again by itself" in client.status.sentence
        bug = client.status.sentence.rstrip(".").rpartition(" ")[2]
        assert bug.isalnum()
        assert len(bug) == 8
        broken.clear()
        client.ask()
        await _until(lambda: client.status.state is State.IN_STEP)


async def test_a_file_that_is_busy_at_the_start_does_not_end_sync(serving: Serving, laptop: Replica) -> None:
    plan_entry(laptop.store)
    async with staying(laptop, serving.server, use=failing([StorageFailure("The disk is busy.")])) as client:
        await _until(lambda: client.status.state is State.NEEDS_ATTENTION)
        assert client.status.sentence == "The disk is busy."
        await _until(lambda: client.status.state is State.IN_STEP)


async def test_a_fork_that_is_claimed_of_an_unknown_device_is_refused(laptop: Replica) -> None:
    plan_entry(laptop.store)
    said = {"protocol": 1, "error": "forked", "sentence": "A fork.", "device": uuid4().hex}
    body = json.dumps(said).encode()
    with answering(409, {"content-type": "application/json"}, body) as url:
        async with staying(laptop, Server(url=url)) as client:
            await _until(lambda: client.status.state is State.NEEDS_ATTENTION)
            assert "finds a fork" in client.status.sentence


@pytest.mark.parametrize(("heartbeat_s", "failures"), [(LONG_S, [1, 2, 3, 4, 5]), (0.0, [1, 1, 1, 1, 1])])
async def test_events_that_end_as_soon_as_they_began_are_asked_for_less_and_less(
    serving: Serving, laptop: Replica, monkeypatch: pytest.MonkeyPatch, heartbeat_s: float, failures: list[int]
) -> None:
    asked: list[int] = []

    async def one_event(_: News, known: Callable[[], Awaitable[str | None]]) -> AsyncIterator[bytes]:
        yield f"data: {await known()}\n\n".encode()

    def backoff_s(count: int) -> float:
        asked.append(count)
        return 0.0

    monkeypatch.setattr("quartermaster.sync.server.stream", one_event)
    monkeypatch.setattr("quartermaster.sync.client.backoff_s", backoff_s)
    monkeypatch.setattr("quartermaster.sync.client.HEARTBEAT_S", heartbeat_s)
    async with staying(laptop, serving.server):
        await _until(lambda: len(asked) >= len(failures))
    assert asked[: len(failures)] == failures


@pytest.mark.parametrize("later", range(4))
async def test_who_is_woken_as_it_ends_ends_all_the_same(later: int) -> None:
    alarm, loop = Alarm(lambda: None), asyncio.get_running_loop()
    alarm.begin()

    async def stay() -> None:
        while True:
            await alarm.until(loop.time() + LONG_S)

    staying = asyncio.create_task(stay())
    for _ in range(3):
        await asyncio.sleep(0)
    alarm.ring()
    for _ in range(later):
        await asyncio.sleep(0)
    staying.cancel()
    ended, _ = await asyncio.wait([staying], timeout=5)
    staying.cancel()
    assert ended


def write_unheard(replica: Replica) -> None:
    """As another process does: nobody is told."""
    store = Store(replica.path, now_ms=replica.clock, new_id=uuid4)
    plan_entry(store)
    store.close()


def failing(errors: list[Exception]) -> Use:
    """A use of the file that fails so often, each time with the next error."""

    async def use(job: Callable[[], R], /) -> R:
        if errors:
            raise errors.pop(0)
        return await in_a_thread(job)

    return use


@asynccontextmanager
async def staying(laptop: Replica, server: Server, *, use: Use = in_a_thread) -> AsyncIterator[Client]:
    line = Line(server)
    client = Client(laptop.store, line, use)
    running = asyncio.create_task(client.run())
    try:
        yield client
    finally:
        running.cancel()
        await asyncio.wait([running])
        await line.close()


async def _until(happened: Callable[[], bool], *, meanwhile: Callable[[], None] = lambda: None) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not happened():
        assert time.monotonic() < deadline
        meanwhile()
        await asyncio.sleep(0.05)
