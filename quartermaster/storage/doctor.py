"""Examining a file: is it whole, does its log hang together, and do its rows follow from its log?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, func, insert, select

from quartermaster.storage import schema
from quartermaster.storage.change import NO_HEAD, compact
from quartermaster.storage.changelog import apply, read_change
from quartermaster.storage.failures import translated
from quartermaster.storage.kinds import KINDS
from quartermaster.storage.migrate import head, revision_of
from quartermaster.storage.soundness import faults, strange_schema

BATCH = 2_000
SHOWN = 20
_NOT_COMPARED = "replay: the rows were not compared with a change log that is broken itself"


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, and what was found wrong (empty: all is well)."""

    changes: int
    rows: int
    findings: tuple[str, ...]


def examine(path: Path) -> Report:
    """Check the file and replay its log from nothing. Reads only."""
    revision = revision_of(path)
    if revision != head():
        return Report(0, 0, (f"the schema is {revision or 'missing'}, not {head()}: start the program to upgrade it",))
    with translated():
        broken = _unsound(path)
        if broken:
            return Report(0, 0, tuple(broken))
        engine = _reading(path)
        try:
            with engine.connect() as connection, connection.begin():
                connection.exec_driver_sql("BEGIN")
                findings = list(_chains(connection))
                findings += [_NOT_COMPARED] if findings else _replayed(connection)
                findings += _orphans(connection)
                findings += _own(connection)
                rows = sum(len(_rows(connection, name)) for name in KINDS)
                changes = len(connection.execute(select(schema.change.c.counter)).all())
        finally:
            engine.dispose()
    return Report(changes, rows, tuple(findings))


def _reading(path: Path) -> Engine:
    """An engine that cannot write: a backup that was examined is still the file that was made, byte for byte."""
    uri = f"{path.resolve().as_uri()}?mode=ro"

    def connected() -> sqlite3.Connection:
        connection = sqlite3.connect(uri, uri=True, isolation_level=None)
        # Bytes that are no text are not what was committed: a finding, and not the end of the examination.
        connection.text_factory = lambda stored: stored.decode("utf-8", "surrogateescape")
        return connection

    return create_engine("sqlite://", creator=connected)


def _unsound(path: Path) -> list[str]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        return list(faults(connection)) or sorted(strange_schema(connection))


def _chains(connection: Connection) -> Iterator[str]:
    """Every device's counters run without gaps, and their hashes chain up to the head that is stored."""
    table = schema.change
    for device in connection.execute(select(schema.device)).mappings().all():
        query = select(table).where(table.c.device_no == device["no"]).order_by(table.c.counter)
        chain, expected = NO_HEAD, 1
        for row in connection.execute(query).mappings():
            if row["counter"] != expected:
                yield f"change log: device {device['no']} jumps from {expected - 1} to {row['counter']}"
            try:
                change = read_change({**row, "device": device["id"]})
                chain = change.chained(chain)
            except (ValueError, TypeError, AttributeError) as error:
                yield f"change log: change {row['counter']} of device {device['no']} cannot be read ({error})"
                break
            if row["hash"] != chain or row["fields"] != compact(change.fields):
                yield f"change log: change {row['counter']} of device {device['no']} is not what was committed"
                break
            expected = row["counter"] + 1
        if (device["counter"], device["head"]) != (expected - 1, chain):
            yield f"change log: device {device['no']} does not end where its head says"


def _replayed(connection: Connection) -> Iterator[str]:
    """Rows made from the log alone equal the rows that are stored."""
    memory = create_engine("sqlite://")
    schema.metadata.create_all(memory)
    with memory.begin() as fresh:
        for device in connection.execute(select(schema.device.c.no, schema.device.c.id)):
            fresh.execute(insert(schema.device).values(no=device.no, id=device.id, counter=0, head=NO_HEAD))
        table = schema.change
        query = select(table, schema.device.c.id.label("device")).join_from(table, schema.device)
        changes = (
            read_change(row)
            for row in connection.execute(query.order_by(table.c.device_no, table.c.counter)).mappings()
        )
        while batch := list(islice(changes, BATCH)):
            apply(fresh, batch)
        differing = [text for name in KINDS for text in _differences(name, _rows(connection, name), _rows(fresh, name))]
    yield from differing[:SHOWN]
    if len(differing) > SHOWN:
        yield f"replay: and {len(differing) - SHOWN} more rows differ"


def _differences(kind: str, stored: dict[bytes, Any], replayed: dict[bytes, Any]) -> Iterator[str]:
    for identity in stored.keys() | replayed.keys():
        if stored.get(identity) != replayed.get(identity):
            yield f"replay: {kind} {identity.hex()} is not what the change log makes of it"


def _orphans(connection: Connection) -> Iterator[str]:
    entries, months = _rows(connection, "month_entry"), _rows(connection, "month")
    for identity, posting in _rows(connection, "posting").items():
        if posting["entry_id"] not in entries:
            yield f"posting {identity.hex()} is on an entry that is not here"
    for identity, entry in entries.items():
        if entry["month_id"] not in months:
            yield f"month entry {identity.hex()} is in a month that is not here"


def _own(connection: Connection) -> Iterator[str]:
    """What the file keeps beside its log and its rows fits them: whose it is, its clock, what is to be looked at."""
    change, lost = schema.change, schema.lost_edit
    this = connection.execute(select(schema.this_device)).first()
    if this is None:
        # Until a household is founded in it, a file is nobody's.
        if connection.execute(select(change.c.counter).limit(1)).first() is not None:
            yield "this device: the file does not say whose it is"
        return
    if this.household not in _rows(connection, "household"):
        yield "this device: its household is not here"
    if this.clock < (connection.execute(select(func.max(change.c.stamp))).scalar() or 0):
        yield "this device: its clock is behind the change log"
    of_its_change = (change.c.device_no == lost.c.device_no) & (change.c.counter == lost.c.counter)
    query = select(lost).join(change, of_its_change, isouter=True).where(change.c.counter.is_(None))
    if nowhere := len(connection.execute(query).all()):
        yield f"attention: {nowhere} of the edits that are listed are not in the change log"


def _rows(connection: Connection, kind: str) -> dict[bytes, Any]:
    return {row["id"]: dict(row) for row in connection.execute(select(KINDS[kind].table)).mappings()}
