"""Several devices of one household, each a file of its own, that take in what the others said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from quartermaster.storage.change import Change
from quartermaster.storage.changelog import apply, read_change
from quartermaster.storage.identity import found_device
from quartermaster.storage.kinds import KINDS
from quartermaster.storage.store import Store
from tests.conftest import Clock

HOUSEHOLD = UUID(int=0xF00D)
Rows = dict[str, list[dict[str, Any]]]


def device(path: Path, empty: bytes, number: int, clock: Callable[[], int] | None = None) -> Store:
    """A device that knows its household's id and has heard nothing yet. `empty` is a migrated file."""
    path.write_bytes(empty)
    ids = count(number << 64)
    store = Store(path, now_ms=clock or Clock(), new_id=lambda: UUID(int=next(ids)))
    with store.write() as work:
        found_device(work.connection, HOUSEHOLD, UUID(int=number))
    return store


def take(store: Store, changes: Iterable[Change]) -> int:
    """Apply what arrived; how many changes were new."""
    with store.write() as work:
        return apply(work.connection, list(changes))


def said(store: Store) -> list[Change]:
    """The whole log, each device's changes in their order."""
    query = "SELECT change.*, device.id AS device FROM change JOIN device ON no = device_no ORDER BY device_no, counter"
    with store.read() as work:
        return [read_change(row) for row in work.connection.exec_driver_sql(query).mappings()]


def meet(*stores: Store) -> None:
    """Let each take in what all others said."""
    for store in stores:
        for other in stores:
            if other is not store:
                take(store, said(other))


def rows(store: Store) -> Rows:
    """All synced rows, with devices' ids in the place of this file's numbers for them."""
    with store.read() as work:
        known = {row.no: row.id for row in work.connection.exec_driver_sql("SELECT no, id FROM device")}
        found = {
            name: [dict(row) for row in work.connection.exec_driver_sql(f"SELECT * FROM {name} ORDER BY id").mappings()]
            for name in KINDS
        }
    for row in (row for kind in found.values() for row in kind):
        row["born_device"] = known[row["born_device"]]
        edits = json.loads(row["edits"] or "{}")
        row["edits"] = {name: (stamp, known[no], *seen) for name, (stamp, no, *seen) in edits.items()}
    return found


def heads(store: Store) -> dict[bytes, tuple[int, bytes]]:
    """How far each device's chain is known, and its head there."""
    with store.read() as work:
        query = "SELECT id, counter, head FROM device WHERE counter > 0"
        return {row.id: (row.counter, row.head) for row in work.connection.exec_driver_sql(query)}


def close(stores: Iterable[Store]) -> None:
    for store in stores:
        store.close()
