"""What the people of this device changed in records of one kind: the values that stand by its edits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from quartermaster.storage import schema
from quartermaster.storage.change import EDIT
from quartermaster.storage.changelog import load_states
from quartermaster.storage.exchange import standing
from quartermaster.storage.merge import DELETED
from quartermaster.storage.prepared import Prepared

_EDITED = Prepared(
    select(schema.change.c.record)
    .join(schema.this_device, schema.this_device.c.device_no == schema.change.c.device_no)
    .where(schema.change.c.kind == bindparam("kind"), schema.change.c.op == EDIT)
    .distinct()
)


def own_edits(connection: Connection, kind: str) -> Mapping[UUID, Mapping[str, Any]]:
    """By record: the fields that this device edited last, as they travel; of one that it deleted only that."""
    me = standing(connection).device.bytes
    keys = [(kind, UUID(bytes=record)) for (record,) in _EDITED.rows(connection, kind=kind)]
    found = {}
    for (_, record), state in load_states(connection, keys).items():
        own = {name: state.values[name] for name, (_, _, by) in state.edits.items() if by == me}
        is_own_deletion = own.pop(DELETED, False)
        if state.is_deleted:
            own = {DELETED: True} if is_own_deletion else {}
        if own:
            found[record] = own
    return found
