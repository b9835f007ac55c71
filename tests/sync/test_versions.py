"""An older program and a newer one: sync goes on, the older one keeps what it does not know, and nothing is lost."""

from __future__ import annotations

import itertools
import json
import logging
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from quartermaster.domain.money import Money
from quartermaster.domain.month import MonthState
from quartermaster.domain.section import Section
from quartermaster.services.history import history
from quartermaster.services.plans import move_plan_entry
from quartermaster.services.postings import ledger
from quartermaster.storage.change import EDIT, INSERT, Change, compact
from quartermaster.storage.exchange import standing
from quartermaster.storage.history import About
from quartermaster.storage.kinds import KINDS
from quartermaster.storage.merge import RecordState
from quartermaster.storage.migrate import known_revisions
from quartermaster.storage.understanding import takes
from quartermaster.sync.conversation import Conversation
from quartermaster.sync.errors import Malformed, WrongProtocol
from quartermaster.sync.host import Host
from quartermaster.sync.protocol import read, written
from quartermaster.sync.status import State, state_after
from quartermaster.ui.history_words import told
from tests.living import entry, line, plan_entry, posted, seen, started
from tests.running import CHECKOUT
from tests.sync.replicas import Replica, assert_same, meet

Devices = Callable[[int], list[Replica]]
TAKEN = ("0005", 354670024)
"""The migration since which fields take these values."""


class Newer:
    """A device of the future, with a log of its own and no file."""

    def __init__(self, server: Replica) -> None:
        self.server = server
        self.device = uuid4()
        self.household: UUID | None = None
        self.head, self.counter, self.stamp = bytes(32), 0, server.clock.now_ms << 16

    def say(self, kind: str, record: UUID, op: str, **fields: Any) -> None:
        """One change, brought to the server at once."""
        with self.server.store.read() as work:
            household = self.household or standing(work.connection).household
        after, self.counter, self.stamp = [self.counter, self.head.hex()], self.counter + 1, self.stamp + 1
        change = Change(
            device=self.device, counter=self.counter, stamp=self.stamp, action=self.counter,
            kind=kind, record=record, op=op, fields=fields,
        )  # fmt: skip
        self.head = change.chained(self.head)
        line = [self.stamp, self.counter, kind, record.hex, op, fields, None]
        stretch = {"device": self.device.hex, "after": after, "head": self.head.hex(), "changes": [line]}
        whole = {
            "protocol": 1, "schema": "9999", "household": household.hex, "device": self.device.hex, "empty": False,
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
    now = upgraded(other)
    assert now == {"tags": ["holiday", None], "wishes": ["A bigger boat"], "pets": [], "findings": []}


def upgraded(device: Replica) -> dict[str, Any]:
    """What the device's file holds after it was opened by a program of the future."""
    device.close()
    done = subprocess.run(
        [sys.executable, "-m", "tests.sync.future", str(device.path)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def as_of_the_future(server: Replica, newer: Newer) -> Host:
    """The server's side, as if the newer device were the server, with its program of the future."""

    class Future(Host):
        def answer(self, body: bytes) -> bytes:
            told = json.loads(super().answer(body))
            return json.dumps({**told, "schema": "9999.9", "device": newer.device.hex}).encode()

    return Future(server.store, lambda: server.path.parent / "backups")


@pytest.mark.parametrize("newer_is", ["a laptop", "the server"])
def test_a_new_value_of_a_known_field_is_kept_passed_on_and_shown_after_the_upgrade(
    devices: Devices, newer_is: str
) -> None:
    server, laptop, other = devices(3)
    groceries, dog = plan_entry(server.store), plan_entry(server.store, "Dog")
    started(server.store)
    meet(laptop, server)
    newer = Newer(server)
    if newer_is == "the server":
        server.host = as_of_the_future(server, newer)
    with server.store.read() as work:
        of_dog = work.plan_entry(dog.id)
    assert of_dog is not None
    newer.say("plan_entry", dog.id, EDIT, section="pets")
    newer.say("plan_entry", groceries.id, EDIT, name="x" * 300, planned=70_000)
    newer.say("month", seen(server.store).month.id, EDIT, lifecycle=["paused", 5, None])
    wire = {**KINDS["plan_entry"].wire(of_dog), "section": "pets", "name": "Cat", "apr_basis_points": 10**9}
    newer.say("plan_entry", uuid4(), INSERT, **wire)
    newer.say("plan_entry", uuid4(), INSERT, **{**wire, "planned": 10**17})
    meet(laptop, server)
    plan_entry(laptop.store, "Typed by an older one")
    meet(laptop, server)
    meet(other, laptop)
    assert_same([server, laptop, other])
    for device in (server, laptop, other):
        with device.store.read() as work:
            entries = {one.name: one for one in work.plan_entries()}
        assert entries.keys() == {"Groceries", "Dog", "Cat", "Typed by an older one"}
        assert (entries["Dog"].section, entries["Cat"].section) == (dog.section, Section.OTHER)
        assert (entries["Groceries"].planned, entries["Cat"].apr_basis_points) == (70_000, None)
        assert seen(device.store).month.state is MonthState.PLANNING
        with device.store.read() as work:
            words = [told(deed, Money()).title for deed in history(work, About.ALL).deeds]
        assert words.count("Something that this version does not know yet") == 3
    assert upgraded(other)["pets"] == ["Cat", "Dog"]


def test_an_older_device_s_later_edit_of_such_a_field_stands_everywhere(devices: Devices) -> None:
    server, laptop = devices(2)
    dog = plan_entry(server.store, "Dog")
    meet(laptop, server)
    Newer(server).say("plan_entry", dog.id, EDIT, section="pets", name="Dogs")
    meet(laptop, server)
    with laptop.store.write() as work:
        move_plan_entry(work, dog.id, section=Section.SUBSCRIPTION, before=None)
    meet(laptop, server)
    assert_same([server, laptop])
    assert upgraded(laptop)["pets"] == []


def test_a_server_of_the_same_version_is_not_believed_what_no_such_version_writes(devices: Devices) -> None:
    server, laptop = devices(2)
    dog = plan_entry(server.store, "Dog")
    meet(laptop, server)
    newer = Newer(server)
    newer.say("plan_entry", dog.id, EDIT, section="pets")
    answer = json.loads(server.host.answer(written(next(Conversation(laptop.store, laptop.digest).steps()))))
    with pytest.raises(Malformed, match="section must be one of income"):
        read(json.dumps({**answer, "device": newer.device.hex}).encode())


def test_a_household_of_money_that_is_not_known_yet_asks_for_an_update(devices: Devices) -> None:
    [server] = devices(1)
    newer, before = Newer(server), server.vector
    newer.household = uuid4()
    with pytest.raises(WrongProtocol, match="this Quartermaster does not know"):
        newer.say("household", newer.household, INSERT, currency="XQZ", debt_target=None)
    assert server.vector == before
    assert state_after(WrongProtocol("", protocol=1)) is State.NEEDS_UPDATE


def test_a_version_whose_fields_take_other_values_has_a_migration() -> None:
    """Otherwise an older program opens what it cannot show, and the devices compare rows that must differ."""
    revision, values = TAKEN
    assert zlib.crc32(compact(takes()).encode()) == values, "Add a migration, an empty one if need be; note both here."
    assert revision in known_revisions()


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
