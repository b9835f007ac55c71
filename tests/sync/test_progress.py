"""A long exchange says how much of it is done, of a total that both vectors give."""

from __future__ import annotations

import asyncio
from itertools import groupby

import pytest

from quartermaster.services.postings import add_postings
from quartermaster.storage.exchange import standing
from quartermaster.sync.client import Client
from quartermaster.sync.errors import OtherHousehold
from quartermaster.sync.line import Line
from quartermaster.sync.status import State, Status
from quartermaster.sync.use import in_a_thread
from tests.living import draft, entry, plan_entry, started
from tests.services.acting import do
from tests.sync.replicas import Replica
from tests.sync.serving import Serving

MANY = 6_000
"""Postings that do not fit into one message."""


def exchanged(client_of: Replica, serving: Serving) -> list[Status]:
    """What a watcher hears of one exchange."""
    heard: list[Status] = []

    async def once() -> None:
        line = Line(serving.server)
        client = Client(client_of.store, line, in_a_thread)
        client.watch(heard.append)
        try:
            await client.exchange()
        finally:
            await line.close()

    asyncio.run(once())
    return heard


def fill(replica: Replica) -> None:
    plan_entry(replica.store)
    started(replica.store)
    do(replica.store, add_postings, [draft(entry(replica.store, "Groceries").id) for _ in range(MANY)])


def test_a_first_exchange_counts_what_came_of_what_the_server_has(serving: Serving, laptop: Replica) -> None:
    fill(serving.replica)
    heard = exchanged(laptop, serving)
    moving = [status for status in heard if status.state is State.SENDING]
    shares = [status.share for status in moving if status.share is not None]
    assert len(set(shares)) > 1
    assert shares == sorted(shares)
    assert {status.coming for status in moving if status.coming} == {
        MANY + 4
    }  # the household, the entry, the month and its copy
    assert (heard[-1].state, heard[-1].share) == (State.IN_STEP, None)


def test_one_that_brings_a_lot_counts_what_went(serving: Serving, laptop: Replica) -> None:
    fill(laptop)
    shares = [status.share for status in exchanged(laptop, serving) if status.share is not None]
    assert len(set(shares)) > 1
    assert shares == sorted(shares)


def test_a_few_changes_that_come_do_not_make_the_chip_flicker(serving: Serving, laptop: Replica) -> None:
    plan_entry(serving.replica.store)
    assert State.SENDING not in {status.state for status in exchanged(laptop, serving) if status.coming}


def test_what_needs_a_person_is_said_until_it_is_mended_whatever_is_tried_meanwhile(
    serving: Serving, laptop: Replica
) -> None:
    plan_entry(serving.replica.store)
    plan_entry(laptop.store)
    heard: list[Status] = []

    async def twice() -> None:
        line = Line(serving.server)
        client = Client(laptop.store, line, in_a_thread)
        for _ in range(2):
            with pytest.raises(OtherHousehold):
                await client.exchange()
            client.watch(heard.append)
        with serving.replica.store.read() as work:
            theirs = standing(work.connection).household
        await client.exchange(replace_theirs=theirs)
        await line.close()

    asyncio.run(twice())
    states = [state for state, _ in groupby(status.state for status in heard)]
    assert states == [State.ANOTHER_HOUSEHOLD, State.SENDING, State.IN_STEP]
