"""Who speaks in this file: the household it keeps, and the device whose counter its changes use."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from quartermaster.storage import schema
from quartermaster.storage.change import NO_HEAD


def is_founded(connection: Connection) -> bool:
    """Whether the file belongs to a household already."""
    return connection.execute(select(schema.this_device.c.only)).first() is not None


def found_device(connection: Connection, household: UUID, device: UUID) -> None:
    """Make this file the first device of a household."""
    number = _introduced(connection, device)
    connection.execute(insert(schema.this_device).values(only=1, household=household.bytes, device_no=number, clock=0))


def take_identity(connection: Connection, device: UUID) -> None:
    """Let this file speak under an id that never said anything: it was restored or copied.

    What the former identity said stays in the log; the clock goes on, so that later edits win.
    """
    connection.execute(update(schema.this_device).values(device_no=_introduced(connection, device)))


def _introduced(connection: Connection, device: UUID) -> int:
    result = connection.execute(insert(schema.device).values(id=device.bytes, counter=0, head=NO_HEAD))
    return int(result.inserted_primary_key[0])  # type: ignore[index]  # one row was inserted
