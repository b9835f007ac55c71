"""The one road to a synced row: changes are logged and applied here, in the caller's transaction."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, RowMapping, Table, bindparam, insert, select, update
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as upsert

from quartermaster.storage import schema
from quartermaster.storage.change import INSERT, NO_HEAD, Change, Key, compact
from quartermaster.storage.kinds import KINDS, Kind
from quartermaster.storage.merge import DELETED, RecordState
from quartermaster.storage.prepared import Prepared
from quartermaster.storage.understanding import understood

CHUNK = 500
"""Ids per query: below SQLite's limit of bound variables in every build."""

CLOCK_SHIFT = 16

States = dict[tuple[str, UUID], RecordState]

_SPEAKERS = Prepared(select(schema.device.c.no, schema.device.c.id, schema.device.c.counter, schema.device.c.head))
_ROWS = {
    name: Prepared(select(kind.table).where(kind.table.c.id.in_(bindparam("ids", expanding=True))))
    for name, kind in KINDS.items()
}
_LOGGED = Prepared(
    select(schema.change, schema.device.c.id.label("device"))
    .join_from(schema.change, schema.device)
    .where(schema.change.c.record.in_(bindparam("ids", expanding=True)))
)
_LOG = Prepared(insert(schema.change))
_MOVE_ON = Prepared(
    update(schema.device)
    .where(schema.device.c.no == bindparam("speaker"))
    .values(counter=bindparam("said"), head=bindparam("hash"))
)
_ADVANCE = Prepared(
    update(schema.this_device).where(schema.this_device.c.clock < bindparam("stamp")).values(clock=bindparam("stamp"))
)


def _upserting(table: Table) -> Insert:
    statement = upsert(table)
    new = {column.name: statement.excluded[column.name] for column in table.columns if column.name != "id"}
    return statement.on_conflict_do_update(index_elements=["id"], set_=new)


_UPSERTS = {name: Prepared(_upserting(kind.table)) for name, kind in KINDS.items()}


class BrokenChain(Exception):
    """Changes arrived that do not continue what this file knows of their device."""


@dataclass(slots=True)
class Speaker:
    """A device whose changes this file knows, and how far."""

    no: int
    id: UUID
    counter: int
    head: bytes


def apply(connection: Connection, changes: Sequence[Change], states: States | None = None) -> int:
    """Log the changes and merge them into the rows; the number that were new. Repeating it changes nothing.

    `states` spares reading the records' states again when the caller has just read them all.
    """
    speakers = known_speakers(connection)
    fresh = [change for change in changes if _is_news(connection, speakers, change)]
    if not fresh:
        return 0
    by_record: dict[tuple[str, UUID], list[Change]] = defaultdict(list)
    for change in fresh:
        if change.kind in KINDS:
            by_record[change.kind, change.record].append(change)
    if states is None:
        states = load_states(connection, by_record)
    _recall_early_edits(connection, by_record, states)
    _log(connection, speakers, fresh)
    for key, group in by_record.items():
        for change in filter(None, map(understood, group)):
            states[key].merge(change)
    _store(connection, speakers, [states[key] for key in by_record])
    _advance_clock(connection, max(change.stamp for change in fresh))
    return len(fresh)


def known_speakers(connection: Connection) -> dict[UUID, Speaker]:
    """Every device that this file has heard, by id."""
    rows = _SPEAKERS.rows(connection)
    return {UUID(bytes=key): Speaker(no, UUID(bytes=key), counter, head) for no, key, counter, head in rows}


def load_states(connection: Connection, keys: Iterable[tuple[str, UUID]]) -> States:
    """The merge state of each record, from its row; a fresh one where there is no row."""
    ids: dict[str, list[bytes]] = defaultdict(list)
    states: States = {}
    for kind, record in keys:
        states[kind, record] = RecordState(kind, record)
        ids[kind].append(record.bytes)
    device_ids: dict[int, bytes] = {}
    for kind, wanted in ids.items():
        for chunk in chunks(wanted):
            for row in _ROWS[kind].records(connection, ids=chunk):
                device_ids = device_ids or _device_ids(connection)
                states[kind, UUID(bytes=row["id"])] = _state(KINDS[kind], row, device_ids)
    return states


def logged(connection: Connection, records: Iterable[UUID]) -> list[Change]:
    """Everything this version understands of what the log holds about some records, in the order of their stamps."""
    found: list[Change] = []
    for chunk in chunks([record.bytes for record in records]):
        found += filter(None, (understood(read_change(row)) for row in _LOGGED.records(connection, ids=chunk)))
    return sorted(found, key=lambda change: (change.stamp, change.device.bytes))


def rebuild(connection: Connection, records: Iterable[UUID]) -> Mapping[str, set[bytes]]:
    """Make the rows of some records from the log, as if they had not been there; the ids of those that it makes.

    What is right already is not written again: most rows are, and writing costs more than looking.
    """
    states: States = {}
    for change in logged(connection, records):
        if change.kind in KINDS:
            fresh = RecordState(change.kind, change.record)
            states.setdefault((change.kind, change.record), fresh).merge(change)
    rows = _rows(known_speakers(connection), states.values())
    for kind, batch in rows.items():
        ids = [row["id"] for row in batch]
        there = {row["id"]: row for chunk in chunks(ids) for row in _ROWS[kind].records(connection, ids=chunk)}
        _UPSERTS[kind].do_for_each(connection, [row for row in batch if there.get(row["id"]) != row])
    return {kind: {row["id"] for row in batch} for kind, batch in rows.items()}


def read_change(row: Mapping[str, Any] | RowMapping) -> Change:
    """A change from its row in the log, joined with its device's id as `device`."""
    seen = json.loads(row["seen"]) if row["seen"] else None
    return Change(
        device=UUID(bytes=row["device"]),
        counter=row["counter"],
        stamp=row["stamp"],
        action=row["action"],
        kind=row["kind"],
        record=UUID(bytes=row["record"]),
        op=row["op"],
        fields=json.loads(row["fields"]),
        seen=seen and {name: (stamp, device) for name, (stamp, device) in seen.items()},
    )


def chunks(items: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """The items, CHUNK at a time."""
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


def _is_news(connection: Connection, speakers: dict[UUID, Speaker], change: Change) -> bool:
    """Whether the change continues its device's chain; its speaker is moved on when it does."""
    speaker = speakers.get(change.device)
    if speaker is None:
        speaker = speakers[change.device] = introduce(connection, change.device)
    if change.counter <= speaker.counter:
        return False
    if change.counter != speaker.counter + 1:
        raise BrokenChain(f"change {change.counter} of {change.device} follows {speaker.counter}")
    speaker.counter = change.counter
    return True


def introduce(connection: Connection, device: UUID) -> Speaker:
    """A device of which this file hears for the first time."""
    result = connection.execute(insert(schema.device).values(id=device.bytes, counter=0, head=NO_HEAD))
    return Speaker(int(result.inserted_primary_key[0]), device, 0, NO_HEAD)  # type: ignore[index]  # one row was inserted


def _recall_early_edits(
    connection: Connection, by_record: dict[tuple[str, UUID], list[Change]], states: States
) -> None:
    """Merge what the log already says of records that are only now being born."""
    newborn = {
        key
        for key, group in by_record.items()
        if not states[key].exists and any(change.op == INSERT for change in group)
    }
    for early in logged(connection, {record for _, record in newborn}) if newborn else ():
        # A record of another kind with the same id is none of its business.
        if (early.kind, early.record) in newborn:
            states[early.kind, early.record].merge(early)


def _log(connection: Connection, speakers: dict[UUID, Speaker], changes: Sequence[Change]) -> None:
    rows = []
    for change in changes:
        speaker = speakers[change.device]
        speaker.head = change.chained(speaker.head)
        rows.append(
            {
                "device_no": speaker.no,
                "counter": change.counter,
                "stamp": change.stamp,
                "action": change.action,
                "kind": change.kind,
                "record": change.record.bytes,
                "op": change.op,
                "fields": compact(change.fields),
                "seen": compact(change.seen) if change.seen else None,
                "hash": speaker.head,
            }
        )
    _LOG.do_for_each(connection, rows)
    for speaker in {change.device: speakers[change.device] for change in changes}.values():
        _MOVE_ON.do(connection, speaker=speaker.no, said=speaker.counter, hash=speaker.head)


def _store(connection: Connection, speakers: dict[UUID, Speaker], states: Sequence[RecordState]) -> None:
    for kind, batch in _rows(speakers, states).items():
        _UPSERTS[kind].do_for_each(connection, batch)


def _rows(speakers: dict[UUID, Speaker], states: Iterable[RecordState]) -> dict[str, list[dict[str, Any]]]:
    numbers = {speaker.id.bytes: speaker.no for speaker in speakers.values()}
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for state in states:
        if state.exists:
            rows[state.kind].append(_row(KINDS[state.kind], state, numbers))
    return rows


def _row(kind: Kind, state: RecordState, numbers: dict[bytes, int]) -> dict[str, Any]:
    row: dict[str, Any] = {"id": state.id.bytes}
    for name, field in kind.fields.items():
        wire = state.is_deleted if name == DELETED else state.values.get(name)
        row.update(zip(field.columns, field.to_columns(wire), strict=True))
    _, row["born_stamp"], born_device = state.born
    row["born_device"] = numbers[born_device]
    edits: dict[str, list[Any]] = {name: [at, numbers[by]] for name, (_, at, by) in state.edits.items()}
    if state.gone_from is not None:
        seen_at, seen_by = state.gone_from
        edits[DELETED] += [seen_at, seen_by.hex()]
    row["edits"] = compact(edits) if edits else None
    return row


def _state(kind: Kind, row: Mapping[str, Any], device_ids: dict[int, bytes]) -> RecordState:
    told = json.loads(row["edits"]) if row["edits"] else {}
    edits: dict[str, Key] = {name: (1, at, device_ids[no]) for name, (at, no, *_) in told.items()}
    values = {
        name: field.from_columns(*(row[column] for column in field.columns)) for name, field in kind.fields.items()
    }
    gone_from = None
    if seen := told.get(DELETED, [])[2:]:
        values[DELETED], gone_from = True, (seen[0], bytes.fromhex(seen[1]))
    born = (0, row["born_stamp"], device_ids[row["born_device"]])
    return RecordState(kind.name, UUID(bytes=row["id"]), born, values, edits, gone_from)


def _device_ids(connection: Connection) -> dict[int, bytes]:
    return {no: key for no, key, *_ in _SPEAKERS.rows(connection)}


def _advance_clock(connection: Connection, stamp: int) -> None:
    _ADVANCE.do(connection, stamp=stamp)
