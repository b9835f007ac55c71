"""Edits that had not seen each other: the later stands, and the other one is listed until a person looked at it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from quartermaster.storage import schema
from quartermaster.storage.change import EDIT, Change
from quartermaster.storage.changelog import known_speakers, load_states, logged, read_change
from quartermaster.storage.kinds import DELETED, KINDS
from quartermaster.storage.prepared import Prepared

UNNOTICED = frozenset({"position"})
"""Fields of which nobody misses a value: an order is seen at once, and made again in a moment."""

_NOTE = Prepared(insert(schema.lost_edit).prefix_with("OR IGNORE"))
_DISMISS = Prepared(
    delete(schema.lost_edit).where(
        schema.lost_edit.c.device_no
        == select(schema.device.c.no).where(schema.device.c.id == bindparam("by")).scalar_subquery(),
        schema.lost_edit.c.counter == bindparam("at"),
        schema.lost_edit.c.field == bindparam("name"),
    )
)
_COUNT = Prepared(select(func.count()).select_from(schema.lost_edit))
_LISTED = Prepared(
    select(schema.change, schema.device.c.id.label("device"), schema.lost_edit.c.field)
    .join_from(schema.lost_edit, schema.device)
    .join(
        schema.change,
        (schema.change.c.device_no == schema.lost_edit.c.device_no)
        & (schema.change.c.counter == schema.lost_edit.c.counter),
    )
    .order_by(schema.change.c.stamp)
)


@dataclass(frozen=True, slots=True)
class LostEdit:
    """What `change` said of `field` does not stand. `values` are the record's own now, as they travel."""

    change: Change
    field: str
    values: dict[str, Any]

    @property
    def lost(self) -> Any:
        return self.change.fields[self.field]

    @property
    def is_deleted(self) -> bool:
        """Whether it lost to the record's deletion."""
        return bool(self.values.get(DELETED))


def lost_in(changes: Sequence[Change]) -> Iterator[tuple[str, Change, Change]]:
    """The edits of one record that lost without having been seen: field, loser, winner."""
    by_field: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        if change.op == EDIT:
            for name in change.fields.keys() - UNNOTICED:
                by_field[name].append(change)
    gone = max(by_field.get(DELETED, ()), key=lambda change: change.key, default=None)
    for name, edits in by_field.items():
        winner = max(edits, key=lambda change: change.key)
        seen = {tuple(change.seen[name]) for change in edits if change.seen and name in change.seen}
        for edit in edits:
            if (edit.stamp, edit.device.hex) in seen:
                continue
            if edit is not winner and _meaning(name, edit) != _meaning(name, winner):
                yield name, edit, winner
            elif edit is winner and gone is not None and gone.fields[DELETED] and _came_after(edit, gone):
                yield name, edit, gone


def note_lost(connection: Connection, fresh: Sequence[Change]) -> None:
    """List what was lost by the arrival of these changes, which are in the log by now.

    Of two that arrive together nothing is said: who has them already was told.
    """
    edited = {change.record for change in fresh if change.op == EDIT}
    if not edited:
        return
    news = {(change.device, change.counter) for change in fresh}
    by_record: dict[UUID, list[Change]] = defaultdict(list)
    for change in logged(connection, edited):
        if change.kind in KINDS:
            by_record[change.record].append(change)
    numbers = {speaker.id: speaker.no for speaker in known_speakers(connection).values()}
    rows = [
        {"device_no": numbers[loser.device], "counter": loser.counter, "field": name}
        for changes in by_record.values()
        for name, loser, winner in lost_in(changes)
        if not {(loser.device, loser.counter), (winner.device, winner.counter)} <= news
        and name in KINDS[loser.kind].fields
    ]
    _NOTE.do_for_each(connection, rows)


def lost_edits(connection: Connection) -> list[LostEdit]:
    """All that are listed, oldest first."""
    listed = [(read_change(row), str(row["field"])) for row in _LISTED.records(connection)]
    states = load_states(connection, [(change.kind, change.record) for change, _ in listed])
    return [LostEdit(change, name, dict(states[change.kind, change.record].values)) for change, name in listed]


def count_lost(connection: Connection) -> int:
    [(count,)] = _COUNT.rows(connection)
    return int(count)


def dismiss(connection: Connection, edit: LostEdit) -> None:
    """A person has looked at it."""
    _DISMISS.do(connection, by=edit.change.device.bytes, at=edit.change.counter, name=edit.field)


def _meaning(name: str, change: Change) -> Any:
    """What a person sees of a value: not at which millisecond a month was closed."""
    value = change.fields[name]
    return value[0] if name == "lifecycle" and isinstance(value, list) and value else value


def _came_after(edit: Change, gone: Change) -> bool:
    """Who has seen a record's deletion cannot edit it: so this edit was made without."""
    return edit is not gone and edit.device != gone.device and edit.key > gone.key and DELETED not in edit.fields
