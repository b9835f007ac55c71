"""Entries that share section and name where different devices added them, without those that a person left so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert as upsert

from quartermaster.domain import text
from quartermaster.domain.month import MonthState
from quartermaster.storage import schema
from quartermaster.storage.prepared import Prepared

month_entry, month, plan_entry = schema.month_entry, schema.month, schema.plan_entry
left_alone = schema.left_alone

_OF_MONTHS = Prepared(
    select(
        month_entry.c.id,
        month_entry.c.month_id,
        month_entry.c.section,
        month_entry.c.name,
        month_entry.c.born_device,
        left_alone.c.called,
    )
    .join(month, month.c.id == month_entry.c.month_id)
    .join(left_alone, left_alone.c.record == month_entry.c.id, isouter=True)
    .where(month_entry.c.deleted == 0, month.c.state != MonthState.CLOSED.value)
    .order_by(month.c.year_month, month_entry.c.position, month_entry.c.id)
)
_OF_THE_PLAN = Prepared(
    select(
        plan_entry.c.id,
        plan_entry.c.section,
        plan_entry.c.section,
        plan_entry.c.name,
        plan_entry.c.born_device,
        left_alone.c.called,
    )
    .join(left_alone, left_alone.c.record == plan_entry.c.id, isouter=True)
    .where(plan_entry.c.deleted == 0)
    .order_by(plan_entry.c.position, plan_entry.c.id)
)
_LEAVE = upsert(left_alone).values(record=bindparam("id"), called=bindparam("as_"))
_LEAVE_SO = Prepared(_LEAVE.on_conflict_do_update(index_elements=["record"], set_={"called": _LEAVE.excluded.called}))


def month_namesakes(connection: Connection) -> list[tuple[UUID, ...]]:
    """The ids of such entries in open months, those of one name together."""
    return _together(_OF_MONTHS, connection)


def plan_namesakes(connection: Connection) -> list[tuple[UUID, ...]]:
    """The same in the plan."""
    return _together(_OF_THE_PLAN, connection)


def leave(connection: Connection, entries: Sequence[UUID], name: str) -> None:
    """Remember that a person wants these to share their name; one more of that name is told again."""
    _LEAVE_SO.do_for_each(connection, [{"id": entry.bytes, "as_": text.known_as(name)} for entry in entries])


def _together(query: Prepared, connection: Connection) -> list[tuple[UUID, ...]]:
    # Here and not in SQL, which tells capital letters of ASCII only.
    groups: dict[tuple[bytes | str, str, str], list[tuple[UUID, int, bool]]] = defaultdict(list)
    for key, home, section, name, born, left_as in query.rows(connection):
        called = text.known_as(name)
        groups[home, section, called].append((UUID(bytes=key), born, left_as == called))
    return [
        tuple(entry for entry, _, _ in group)
        for group in groups.values()
        if len({born for _, born, _ in group}) > 1 and not all(left for _, _, left in group)
    ]
