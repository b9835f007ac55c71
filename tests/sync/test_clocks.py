"""A clock that is wrong is said to a person; sync goes on all the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from quartermaster.sync.clock import DAY_MS, HOUR_MS, MINUTE_MS, doubt
from tests.living import plan_entry
from tests.sync.replicas import Replica, assert_same, meet

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
    assert "1 year ahead of now" in meet(laptop, server).doubt
    laptop.clock.now_ms += 400 * DAY_MS
    server.clock.now_ms += 400 * DAY_MS
    assert meet(laptop, server).doubt == ""


def test_a_server_that_does_not_say_its_time_is_not_doubted() -> None:
    assert doubt(off_ms=0, ahead_ms=0) == ""
