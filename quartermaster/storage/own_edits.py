"""What the people of this device changed in records of one kind: the values that stand by its edits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from quartermaster.storage import schema
from quartermaster.storage.change import EDIT
from quartermaster.storage.changelog import load_states, logged
from quartermaster.storage.exchange import standing
from quartermaster.storage.merge import DELETED, RecordState
from quartermaster.storage.prepared import Prepared

_EDITED = Prepared(
    select(schema.change.c.record)
    .join(schema.this_device, schema.this_device.c.device_no == schema.change.c.device_no)
    .where(schema.change.c.kind == bindparam("kind"), schema.change.c.op == EDIT)
    .distinct()
)


@dataclass(frozen=True, slots=True)
class Own:
    """Of one record, as they travel: the fields that this device edited last, and all values that each ever had."""

    fields: Mapping[str, Any]
    heard: Mapping[str, Sequence[Any]]


def own_edits(connection: Connection, kind: str) -> Mapping[UUID, Own]:
    """By record: what this device edited last; of one that it deleted only that."""
    me = standing(connection).device.bytes
    keys = [(kind, UUID(bytes=record)) for (record,) in _EDITED.rows(connection, kind=kind)]
    states = load_states(connection, keys)
    fields = {record: own for (_, record), state in states.items() if (own := _edited_by(me, state))}
    heard: dict[UUID, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for change in logged(connection, fields):
        for name, value in change.fields.items() if change.kind == kind else ():
            heard[change.record][name].append(value)
    return {record: Own(own, heard[record]) for record, own in fields.items()}


def _edited_by(me: bytes, state: RecordState) -> dict[str, Any]:
    own = {name: state.values[name] for name, (_, _, by) in state.edits.items() if by == me}
    is_own_deletion = own.pop(DELETED, False)
    if state.is_deleted:
        return {DELETED: True} if is_own_deletion else {}
    return own
