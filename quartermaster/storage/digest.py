"""One number for all rows: two files that know the same changes must come to the same."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from quartermaster.storage import schema
from quartermaster.storage.change import compact
from quartermaster.storage.changelog import chunks, known_speakers
from quartermaster.storage.exchange import NOTHING, Vector, head_at, vector
from quartermaster.storage.kinds import KINDS, Kind
from quartermaster.storage.prepared import Prepared

AT_ONCE = 2_000
BITS = 128
Numbers = dict[str, dict[bytes, int]]


def _all(kind: Kind) -> Select[Any]:
    table = kind.table
    return select(table).where(table.c.id > bindparam("after")).order_by(table.c.id).limit(AT_ONCE)


_ALL = {name: Prepared(_all(kind)) for name, kind in KINDS.items()}
_SOME = {
    name: Prepared(select(kind.table).where(kind.table.c.id.in_(bindparam("ids", expanding=True))))
    for name, kind in KINDS.items()
}
_TOUCHED = Prepared(
    select(schema.change.c.kind, schema.change.c.record).where(
        schema.change.c.device_no == bindparam("no"), schema.change.c.counter > bindparam("after")
    )
)
_READERS = {
    name: [(field.name, field.columns, field.from_columns) for field in kind.fields.values()]
    for name, kind in KINDS.items()
}


class Digest:
    """The sum of all rows' hashes. Kept up from one look to the next: only rows that changed since are read again."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._as_of: Vector | None = None
        self._numbers: Numbers = {}
        self._total = 0

    def of(self, connection: Connection) -> str:
        """The digest of the rows as this connection sees them, in hexadecimal."""
        with self._one_at_a_time:
            self._look(connection)
            return _hex(self._total)

    def sums(self, connection: Connection, kind: str, tail: str) -> dict[str, str]:
        """The digest of one kind's rows in parts: by the last two digits of their ids or, for one of these, by row."""
        with self._one_at_a_time:
            self._look(connection)
            parts: dict[str, int] = defaultdict(int)
            for record, number in self._numbers.get(kind, {}).items():
                if not tail:
                    parts[record[-1:].hex()] += number
                elif record[-1:].hex() == tail:
                    parts[record.hex()] = number
            return {name: _hex(number) for name, number in parts.items()}

    def forget(self) -> None:
        """Read all rows at the next look: they may not be what the log made of them."""
        with self._one_at_a_time:
            self._as_of = None

    def _look(self, connection: Connection) -> None:
        now = vector(connection)
        if now == self._as_of:
            return
        touched = self._touched(connection, now)
        if touched is None:
            self._numbers = {name: dict(_hashed_all(connection, name)) for name in KINDS}
            self._total = sum(sum(numbers.values()) for numbers in self._numbers.values())
        else:
            self._renew(connection, touched)
        self._as_of = now

    def _touched(self, connection: Connection, now: Vector) -> dict[str, set[bytes]] | None:
        """The records that changed since the last look; None where this is no later state of the same file."""
        if self._as_of is None or any(
            now.get(device, NOTHING)[0] < counter or head_at(connection, device, counter) != head
            for device, (counter, head) in self._as_of.items()
        ):
            return None
        records: dict[str, set[bytes]] = defaultdict(set)
        for speaker in known_speakers(connection).values():
            after = self._as_of.get(speaker.id, NOTHING)[0]
            if speaker.counter > after:
                for kind, record in _TOUCHED.rows(connection, no=speaker.no, after=after):
                    records[kind].add(record)
        return records

    def _renew(self, connection: Connection, touched: Mapping[str, Collection[bytes]]) -> None:
        for name in touched.keys() & KINDS.keys():
            numbers = self._numbers[name]
            for record, number in _hashed(connection, name, touched[name]).items():
                self._total += number - numbers.get(record, 0)
                numbers[record] = number


def _hex(number: int) -> str:
    return f"{number % (1 << BITS):0{BITS // 4}x}"


def _hashed_all(connection: Connection, name: str) -> Iterator[tuple[bytes, int]]:
    devices = _devices(connection)
    after = b""
    while rows := _ALL[name].records(connection, after=after):
        after = rows[-1]["id"]
        for row in rows:
            yield row["id"], _number(KINDS[name], row, devices)


def _hashed(connection: Connection, name: str, ids: Collection[bytes]) -> dict[bytes, int]:
    devices = _devices(connection)
    found = {}
    for chunk in chunks(list(ids)):
        for row in _SOME[name].records(connection, ids=chunk):
            found[row["id"]] = _number(KINDS[name], row, devices)
    return found


def _number(kind: Kind, row: Mapping[str, Any], devices: Mapping[int, str]) -> int:
    """The hash of one row, in words that mean the same in every file."""
    fields = {
        name: read(row[columns[0]]) if len(columns) == 1 else read(*[row[column] for column in columns])
        for name, columns, read in _READERS[kind.name]
    }
    edits = {}
    if row["edits"]:
        edits = {name: [at, devices[no], *rest] for name, (at, no, *rest) in json.loads(row["edits"]).items()}
    said = [kind.name, row["id"].hex(), row["born_stamp"], devices[row["born_device"]], fields, edits]
    return int.from_bytes(hashlib.sha256(compact(said).encode()).digest()[: BITS // 8], "big")


def _devices(connection: Connection) -> dict[int, str]:
    return {speaker.no: speaker.id.hex for speaker in known_speakers(connection).values()}
