"""What sync asks of a file: how far it knows each device, what another file lacks, and taking in what arrives."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, bindparam, column, func, select, table

from quartermaster.storage import schema
from quartermaster.storage.change import NO_HEAD, Change
from quartermaster.storage.changelog import known_speakers
from quartermaster.storage.merge import RULES
from quartermaster.storage.migrate import known_revisions
from quartermaster.storage.prepared import Prepared

AT_ONCE = 500
LARGE_BYTES, FOLDING_S = 1_000_000, 0.25
"""A write-ahead log of this size is worth folding, and that is worth waiting for so long."""
MOST_DEVICES = 2_000
"""Their version vector has to fit into one message."""
MOST_STRANGERS = 100
"""Devices that the other side has not heard of, in one page."""
STRETCH_BYTES = 250
"""What naming a stretch's device and heads takes in a page."""

Point = tuple[int, bytes]
"""How far a device's chain goes, and its head there."""
Vector = dict[UUID, Point]
NOTHING: Point = (0, NO_HEAD)

_ME = Prepared(
    select(schema.this_device.c.household, schema.device.c.id, schema.this_device.c.clock).join(
        schema.device, schema.device.c.no == schema.this_device.c.device_no
    )
)
_REVISION = Prepared(select(column("version_num")).select_from(table("alembic_version")))
_HEAD_AT = Prepared(
    select(schema.change.c.hash)
    .join(schema.device, schema.device.c.no == schema.change.c.device_no)
    .where(schema.device.c.id == bindparam("device"), schema.change.c.counter == bindparam("at"))
)
_FOLLOWING = Prepared(
    select(
        schema.change.c.counter,
        schema.change.c.stamp,
        schema.change.c.action,
        schema.change.c.kind,
        schema.change.c.record,
        schema.change.c.op,
        schema.change.c.fields,
        schema.change.c.seen,
        schema.change.c.hash,
    )
    .where(schema.change.c.device_no == bindparam("no"), schema.change.c.counter > bindparam("after"))
    .order_by(schema.change.c.counter)
    .limit(AT_ONCE)
)
_SAID_MORE = Prepared(
    select(schema.change.c.counter)
    .where(schema.change.c.kind != "household", schema.change.c.kind != "device_card")
    .limit(1)
)
_COUNTS = [
    select(func.count()).where(counted.c.deleted == 0).scalar_subquery()
    for counted in (schema.plan_entry, schema.month, schema.posting)
]
_DAYS = [
    select(end(schema.posting.c.day)).where(schema.posting.c.deleted == 0).scalar_subquery()
    for end in (func.min, func.max)
]
_CENSUS = Prepared(select(*_COUNTS, *_DAYS))
_HOUSEHOLD = Prepared(select(schema.household.c.currency).where(schema.household.c.id == bindparam("id")))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a file stands at one moment. `is_empty`: nothing but its founding and names of devices was said in it.

    `schema` names the tables and the rules that made the rows: between two that differ, rows are not compared.
    """

    household: UUID
    device: UUID
    clock: int
    schema: str
    is_empty: bool
    vector: Vector


@dataclass(frozen=True, slots=True)
class Census:
    """How much a file holds, for people who choose between two. The days are those of postings."""

    plan_entries: int
    months: int
    postings: int
    earliest_day: str | None
    latest_day: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """Consecutive changes of one device: what they follow (`after`, `follows`), and the head that they lead to."""

    device: UUID
    after: int
    follows: bytes
    head: bytes

    @property
    def start(self) -> Point:
        return (self.after, self.follows)


@dataclass(frozen=True, kw_only=True, slots=True)
class Written(Stretch):
    """A stretch as it leaves: each change is JSON already, made from the log's own JSON."""

    lines: tuple[str, ...]

    @property
    def end(self) -> int:
        return self.after + len(self.lines)


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard(Stretch):
    """A stretch as it arrives, of the right shape and otherwise not trusted."""

    changes: tuple[Change, ...]

    @property
    def end(self) -> int:
        return self.after + len(self.changes)


@dataclass(frozen=True, slots=True)
class Page:
    """Part of what another file lacks; whether there is more."""

    stretches: tuple[Written, ...]
    more: bool

    @property
    def changes(self) -> int:
        return sum(len(stretch.lines) for stretch in self.stretches)


def standing(connection: Connection) -> Standing:
    """Where this file stands."""
    [(household, device, clock)] = _ME.rows(connection)
    [(revision,)] = _REVISION.rows(connection)
    made_by = f"{revision}.{RULES}"
    is_empty = not _SAID_MORE.rows(connection)
    return Standing(UUID(bytes=household), UUID(bytes=device), clock, made_by, is_empty, vector(connection))


def is_no_later(made_by: str) -> bool:
    """Whether a program of that `Standing.schema` knows nothing that this one does not."""
    revision, _, rules = made_by.partition(".")
    return revision in known_revisions() and rules.isdecimal() and int(rules) <= RULES


def vector(connection: Connection) -> Vector:
    """How far this file knows each device that said anything."""
    return {one.id: (one.counter, bytes(one.head)) for one in known_speakers(connection).values() if one.counter}


def is_behind(one: Mapping[UUID, Point], other: Mapping[UUID, Point]) -> bool:
    """Whether who knows `one` lacks something of `other`."""
    return any(one.get(device, NOTHING)[0] < counter for device, (counter, _) in other.items())


def head_at(connection: Connection, device: UUID, counter: int) -> bytes | None:
    """The head of a device's chain after its change `counter`; None where the log does not hold that."""
    if counter == 0:
        return NO_HEAD
    rows = _HEAD_AT.rows(connection, device=device.bytes, at=counter)
    return bytes(rows[0][0]) if rows else None


def fork(connection: Connection, theirs: Mapping[UUID, Point]) -> UUID | None:
    """A device of which the other file knows something else than this one, as far as this log can tell."""
    mine = vector(connection)
    for device, (counter, head) in theirs.items():
        known, known_head = mine.get(device, NOTHING)
        if counter == known and head != known_head:
            return device
        if 0 < counter < known and head_at(connection, device, counter) != head:
            return device
    return None


def currency_of(connection: Connection, household: UUID) -> str | None:
    """What money a household that this file knows of keeps."""
    rows = _HOUSEHOLD.rows(connection, id=household.bytes)
    return str(rows[0][0]) if rows else None


def census(connection: Connection) -> Census:
    """How much the file holds."""
    [row] = _CENSUS.rows(connection)
    return Census(*row)


def fold(path: Path) -> None:
    """Fold a large write-ahead log into the file, once those who read at the moment are done: much arrived."""
    with suppress(FileNotFoundError, sqlite3.OperationalError):
        if Path(f"{path}-wal").stat().st_size > LARGE_BYTES:
            # Who reads is done in milliseconds, and who writes meanwhile waits for longer than this.
            with closing(sqlite3.connect(path, timeout=FOLDING_S)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def page_after(connection: Connection, known: Mapping[UUID, Point], most_bytes: int) -> Page:
    """What a file that knows this much lacks: each device in its order, all roughly by stamp, up to so many bytes.

    One change is always among them if there is any: there is no amount at which sync gets stuck.
    """
    behind = {
        one.no: (one.id, known.get(one.id, NOTHING)[0])
        for one in known_speakers(connection).values()
        if one.counter > known.get(one.id, NOTHING)[0]
    }
    lines: dict[int, list[str]] = {}
    heads: dict[int, bytes] = {}
    known_there = {no for no, (_, after) in behind.items() if after}
    strangers: set[int] = set()
    size, more = 0, False
    for _, no, line, head in heapq.merge(*(_following(connection, no, after) for no, (_, after) in behind.items())):
        size += (len(line) if line.isascii() else len(line.encode())) + (0 if no in lines else STRETCH_BYTES)
        strangers |= {no} - known_there
        if (size > most_bytes or len(strangers) > MOST_STRANGERS) and lines:
            more = True
            break
        lines.setdefault(no, []).append(line)
        heads[no] = head
    return Page(tuple(_written(connection, *behind[no], heads[no], said) for no, said in lines.items()), more)


def _written(connection: Connection, device: UUID, after: int, head: bytes, lines: list[str]) -> Written:
    follows = head_at(connection, device, after)
    assert follows is not None
    return Written(device=device, after=after, follows=follows, head=head, lines=tuple(lines))


def _following(connection: Connection, no: int, after: int) -> Iterator[tuple[int, int, str, bytes]]:
    """A device's later changes: sorting key, its number here, JSON, head. A clock that ran backwards is held up."""
    latest = 0
    while rows := _FOLLOWING.rows(connection, no=no, after=after):
        for counter, stamp, action, kind, record, op, fields, seen, head in rows:
            after, latest = counter, max(latest, stamp)
            line = f'[{stamp},{action},"{kind}","{record.hex()}","{op}",{fields},{seen or "null"}]'
            yield latest, no, line, bytes(head)
