"""Rows that are not what the log makes of them are found by the exchange, and made anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest

from quartermaster.storage.exchange import standing
from quartermaster.storage.replay import is_caught_up, replay
from quartermaster.sync.client import Client
from quartermaster.sync.errors import StillDiffers
from quartermaster.sync.line import Line
from quartermaster.sync.protocol import EXCHANGE, Message, read, written
from quartermaster.sync.room import sync_once
from quartermaster.sync.status import State, Status
from quartermaster.sync.use import in_a_thread
from quartermaster.ui.sync_words import repaired
from tests.living import entry, line, plan_entry, posted, started
from tests.running import WITHIN_S
from tests.storage.replicas import rows
from tests.sync.replicas import Replica, assert_same, meet
from tests.sync.serving import Serving

Devices = Callable[[int], list[Replica]]


@pytest.fixture
def pair(devices: Devices) -> list[Replica]:
    server, laptop = devices(2)
    plan_entry(server.store)
    started(server.store)
    posted(server.store, entry(server.store, "Groceries").id, 700)
    meet(laptop, server)
    return [server, laptop]


def write_past_the_log(replica: Replica, sql: str) -> None:
    """As a failing disk or another program would."""
    with closing(sqlite3.connect(replica.path)) as connection:
        connection.execute(sql)
        connection.commit()
    replica.digest.forget()


def damage(replica: Replica, sql: str) -> None:
    """The same, and the program starts again."""
    write_past_the_log(replica, sql)
    replica.close()
    replica.open()


DAMAGES = {
    "changed": "UPDATE posting SET amount = amount + 1",
    "lost": "DELETE FROM posting",
    "undeleted": "UPDATE month_entry SET deleted = 1",
    "made up": "INSERT INTO plan_entry SELECT randomblob(16), 0, born_stamp, born_device, NULL, section, 'x', 1, NULL,"
    " 1, NULL, NULL, NULL, NULL, NULL FROM plan_entry",
    "older": "UPDATE plan_entry SET born_stamp = born_stamp - 1",
}


@pytest.mark.parametrize("sql", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("whose", [[0], [1], [0, 1]], ids=["server", "laptop", "both"])
def test_damaged_rows_are_made_anew_from_the_log(
    pair: list[Replica], sql: str, whose: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    for number in whose:
        damage(pair[number], sql)
    # Damage that is the same on both sides shows only to the doctor; this one is not.
    damage(pair[0], "UPDATE plan_entry SET position = position + 5")
    server, laptop = pair
    meet(laptop, server, may_mend=True)
    assert "rows_differ" in {record.msg for record in caplog.records}
    assert_same(pair)
    assert line(laptop.store, "Groceries").applied == 700


def test_a_replay_writes_the_rows_that_are_wrong_and_no_other(pair: list[Replica]) -> None:
    server, _ = pair
    plan_entry(server.store, "Bakery")
    whole = rows(server.store)
    with server.store.read() as work:
        assert not is_caught_up(work.connection)
    for sql in (None, *DAMAGES.values()):
        if sql:
            damage(server, sql)
        with server.store.write() as work:
            driver = work.connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            before = driver.total_changes
            replay(work)
            written = driver.total_changes - before
            assert is_caught_up(work.connection)
        assert rows(server.store) == whole
        assert written == _hit(sql)


def _hit(sql: str | None) -> int:
    """How many rows that damage concerns: the plan has two entries, the month one."""
    return {None: 0, DAMAGES["older"]: 2, DAMAGES["made up"]: 2}.get(sql, 1)


async def test_a_person_is_told_that_rows_were_made_anew(serving: Serving, laptop: Replica) -> None:
    plan_entry(serving.replica.store)
    meet(laptop, serving.replica)
    line = Line(serving.server)
    client = Client(laptop.store, line, in_a_thread)
    await client.exchange()
    assert repaired(client.status.repaired_ms) == ""
    damage(laptop, "UPDATE plan_entry SET position = position + 5")
    client = Client(laptop.store, line, in_a_thread)
    for _ in range(2):
        # Not only until the next exchange, which may be a moment later.
        await client.exchange()
        assert "is the same now" in repaired(client.status.repaired_ms)
    await line.close()


async def test_it_is_told_on_the_device_that_answered_too_where_its_rows_were_the_wrong_ones(
    serving: Serving, laptop: Replica
) -> None:
    told: list[Status | None] = []
    serving.sync.watch(told.append)
    plan_entry(serving.replica.store)
    for sql in (None, "UPDATE plan_entry SET position = position + 5"):
        assert serving.sync.repaired_ms is None
        if sql:
            write_past_the_log(serving.replica, sql)
            serving.sync._digest.forget()
        await sync_once(laptop.store, serving.server)
    assert "is the same now" in repaired(serving.sync.repaired_ms)
    assert told
    assert_same([serving.replica, laptop])


def test_who_claims_other_rows_shows_nothing_where_they_are_what_the_log_makes(serving: Serving) -> None:
    plan_entry(serving.replica.store)
    with serving.replica.store.read() as work:
        at = standing(work.connection)
    claim = Message(
        household=at.household, device=uuid4(), schema=at.schema, is_empty=False, vector=at.vector, digest="0" * 32
    )
    headers = {"content-type": "application/json"}
    httpx.post(f"{serving.url}{EXCHANGE}", content=written(claim), headers=headers, timeout=WITHIN_S)
    assert serving.sync.repaired_ms is None


def test_who_claims_other_rows_makes_the_server_look_once_and_not_for_ever(
    pair: list[Replica], caplog: pytest.LogCaptureFixture
) -> None:
    server, laptop = pair
    with laptop.store.read() as work:
        at = standing(work.connection)
    claim = Message(
        household=at.household, device=at.device, schema=at.schema, is_empty=False, vector=at.vector, digest="0" * 32
    )
    for _ in range(5):
        server.host.answer(written(claim))
    assert [record.msg for record in caplog.records].count("rows_differ") == 1
    assert_same(pair)


async def test_what_a_replay_did_not_mend_is_said_again_and_not_replayed_again(
    serving: Serving, laptop: Replica, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan_entry(laptop.store)
    meet(laptop, serving.replica)
    monkeypatch.setattr(serving.sync._digest, "of", lambda _: "f" * 32)
    line = Line(serving.server)
    client = Client(laptop.store, line, in_a_thread)
    for _ in range(3):
        with pytest.raises(StillDiffers):
            await client.exchange()
        plan_entry(laptop.store)
    assert [record.msg for record in caplog.records].count("rows_differ") == 2, "once on each side"
    monkeypatch.undo()
    await client.exchange()
    assert client.status.state is State.IN_STEP
    await line.close()


def test_a_difference_that_no_replay_mends_is_told(pair: list[Replica], monkeypatch: pytest.MonkeyPatch) -> None:
    server, laptop = pair
    answer = server.host.answer
    monkeypatch.setattr(
        server.host, "answer", lambda body: written(replace(read(answer(body)), digest="f" * 32, stretches=()))
    )
    with pytest.raises(StillDiffers):
        meet(laptop, server, may_mend=True)
