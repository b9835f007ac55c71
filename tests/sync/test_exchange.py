"""Two files that meet have the same afterwards, whatever each did before."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from quartermaster.services.months import start_month
from quartermaster.services.plans import edit_plan_entry
from quartermaster.services.postings import add_postings, delete_posting
from quartermaster.storage.exchange import page_after, standing
from quartermaster.sync.errors import OtherHousehold, Rejected
from quartermaster.sync.protocol import Message, written
from tests.living import MAY, draft, entry, line, plan_entry, plan_seen, posted, started
from tests.sync.replicas import Cut, Replica, assert_same, meet

Devices = Callable[[int], list[Replica]]


def household_of(replica: Replica) -> object:
    with replica.store.read() as work:
        return standing(work.connection).household


def test_an_empty_device_joins_silently(devices: Devices) -> None:
    server, laptop = devices(2)
    plan_entry(server.store)
    outcome = meet(laptop, server)
    assert outcome.joined
    assert (outcome.sent, outcome.received) == (0, 2)
    assert [e.name for g in plan_seen(laptop.store).groups for s in g.sections for e in s.entries] == ["Groceries"]
    assert_same([server, laptop])


def test_an_empty_server_takes_the_household_of_the_first_that_comes(devices: Devices) -> None:
    server, laptop = devices(2)
    plan_entry(laptop.store)
    before = household_of(laptop)
    meet(laptop, server)
    assert household_of(server) == household_of(laptop) == before
    assert_same([server, laptop])


def test_two_households_that_hold_something_never_mix_in_silence(devices: Devices) -> None:
    server, laptop = devices(2)
    plan_entry(server.store)
    plan_entry(laptop.store)
    before = server.rows_digest, laptop.rows_digest, server.vector, laptop.vector
    with pytest.raises(OtherHousehold) as refused:
        meet(laptop, server)
    assert refused.value.details["here"] == {
        "plan_entries": 1, "months": 0, "postings": 0, "earliest_day": None, "latest_day": None
    }  # fmt: skip
    assert (server.rows_digest, laptop.rows_digest, server.vector, laptop.vector) == before


def test_two_empty_devices_go_on_with_one_household(devices: Devices) -> None:
    server, laptop = devices(2)
    meet(laptop, server)
    plan_entry(laptop.store)
    plan_entry(server.store, "Rent")
    meet(laptop, server)
    assert_same([server, laptop])


def test_what_both_did_offline_is_on_both(devices: Devices) -> None:
    server, laptop, other = devices(3)
    plan_entry(server.store)
    started(server.store)
    meet(laptop, server)
    meet(other, server)
    groceries = entry(server.store, "Groceries").id
    posted(laptop.store, groceries, 700)
    posted(other.store, groceries, 50)
    posted(server.store, groceries, 3)
    meet(laptop, server)
    meet(other, server)
    meet(laptop, server)
    assert line(laptop.store, "Groceries").applied == 753
    assert_same([server, laptop, other])


def takes_nothing(server: Replica, _: bytes) -> bytes:
    return json.dumps({**of_the_server(server), "stretches": []}).encode()


def says_what_is_known(server: Replica, _: bytes) -> bytes:
    known = of_the_server(server)
    return json.dumps({**known, "vector": {**known["vector"], uuid4().hex: [5, "0" * 64]}, "more": True}).encode()


def of_the_server(server: Replica) -> dict[str, Any]:
    """All that it holds, as it would tell somebody who lacks all of it."""
    with server.store.read() as work:
        at, page = standing(work.connection), page_after(work.connection, {}, 1_000_000)
    whole: dict[str, Any] = json.loads(
        written(
            Message(
                household=at.household, device=at.device, schema=at.schema, is_empty=False, vector=at.vector,
                stretches=page.stretches,
            )
        )
    )  # fmt: skip
    return whole


@pytest.mark.parametrize("answer", [takes_nothing, says_what_is_known])
def test_a_server_that_never_comes_nearer_is_left_alone_after_a_while(
    devices: Devices, monkeypatch: pytest.MonkeyPatch, answer: Callable[[Replica, bytes], bytes]
) -> None:
    server, laptop = devices(2)
    plan_entry(server.store)
    meet(laptop, server)
    plan_entry(laptop.store, "Rent")
    left = iter(range(100))

    def answered(body: bytes) -> bytes:
        next(left)
        return answer(server, body)

    monkeypatch.setattr(server.host, "answer", answered)
    with pytest.raises(Rejected, match="do not get in step"):
        meet(laptop, server)
    assert [one.name for one in plan_seen(laptop.store).entries] == ["Groceries", "Rent"]


def test_an_exchange_with_nothing_new_is_one_message(devices: Devices) -> None:
    server, laptop = devices(2)
    plan_entry(server.store)
    meet(laptop, server)
    with pytest.raises(Cut):
        meet(laptop, server, cut_after=0)
    outcome = meet(laptop, server, cut_after=1)
    assert (outcome.sent, outcome.received) == (0, 0)


def test_a_change_is_pushed_in_one_message(devices: Devices) -> None:
    server, laptop = devices(2)
    plan_entry(server.store)
    meet(laptop, server)
    plan_entry(laptop.store, "Rent")
    assert meet(laptop, server, cut_after=1).sent == 1
    assert_same([server, laptop])


def test_starting_the_same_month_on_both_makes_one_month(devices: Devices) -> None:
    server, laptop = devices(2)
    plan_entry(server.store)
    meet(laptop, server)
    for replica in (server, laptop):
        with replica.store.write() as work:
            start_month(work, MAY)
    meet(laptop, server)
    assert [one.entry.name for one in started(laptop.store).lines] == ["Groceries"]
    assert_same([server, laptop])


def test_a_later_edit_that_saw_the_other_wins_whatever_the_clock_says(devices: Devices) -> None:
    server, laptop = devices(2)
    plan = plan_entry(server.store)
    server.clock.now_ms += 40 * 365 * 86_400_000
    with server.store.write() as work:
        edit_plan_entry(work, plan.id, planned=1)
    meet(laptop, server)
    laptop.clock.now_ms = 0
    with laptop.store.write() as work:
        edit_plan_entry(work, plan.id, planned=2)
    meet(laptop, server)
    with server.store.read() as work:
        assert [one.planned for one in work.plan_entries()] == [2]
    assert_same([server, laptop])


@pytest.mark.parametrize("lost", [False, True])
def test_a_cut_connection_costs_a_page_at_most(devices: Devices, monkeypatch: pytest.MonkeyPatch, lost: bool) -> None:
    monkeypatch.setattr("quartermaster.sync.conversation.PAGE_BYTES", 2_000)
    monkeypatch.setattr("quartermaster.sync.host.PAGE_BYTES", 2_000)
    server, laptop = devices(2)
    plan_entry(laptop.store)
    started(laptop.store)
    groceries = entry(laptop.store, "Groceries").id
    for amount in range(1, 60):
        posted(laptop.store, groceries, amount)
    attempts = 0
    while attempts < 100:
        attempts += 1
        try:
            outcome = meet(laptop, server, cut_after=2, lost=lost)
            break
        except Cut:
            continue
    # Each attempt asks first, then brings a page or two: nothing that arrived is sent again.
    assert 4 < attempts < 15
    assert outcome.sent < 20
    assert_same([server, laptop])


def test_deleting_and_editing_travel(devices: Devices) -> None:
    server, laptop = devices(2)
    plan_entry(server.store)
    started(server.store)
    posting = posted(server.store, entry(server.store, "Groceries").id, 5, date(2026, 5, 1))
    meet(laptop, server)
    with laptop.store.write() as work:
        delete_posting(work, posting.id)
    meet(laptop, server)
    assert line(server.store, "Groceries").postings == 0
    assert_same([server, laptop])


def test_much_that_arrived_leaves_no_long_log_though_somebody_read_meanwhile(devices: Devices) -> None:
    server, laptop, fresh = devices(3)
    plan_entry(laptop.store)
    started(laptop.store)
    groceries = entry(laptop.store, "Groceries").id
    with laptop.store.write() as work:
        add_postings(work, [draft(groceries) for _ in range(2_500)])
    for one, arrived_at in ((laptop, server), (fresh, fresh)):
        with reading_for_a_moment(arrived_at):
            meet(one, server)
        assert Path(f"{arrived_at.path}-wal").stat().st_size == 0
    assert_same([server, laptop, fresh])


@contextmanager
def reading_for_a_moment(replica: Replica) -> Iterator[None]:
    """Somebody reads in this file, again and again and for a short while each time, until the block ends."""
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            with replica.store.read() as work:
                standing(work.connection)
                ended.wait(0.05)
            ended.wait(0.005)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield
    finally:
        ended.set()
        reader.join()
