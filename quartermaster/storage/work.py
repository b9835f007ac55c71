"""A unit of work: what a verb may ask and change, all of it in one transaction and one user action."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from quartermaster.domain.errors import NotFound, Refused
from quartermaster.storage import schema
from quartermaster.storage.change import EDIT, INSERT, Change
from quartermaster.storage.changelog import CLOCK_SHIFT, apply, load_states, logged
from quartermaster.storage.kinds import Record, kind_of
from quartermaster.storage.lost_edits import Arrived, note_lost
from quartermaster.storage.merge import DELETED, RecordState
from quartermaster.storage.prepared import Prepared
from quartermaster.storage.reads import Reads
from quartermaster.storage.reversal import reversal
from quartermaster.storage.shapes import Misshapen, check_known

ARRIVED = 0
"""The action of a unit of work in which rows changed without this device having acted: no action has that number."""

_ME = Prepared(
    select(schema.device.c.id, schema.device.c.counter, schema.this_device.c.clock).join(
        schema.this_device, schema.this_device.c.device_no == schema.device.c.no
    )
)


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, for the log and the open pages: ids, dates, counts and amounts only."""

    name: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Intent:
    """What the person wants of one record, in wire values; not yet a change.

    Without `sees` it was wanted when nothing but the record's insert was known.
    """

    kind: str
    record: UUID
    op: str
    fields: dict[str, Any]
    sees: bool = True


class Work(Reads):
    """Rolls back unless the edge that opened it commits."""

    def __init__(self, connection: Connection, now_ms: Callable[[], int], new_id: Callable[[], UUID]) -> None:
        super().__init__(connection)
        self.now_ms = now_ms
        self.new_id = new_id
        self.events: list[Event] = []
        self.action: int | None = None

    def add(self, *records: Record) -> None:
        """Insert new records. One that was deleted comes back, as given: a month's id can be had again."""
        self._write([Intent(kind_of(r).name, r.id, INSERT, kind_of(r).wire(r)) for r in records])

    def edit(self, old: Record, new: Record) -> bool:
        """Change the fields in which the records differ; False when they are equal."""
        kind = kind_of(old)
        before, after = kind.wire(old), kind.wire(new)
        fields = {name: value for name, value in after.items() if value != before[name]}
        if fields:
            self._write([Intent(kind.name, old.id, EDIT, fields)])
        return bool(fields)

    def remove(self, *records: Record) -> None:
        """Set the tombstones of records."""
        self._write([Intent(kind_of(r).name, r.id, EDIT, {DELETED: True}) for r in records])

    def revive(self, *records: Record) -> None:
        """Take the tombstones of records away, of those that have one."""
        states = load_states(self.connection, [(kind_of(record).name, record.id) for record in records])
        self._write([Intent(*key, EDIT, {DELETED: False}) for key, state in states.items() if state.is_deleted])

    def set_fields(self, kind: str, record: UUID, fields: dict[str, Any]) -> None:
        """Give fields values that are in the log already, in the form in which they travel."""
        self._write([Intent(kind, record, EDIT, fields)])

    def set_unseen(self, kind: str, record: UUID, fields: dict[str, Any]) -> None:
        """Give fields values that somebody typed without having seen what was edited here: that is listed as lost."""
        note_lost(self.connection, self._write([Intent(kind, record, EDIT, fields, sees=False)]), Arrived())

    @property
    def device(self) -> UUID:
        """Who speaks in this file."""
        return self._me()[0]

    def announce(self, event: str, **fields: object) -> None:
        """Say after the commit that this happened. Never names, payees, descriptions or notes."""
        self.events.append(Event(event, fields))

    def acted(self) -> int:
        """The number of this unit of work's action: there must have been a change."""
        if self.action is None:
            raise LookupError("nothing was changed in this unit of work")
        return self.action

    def said_in(self, action: int) -> list[Change]:
        """What this device changed in one of its actions."""
        table, mine = schema.change, schema.this_device
        query = select(table.c.record).join(mine, mine.c.device_no == table.c.device_no)
        # An action begins with the change that it is named for: earlier ones need not be looked at.
        asked = query.where(table.c.counter >= action, table.c.action == action)
        records = {UUID(bytes=row.record) for row in self.connection.execute(asked)}
        me, _, _ = self._me()
        return [change for change in logged(self.connection, records) if (change.device, change.action) == (me, action)]

    def take_back(self, action: int) -> int:
        """Give back, as new changes, what one action of this device replaced; how many records changed.

        A field that somebody edited since, to another value, keeps the later one.
        """
        said = self.said_in(action)
        if not said:
            raise NotFound("There is nothing left to undo.")
        mine: dict[tuple[str, UUID], list[Change]] = defaultdict(list)
        others: dict[tuple[str, UUID], list[Change]] = defaultdict(list)
        records = {(change.kind, change.record) for change in said}
        for change in logged(self.connection, [record for _, record in records]):
            if (change.kind, change.record) not in records:
                continue
            is_mine = (change.device, change.action) == (said[0].device, action)
            (mine if is_mine else others)[change.kind, change.record].append(change)
        now = load_states(self.connection, mine)
        fields = {key: reversal(mine[key], others[key], now[key]) for key in mine}
        # In the order in which it was said: what stands on something comes after it.
        order = dict.fromkeys((change.kind, change.record) for change in said)
        intents = [Intent(*key, EDIT, fields[key]) for key in order if fields[key]]
        self._write(intents)
        return len(intents)

    def _write(self, intents: Iterable[Intent]) -> list[Change]:
        intents = list(intents)
        if not intents:
            return []
        states = load_states(self.connection, ((intent.kind, intent.record) for intent in intents))
        intents = [_revived(states[intent.kind, intent.record], intent) for intent in intents]
        for intent in intents:
            _check(intent)
        device, counter, clock = self._me()
        first = max(self.now_ms() << CLOCK_SHIFT, clock + 1)
        self.action = self.action if self.action is not None else counter + 1
        changes = [
            Change(
                device=device,
                counter=counter + 1 + index,
                stamp=first + index,
                action=self.action,
                kind=intent.kind,
                record=intent.record,
                op=intent.op,
                fields=intent.fields,
                seen=_seen(states[intent.kind, intent.record], intent),
            )
            for index, intent in enumerate(intents)
        ]
        apply(self.connection, changes, states)
        return changes

    def _me(self) -> tuple[UUID, int, int]:
        [(identity, counter, clock)] = _ME.rows(self.connection)
        return UUID(bytes=identity), counter, clock


def _check(intent: Intent) -> None:
    """Refuse what other devices would refuse: a change that they do not take in would end this device's sync."""
    try:
        check_known(intent.kind, intent.op, intent.fields)
    except Misshapen as wrong:
        name = wrong.place.removeprefix(".")
        raise Refused(f"The {name.replace('_', ' ')} {wrong.expected}. Nothing was saved.", field=name) from wrong


def _seen(state: RecordState, intent: Intent) -> dict[str, tuple[int, str]] | None:
    """The stamp of each value that an edit replaces. A tombstone replaces them all: what it does not name, another
    device said without the deleter having seen it.
    """
    if intent.op == INSERT or not state.exists:
        return None
    names = {*state.values, DELETED} if intent.fields.get(DELETED) else intent.fields
    keys = {name: state.key_of(name) if intent.sees else state.born for name in names}
    return {name: (stamp, device.hex()) for name, (_, stamp, device) in keys.items()}


def _revived(state: RecordState, intent: Intent) -> Intent:
    """An insert loses to the tombstone that is there, so what is to live again is edited back."""
    if intent.op == INSERT and state.is_deleted:
        return Intent(intent.kind, intent.record, EDIT, {**intent.fields, DELETED: False})
    return intent
