"""Messages that our programs would not send: what a stranger's would, or one that means harm."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from quartermaster.services.devices import rename_device
from quartermaster.services.months import set_month_debt_target
from quartermaster.services.plans import edit_plan_entry
from quartermaster.storage.change import Change
from quartermaster.storage.exchange import page_after, standing
from quartermaster.sync.errors import Rejected
from quartermaster.sync.protocol import PAGE_BYTES, Message, read, written
from tests.living import MAY, entry, plan_entry, posted, started
from tests.sync.replicas import Replica, meet

NASTY: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63), 10**40, "", "x", "\x00", "\u202e", "\ud800",
    "0" * 32, "f" * 32, "F" * 32, "0" * 64, "g" * 64, "../../etc/passwd", "'; DROP TABLE change; --", "posting",
    "insert", "edit", "deleted", "2026-02-30", "9999-99", "1e999", "x" * 2_000, [], {}, [[]], [None], [0, ""],
    {"": ""}, {"deleted": True}, {"deleted": 1}, [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]], ["closed", 0, None],
]  # fmt: skip

LATER = "9999.9"
"""What a program that is later than any says of itself."""


def changed_pair(devices: Callable[[int], list[Replica]]) -> tuple[Replica, Replica]:
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
        rename_device(work, work.device, "Sam’s")
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


def changes_of(laptop: Replica, server: Replica) -> list[Change]:
    with laptop.store.read() as work:
        at = standing(work.connection)
        page = page_after(work.connection, {}, PAGE_BYTES)
    message = Message(
        household=at.household, device=at.device, schema=at.schema, is_empty=False, vector={}, stretches=page.stretches
    )
    return [change for stretch in read(written(message)).heard for change in stretch.changes]


def offer(server: Replica, change: Change, **said: str) -> None:
    """Say it to the server as a new device whose chain is right."""
    message = {**message_of(server, change, UUID(int=random.getrandbits(128))), **said}
    try:
        server.host.answer(json.dumps(message).encode())
    except Rejected as no:
        assert no.code == "malformed" or (no.code, said) == ("protocol", {"schema": LATER})


def message_of(server: Replica, change: Change, device: UUID) -> dict[str, Any]:
    """The message that brings the server one change, the first of a device, in a chain that is right."""
    with server.store.read() as work:
        at = standing(work.connection)
    try:
        change = replace(change, device=device)
        head = change.chained(bytes(32)).hex()
    except UnicodeEncodeError:
        head = "0" * 64
    line = [change.stamp, 1, change.kind, change.record.hex, change.op, change.fields, None]
    known = {one.hex: [counter, head_there.hex()] for one, (counter, head_there) in at.vector.items()}
    return {
        "protocol": 1, "schema": at.schema, "household": at.household.hex, "device": device.hex, "empty": False,
        "vector": known, "more": False,
        "stretches": [{"device": device.hex, "after": [0, "0" * 64], "head": head, "changes": [line]}],
    }  # fmt: skip


def of_many_devices(laptop: Replica, count: int) -> bytes:
    """The laptop's next message, with the same change said by so many devices that nobody knows."""
    change = replace(changes_of(laptop, laptop)[1], counter=1, action=1, seen=None)
    stretches = []
    for _ in range(count):
        one = replace(change, device=UUID(int=random.getrandbits(128)))
        line = [one.stamp, 1, one.kind, one.record.hex, one.op, one.fields, None]
        head = one.chained(bytes(32)).hex()
        stretches.append({"device": one.device.hex, "after": [0, "0" * 64], "head": head, "changes": [line]})
    with laptop.store.read() as work:
        at = standing(work.connection)
    whole = Message(household=at.household, device=at.device, schema=at.schema, is_empty=False, vector=at.vector)
    return json.dumps({**json.loads(written(whole)), "stretches": stretches}).encode()
