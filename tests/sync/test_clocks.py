"""A clock that is wrong is said to a person; sync goes on all the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from quartermaster.sync.client import Client
from quartermaster.sync.clock import DAY_MS, HOUR_MS, MINUTE_MS
from quartermaster.sync.line import Line
from quartermaster.sync.protocol import read, written
from quartermaster.sync.use import in_a_thread
from tests.living import plan_entry
from tests.sync.replicas import Replica, assert_same, meet
from tests.sync.serving import Serving

Devices = Callable[[int], list[Replica]]


@pytest.mark.parametrize(
    ("off_ms", "said"),
    [
        (0, ""),
        (4 * MINUTE_MS, ""),
        (-4 * MINUTE_MS, ""),
        (3 * HOUR_MS, "3 hours behind the server’s"),
        (-HOUR_MS, "1 hour ahead of the server’s"),
        (-800 * DAY_MS, "2 years ahead of the server’s"),
    ],
)
def test_a_clock_that_is_off_is_said_by_how_much_and_which_way(devices: Devices, off_ms: int, said: str) -> None:
    server, laptop = devices(2)
    plan_entry(server.store)
    laptop.clock.now_ms -= off_ms
    outcome = meet(laptop, server)
    assert said.replace("’", "'") in outcome.doubt
    assert bool(outcome.doubt) == bool(said)
    assert_same([server, laptop])


def test_a_change_that_is_dated_far_ahead_is_said_on_the_devices_whose_clocks_are_right(devices: Devices) -> None:
    server, laptop, wrong = devices(3)
    plan_entry(server.store)
    meet(laptop, server)
    wrong.clock.now_ms += 400 * DAY_MS
    meet(wrong, server)
    plan_entry(wrong.store, "From next year")
    meet(wrong, server)
    assert "1 year ahead of now" in meet(laptop, server).leap


def test_what_is_written_after_a_change_that_was_dated_ahead_doubts_no_clock(devices: Devices) -> None:
    server, laptop, wrong = devices(3)
    plan_entry(server.store)
    meet(laptop, server)
    wrong.clock.now_ms += 400 * DAY_MS
    meet(wrong, server)
    plan_entry(wrong.store, "From next year")
    meet(wrong, server)
    wrong.clock.now_ms -= 400 * DAY_MS
    meet(laptop, server)
    for writer in (server, wrong):
        plan_entry(writer.store, "After it")
        meet(wrong, server)
        outcome = meet(laptop, server)
        assert (outcome.received, outcome.doubt, outcome.leap) == (1, "", "")


def test_a_month_without_a_network_doubts_no_clock(devices: Devices) -> None:
    server, laptop = devices(2)
    for one in (server, laptop):
        one.clock.now_ms += 30 * DAY_MS
    plan_entry(server.store)
    outcome = meet(laptop, server)
    assert (outcome.doubt, outcome.leap) == ("", "")


async def test_a_change_that_is_dated_far_ahead_is_said_for_a_day(serving: Serving, laptop: Replica) -> None:
    serving.replica.clock.now_ms += 3 * DAY_MS
    plan_entry(serving.replica.store)
    serving.replica.clock.now_ms -= 3 * DAY_MS
    line = Line(serving.server)
    client = Client(laptop.store, line, in_a_thread)
    doubts = []
    for passed_ms in (0, HOUR_MS, DAY_MS):
        for one in (serving.replica, laptop):
            one.clock.now_ms += passed_ms
        await client.exchange()
        doubts.append("days ahead of now" in client.status.doubt)
    await line.close()
    assert doubts == [True, True, False]


def test_a_server_that_does_not_say_its_time_is_not_doubted(devices: Devices, monkeypatch: pytest.MonkeyPatch) -> None:
    server, laptop = devices(2)
    plan_entry(server.store)
    laptop.clock.now_ms -= 3 * HOUR_MS
    assert meet(laptop, server).doubt
    answer = server.host.answer
    monkeypatch.setattr(server.host, "answer", lambda body: written(replace(read(answer(body)), now_ms=None)))
    assert meet(laptop, server).doubt == ""
