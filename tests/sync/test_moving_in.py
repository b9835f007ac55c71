"""What does not move in: a household of other money than the operator set, and the demo."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from quartermaster.sync.client import Client
from quartermaster.sync.errors import InDemo, OtherCurrency
from quartermaster.sync.line import Line
from quartermaster.sync.room import Sync
from quartermaster.sync.use import in_a_thread
from tests.living import plan_entry
from tests.sync.replicas import Replica, assert_same, meet
from tests.sync.serving import Serving

Devices = Callable[[int], list[Replica]]


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
