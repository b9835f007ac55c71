"""A network that is there again is noticed at once, not after minutes."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from quartermaster.sync.client import Client
from quartermaster.sync.line import Line, Server
from quartermaster.sync.network import way_to
from quartermaster.sync.status import State
from quartermaster.sync.use import in_a_thread
from tests.living import plan_entry
from tests.running import CHECKOUT, WITHIN_S, free_port
from tests.sync.replicas import Replica
from tests.sync.serving import Serving

LONG_S = 600.0


def test_the_way_is_the_address_that_the_server_would_be_asked_from(monkeypatch: pytest.MonkeyPatch) -> None:
    assert way_to("http://127.0.0.1:8080")() == "127.0.0.1"
    assert way_to("https://no-such-name.invalid")() is None
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:3128")
    assert way_to("https://no-such-name.invalid")() == "127.0.0.1"
    monkeypatch.setenv("NO_PROXY", "no-such-name.invalid")
    assert way_to("https://no-such-name.invalid")() is None


def test_without_a_network_there_is_no_way() -> None:
    alone = ("unshare", "--net", "--map-root-user")
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("`unshare --net` does not work here, so that there is no machine without a network to ask")
    asked = "from quartermaster.sync.network import way_to; print(way_to('http://192.0.2.1:80')())"
    said = subprocess.run(
        [*alone, sys.executable, "-c", asked], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert said.stdout == "None\n"


async def test_a_network_that_is_there_again_starts_an_attempt_at_once(
    serving: Serving, laptop: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quartermaster.sync.alarm.FIRST_BACKOFF_S", LONG_S)
    monkeypatch.setattr("quartermaster.sync.alarm.LONGEST_BACKOFF_S", LONG_S)
    monkeypatch.setattr("quartermaster.sync.alarm.WAY_EVERY_S", 0.05)
    plan_entry(laptop.store)
    port = free_port()
    addresses: list[str | None] = [None]
    line = Line(Server(url=f"http://127.0.0.1:{port}"))
    client = Client(laptop.store, line, in_a_thread, way=lambda: addresses[-1])
    running = asyncio.create_task(client.run())
    try:
        await _until(lambda: client.status.state is State.OFFLINE)
        with Serving(serving.replica, port):
            addresses.append("192.168.1.7")
            await _until(lambda: client.status.state is State.IN_STEP)
    finally:
        running.cancel()
        await asyncio.wait([running])
        await line.close()


async def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not happened():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
