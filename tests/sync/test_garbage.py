"""Whatever is sent: it is refused in a sentence, or it is what a device said. Never a failure, never another change."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from quartermaster.services.months import set_month_debt_target
from quartermaster.services.plans import edit_plan_entry
from quartermaster.storage.change import EDIT, INSERT, Change
from quartermaster.storage.exchange import page_after, standing
from quartermaster.storage.kinds import KINDS
from quartermaster.storage.merge import DELETED
from quartermaster.sync.errors import Rejected
from quartermaster.sync.protocol import EXCHANGE, PAGE_BYTES, Message, packed, read, written
from quartermaster.sync.shapes import FIELDS, MOST_WHOLE
from tests.living import MAY, entry, plan_entry, posted, started
from tests.sync.replicas import Replica, assert_same, meet
from tests.sync.serving import Serving

NASTY: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63), 10**40, "", "x", "\x00", "\u202e", "\ud800",
    "0" * 32, "f" * 32, "F" * 32, "0" * 64, "g" * 64, "../../etc/passwd", "'; DROP TABLE change; --", "posting",
    "insert", "edit", "deleted", "2026-02-30", "9999-99", "1e999", "x" * 2_000, [], {}, [[]], [None], [0, ""],
    {"": ""}, {"deleted": True}, {"deleted": 1}, [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]], ["closed", 0, None],
]  # fmt: skip
RAW = (
    b"", b"\x00", b"\xff", b"{", b"}", b"[", b'"', b"NaN", b"Infinity", b"1e5", b"-", b"\\u0000", b"\\ud800", b",",
    b"9" * 40,
)  # fmt: skip


@pytest.fixture
def pair(devices: Callable[[int], list[Replica]]) -> tuple[Replica, Replica]:
    """A server, and a laptop in step with it that has since changed records of every kind."""
    server, laptop = devices(2)
    plan_entry(laptop.store)
    meet(laptop, server)
    loan = plan_entry(laptop.store, "Loan", 500)
    with laptop.store.write() as work:
        edit_plan_entry(work, loan.id, planned=700, notes="Sam’s\nnote")
    started(laptop.store)
    posted(laptop.store, entry(laptop.store, "Groceries").id, -250)
    with laptop.store.write() as work:
        set_month_debt_target(work, MAY, None)
    return server, laptop


def said(laptop: Replica, server: Replica) -> bytes:
    """The message that brings the server all that it lacks."""
    with laptop.store.read() as work:
        at = standing(work.connection)
        page = page_after(work.connection, server.vector, PAGE_BYTES)
    return written(
        Message(
            household=at.household,
            device=at.device,
            schema=at.schema,
            is_empty=False,
            vector=at.vector,
            stretches=page.stretches,
            digest="0" * 32,
            probe={},
        )
    )


def mutated(body: bytes, chance: random.Random) -> bytes:
    """The message with one or two values of it replaced, removed or doubled; or with bytes of it changed."""
    if chance.random() < 0.25:
        at, length = chance.randrange(len(body)), chance.choice([0, 1, 1, 2, 40, 100_000])
        return body[:at] + chance.choice(RAW) + body[at + length :]
    whole = json.loads(body)
    for _ in range(chance.choice([1, 1, 2])):
        holder, key = chance.choice(list(_places(whole)))
        match chance.choice(["put", "put", "put", "drop", "add", "double"]):
            case "put":
                holder[key] = chance.choice(NASTY)
            case "drop":
                del holder[key]
            case "add" if isinstance(holder, dict):
                holder[chance.choice(["x", "deleted", "name", "", "replace", "probe"])] = chance.choice(NASTY)
            case _ if isinstance(holder, list):
                holder.insert(key, holder[key])
    return json.dumps(whole, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Everywhere in a JSON value where something else could stand."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in list(inside):
        yield value, key
        yield from _places(one)


def test_a_mutated_message_is_refused_or_is_what_the_device_said(pair: tuple[Replica, Replica]) -> None:
    server, laptop = pair
    body, before = said(laptop, server), server.vector
    kept = server.path.with_name("kept.db")
    server.kept_as(kept)
    chance = random.Random(20_260_517)
    refused = 0
    for _ in range(6_000):
        try:
            server.host.answer(mutated(body, chance))
        except Rejected as no:
            refused += 1
            assert no.sentence.endswith(".")
        if server.vector != before:
            assert server.vector == laptop.vector
            old = Replica(kept, 50)
            old.copied_to(server)
            old.close()
    assert refused > 4_000
    meet(laptop, server)
    assert_same([server, laptop])


def test_mutated_messages_get_an_answer_and_change_nothing_over_http(
    serving: Serving, devices: Callable[[int], list[Replica]]
) -> None:
    [laptop] = devices(1)
    plan_entry(laptop.store)
    meet(laptop, serving.replica)
    plan_entry(laptop.store, "Not to be sent whole")
    # What is named as missing before these changes makes every one of them a gap, whatever else is in it.
    body = said(laptop, serving.replica).replace(b'"after":[2,', b'"after":[3,')
    before = serving.replica.vector, serving.replica.rows_digest
    chance = random.Random(7)
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    with httpx.Client(timeout=30) as http:
        for _ in range(1_200):
            raw = packed(mutated(body, chance))
            if chance.random() < 0.2:
                raw = mutated(raw, _OnlyBytes(chance.random()))
            answer = http.post(f"{serving.url}{EXCHANGE}", content=raw, headers=headers)
            assert answer.status_code in (200, 400, 409, 413)
            assert answer.json()["protocol"] == 1
    assert (serving.replica.vector, serving.replica.rows_digest) == before


class _OnlyBytes(random.Random):
    """Chance that takes the first way of `mutated`: what is packed is no JSON."""

    def random(self) -> float:
        return 0.0


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_field_that_is_kept_is_checked_when_it_arrives(kind: str) -> None:
    assert FIELDS[kind].keys() | {DELETED} == KINDS[kind].fields.keys()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_value_that_a_field_takes_can_break_the_row(pair: tuple[Replica, Replica], kind: str) -> None:
    """Each nasty value in each field, said by a device whose chain is right: refused, or stored and read again."""
    server, laptop = pair
    meet(laptop, server)
    [insert] = [change for change in _changes(laptop, server) if (change.kind, change.op) == (kind, INSERT)][:1]
    for name in [*FIELDS[kind], DELETED]:
        for value in NASTY:
            told = replace(insert, op=EDIT, fields={name: value}, counter=1, action=1, seen=None)
            _offered(server, told)
            told = replace(told, op=INSERT, fields={**insert.fields, name: value}, record=UUID(int=5))
            _offered(server, told)
    with server.store.read() as work:
        work.household()
        for month in work.months():
            work.month_entries(month.id)
            work.applied(month.id)
        work.plan_entries()
        work.section_totals()


def _changes(laptop: Replica, server: Replica) -> list[Change]:
    with laptop.store.read() as work:
        at = standing(work.connection)
        page = page_after(work.connection, {}, PAGE_BYTES)
    message = Message(
        household=at.household, device=at.device, schema=at.schema, is_empty=False, vector={}, stretches=page.stretches
    )
    return [change for stretch in read(written(message)).heard for change in stretch.changes]


def _offered(server: Replica, change: Change) -> None:
    """Say it to the server as a new device whose chain is right."""
    with server.store.read() as work:
        at = standing(work.connection)
    device = UUID(int=random.getrandbits(128))
    try:
        change = replace(change, device=device)
        head = change.chained(bytes(32)).hex()
    except UnicodeEncodeError:
        head = "0" * 64
    line = [change.stamp, 1, change.kind, change.record.hex, change.op, change.fields, None]
    whole = {
        "protocol": 1, "schema": at.schema, "household": at.household.hex, "device": device.hex, "empty": False,
        "vector": {}, "more": False,
        "stretches": [{"device": device.hex, "after": [0, "0" * 64], "head": head, "changes": [line]}],
    }  # fmt: skip
    try:
        server.host.answer(json.dumps(whole).encode())
    except Rejected as no:
        assert no.code == "malformed"


@pytest.mark.parametrize("stamp", [-1, 2**63, 2**62, MOST_WHOLE])
def test_a_stamp_that_no_clock_shows_is_refused(pair: tuple[Replica, Replica], stamp: int) -> None:
    server, laptop = pair
    change = replace(_changes(laptop, server)[0], stamp=stamp, counter=1, action=1)
    before = server.vector
    _offered(server, change)
    assert server.vector == before


def test_a_forged_late_stamp_locks_nobody_out(pair: tuple[Replica, Replica]) -> None:
    server, laptop = pair
    _offered(server, replace(_changes(laptop, server)[1], stamp=2**62 - 1, counter=1, action=1))
    meet(laptop, server)
    plan_entry(laptop.store, "After the end of time")
    meet(laptop, server)
    plan_entry(server.store, "And later")
    meet(laptop, server)
    assert_same([server, laptop])


def test_so_many_devices_that_nobody_could_name_them_are_refused(
    pair: tuple[Replica, Replica], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quartermaster.storage.arrival.MOST_DEVICES", 4)
    server, laptop = pair
    change = replace(_changes(laptop, server)[1], counter=1, action=1)
    for _ in range(6):
        _offered(server, change)
    assert len(server.vector) == 4
