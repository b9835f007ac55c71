"""The devices that a file has heard of, for people to look at."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, select, update

from quartermaster.storage import schema
from quartermaster.storage.changelog import CLOCK_SHIFT
from quartermaster.storage.prepared import Prepared

_DEVICES = Prepared(
    select(
        schema.device.c.id,
        schema.device.c.name,
        schema.device.c.counter,
        schema.change.c.stamp,
        schema.this_device.c.only,
    )
    .join(
        schema.change,
        and_(schema.change.c.device_no == schema.device.c.no, schema.change.c.counter == schema.device.c.counter),
        isouter=True,
    )
    .join(schema.this_device, schema.this_device.c.device_no == schema.device.c.no, isouter=True)
    .order_by(schema.device.c.no)
)
_NAME = Prepared(update(schema.device).where(schema.device.c.id == bindparam("which")).values(name=bindparam("called")))


@dataclass(frozen=True, slots=True)
class Device:
    """`changes` counts what it said so far, `last_ms` is when it said the last of it, by its own clock."""

    id: UUID
    name: str | None
    changes: int
    last_ms: int | None
    is_this: bool


def devices(connection: Connection) -> list[Device]:
    """All of them: this one first, then the others in the order in which the file heard of them."""
    found = [
        Device(UUID(bytes=key), name, counter, stamp >> CLOCK_SHIFT if stamp is not None else None, only is not None)
        for key, name, counter, stamp, only in _DEVICES.rows(connection)
    ]
    return sorted(found, key=lambda device: not device.is_this)


def call_device(connection: Connection, device: UUID, name: str | None) -> None:
    """Give a device a name on this one."""
    _NAME.do(connection, which=device.bytes, called=name)
