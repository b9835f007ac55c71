"""An older program and a newer one: sync goes on, the older one keeps what it does not know, and nothing is lost."""

from __future__ import annotations

import itertools
import json
import logging
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from quartermaster.services.postings import ledger
from quartermaster.storage.change import EDIT, INSERT, Change
from quartermaster.storage.exchange import standing
from quartermaster.storage.merge import RecordState
from quartermaster.sync.protocol import read
from tests.living import entry, line, plan_entry, posted, started
from tests.running import CHECKOUT
from tests.sync.replicas import Replica, assert_same, meet

Devices = Callable[[int], list[Replica]]


class Newer:
    """A device of the future, with a log of its own and no file."""

    def __init__(self, server: Replica) -> None:
        self.server = server
        self.device = uuid4()
        self.head, self.counter, self.stamp = bytes(32), 0, server.clock.now_ms << 16

    def say(self, kind: str, record: UUID, op: str, **fields: Any) -> None:
        """One change, brought to the server at once."""
        with self.server.store.read() as work:
            at = standing(work.connection)
        after, self.counter, self.stamp = [self.counter, self.head.hex()], self.counter + 1, self.stamp + 1
        change = Change(
            device=self.device, counter=self.counter, stamp=self.stamp, action=self.counter,
            kind=kind, record=record, op=op, fields=fields,
        )  # fmt: skip
        self.head = change.chained(self.head)
        line = [self.stamp, self.counter, kind, record.hex, op, fields, None]
        stretch = {"device": self.device.hex, "after": after, "head": self.head.hex(), "changes": [line]}
        whole = {
            "protocol": 1, "schema": "9999", "household": at.household.hex, "device": self.device.hex, "empty": False,
            "vector": {}, "digest": "0" * 32, "stretches": [stretch], "of the future": {"anything": [1, 2]},
        }  # fmt: skip
        read(self.server.host.answer(json.dumps(whole).encode()))


def test_what_an_older_program_does_not_know_is_kept_passed_on_and_shown_after_the_upgrade(devices: Devices) -> None:
    server, laptop, other = devices(3)
    plan_entry(server.store)
    started(server.store)
    groceries = entry(server.store, "Groceries").id
    meet(laptop, server)
    newer = Newer(server)
    tagged, wish = uuid4(), uuid4()
    known = {"entry_id": groceries.hex, "day": "2026-05-17", "payee": None, "description": None}
    newer.say("posting", tagged, INSERT, **known, amount=100, tag="travel")
    newer.say("posting", tagged, EDIT, tag="holiday")
    newer.say("wish", wish, INSERT, title="A boat")
    newer.say("wish", wish, EDIT, title="A bigger boat")
    meet(laptop, server)
    posted(laptop.store, groceries, 250)
    meet(laptop, server)
    meet(other, laptop)
    assert_same([server, laptop, other])
    assert line(other.store, "Groceries").applied == 350
    other.close()
    upgraded = subprocess.run(
        [sys.executable, "-m", "tests.sync.future", str(other.path)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(upgraded.stdout) == {"tags": ["holiday", None], "wishes": ["A bigger boat"], "findings": []}


def test_an_edit_of_an_unknown_field_does_not_touch_the_ones_that_are_known(devices: Devices) -> None:
    server, laptop = devices(2)
    plan_entry(server.store)
    started(server.store)
    posting = posted(server.store, entry(server.store, "Groceries").id, 5)
    meet(laptop, server)
    Newer(server).say("posting", posting.id, EDIT, tag={"colours": ["red", None, 7]})
    meet(laptop, server)
    with laptop.store.read() as work:
        assert ledger(work, posting.entry_id).postings == (posting,)
    assert_same([server, laptop])


def test_rows_of_programs_that_know_different_fields_are_not_compared(
    devices: Devices, caplog: pytest.LogCaptureFixture
) -> None:
    [server] = devices(1)
    plan_entry(server.store)
    with caplog.at_level(logging.DEBUG, "quartermaster.events"):
        Newer(server).say("wish", uuid4(), INSERT, title="Quiet")
    assert "rows_differ" not in {record.msg for record in caplog.records}


def test_of_inserts_that_know_different_fields_the_later_one_counts_in_any_order() -> None:
    record, device = uuid4(), uuid4()
    inserted = Change(
        device=device,
        counter=1,
        stamp=5,
        action=1,
        kind="posting",
        record=record,
        op=INSERT,
        fields={"amount": 1, "tag": "a"},
    )
    changes = [
        inserted,
        replace(inserted, stamp=9, fields={"amount": 2}),
        replace(inserted, stamp=7, op=EDIT, fields={"note": "kept"}),
    ]
    outcomes = set()
    for order in itertools.permutations(changes):
        state = RecordState("posting", record)
        for change in order:
            state.merge(change)
        outcomes.add(tuple(sorted(state.values.items())))
    assert outcomes == {(("amount", 2), ("note", "kept"))}
