"""The devices that a file has heard of, for people to look at."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from quartermaster.storage import schema
from quartermaster.storage.changelog import CLOCK_SHIFT, introduce, known_speakers
from quartermaster.storage.exchange import MOST_DEVICES
from quartermaster.storage.prepared import Prepared

_card = schema.device_card
_DEVICES = Prepared(
    select(
        schema.device.c.id,
        # Names of before they travelled are in the file's own table.
        func.coalesce(_card.c.name, schema.device.c.name),
        schema.device.c.counter,
        schema.change.c.stamp,
        schema.met.c.at_ms,
        _card.c.forgotten,
        schema.this_device.c.only,
    )
    .join(
        schema.change,
        and_(schema.change.c.device_no == schema.device.c.no, schema.change.c.counter == schema.device.c.counter),
        isouter=True,
    )
    .join(schema.this_device, schema.this_device.c.device_no == schema.device.c.no, isouter=True)
    .join(schema.met, schema.met.c.device_no == schema.device.c.no, isouter=True)
    .join(_card, and_(_card.c.id == schema.device.c.id, _card.c.deleted == 0), isouter=True)
    .order_by(schema.device.c.no)
)
_MEET = upsert(schema.met).values(device_no=bindparam("no"), at_ms=bindparam("now_ms"))
_MET = Prepared(_MEET.on_conflict_do_update(index_elements=["device_no"], set_={"at_ms": _MEET.excluded.at_ms}))


@dataclass(frozen=True, slots=True)
class Device:
    """`changes` counts what it said so far, `last_ms` is when it said the last of it, by its own clock.

    `met_ms` is when it last exchanged with this one, by this one's clock; None where they never met themselves.
    `is_forgotten`: a person said that it is gone, and it has said nothing since.
    """

    id: UUID
    name: str | None
    changes: int
    last_ms: int | None
    met_ms: int | None
    is_this: bool
    is_forgotten: bool


def devices(connection: Connection) -> list[Device]:
    """All of them: this one first, then the others in the order in which the file heard of them."""
    found = [
        Device(
            id=UUID(bytes=key),
            name=name,
            changes=counter,
            last_ms=stamp >> CLOCK_SHIFT if stamp is not None else None,
            met_ms=met_ms,
            is_this=only is not None,
            is_forgotten=only is None and forgotten is not None and counter <= forgotten,
        )
        for key, name, counter, stamp, met_ms, forgotten, only in _DEVICES.rows(connection)
    ]
    return sorted(found, key=lambda device: not device.is_this)


def note_met(connection: Connection, device: UUID, now_ms: int) -> None:
    """Remember that a device was here just now, also one that has nothing to say yet."""
    speakers = known_speakers(connection)
    speaker = speakers.get(device)
    if speaker is None and len(speakers) < MOST_DEVICES:
        speaker = introduce(connection, device)
    if speaker is not None:
        _MET.do(connection, no=speaker.no, now_ms=now_ms)
