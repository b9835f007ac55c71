"""What the log says of who did what: actions, newest first, all of them or those that concern some records."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, bindparam, func, or_, select, true, union

from quartermaster.storage import schema
from quartermaster.storage.change import Change, compact
from quartermaster.storage.changelog import chunks, read_change
from quartermaster.storage.prepared import Prepared
from quartermaster.storage.understanding import understood

SHOWN = 12
"""So many changes of one action are told in full; the others are counted."""
LATEST = 1 << 63
UNKNOWN = "unknown"
"""No kind that any version knows."""
_MORE_THAN_ANY = (1 << 63) - 1

change, device, posting = schema.change, schema.device, schema.posting
month_entry, month = schema.month_entry, schema.month


class About(StrEnum):
    """Whose history is asked for. `RECORD` is one record alone, `ENTRY` and `MONTH` have what stands in them too."""

    ALL = "all"
    MONTH = "month"
    ENTRY = "entry"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Count:
    """How many changes of one sort an action made. `deleted` is what they say of it, None where they say nothing."""

    kind: str
    op: str
    deleted: bool | None
    number: int


@dataclass(frozen=True, slots=True)
class Action:
    """What a device did at once: its first changes, and how many there were of each sort."""

    device: UUID
    number: int
    stamp: int
    changes: tuple[Change, ...]
    counts: tuple[Count, ...]

    @property
    def total(self) -> int:
        return sum(count.number for count in self.counts)


def actions(
    connection: Connection,
    about: About = About.ALL,
    which: UUID | None = None,
    *,
    by: UUID | None = None,
    before: int = LATEST,
    most: int,
) -> list[Action]:
    """The latest actions stamped before `before`, newest first; `by` one device where that is given.

    About some records only, `stamp` and `changes` are those of these records, and so are the counts.
    """
    asked = {"which": which.bytes if which else None, "by": by.bytes if by else None, "most": most}
    latest = _LATEST[about].rows(connection, **asked, before=min(before, _MORE_THAN_ANY))
    if not latest:
        return []
    places = compact([[no, action] for no, _, action, _ in latest])
    shown = _grouped(_SHOWN[about].records(connection, places=places, which=asked["which"]))
    counts: dict[tuple[int, int], list[Count]] = {}
    for no, action, kind, op, deleted, number in _COUNTS[about].rows(connection, places=places, which=asked["which"]):
        said = None if deleted is None else bool(deleted)
        counts.setdefault((no, action), []).append(Count(kind, op, said, number))
    return [
        Action(UUID(bytes=key), action, stamp, tuple(shown[no, action]), tuple(counts[no, action]))
        for no, key, action, stamp in latest
    ]


def one_action(connection: Connection, by: UUID, number: int) -> Action | None:
    """One action of one device; None where the log does not hold it."""
    found = _ONE.rows(connection, by=by.bytes, number=number)
    if not found:
        return None
    stamp = int(found[0][0])
    return next(iter(actions(connection, by=by, before=stamp + 1, most=1)), None)


def bereft(connection: Connection, records: Collection[UUID]) -> set[UUID]:
    """Which of these are months or entries that are deleted, while an entry or a posting in them lives."""
    found: set[UUID] = set()
    for chunk in chunks([record.bytes for record in records]):
        found |= {UUID(bytes=key) for (key,) in _BEREFT.rows(connection, ids=chunk)}
    return found


def _grouped(rows: Sequence[dict[str, Any]]) -> dict[tuple[int, int], list[Change]]:
    found: dict[tuple[int, int], list[Change]] = {}
    for row in rows:
        said = read_change(row)
        # What only a later version can show is told as what it does not know of at all.
        shown = understood(said) or replace(said, kind=UNKNOWN)
        found.setdefault((row["device_no"], row["action"]), []).append(shown)
    return found


def _records(about: About) -> Any:
    """The ids of the records that are asked about."""
    which: Any = bindparam("which")
    if about is About.RECORD:
        return select(which)
    if about is About.ENTRY:
        return union(select(which), select(posting.c.id).where(posting.c.entry_id == which))
    entries = select(month_entry.c.id).where(month_entry.c.month_id == which)
    return union(select(which), entries, select(posting.c.id).where(posting.c.entry_id.in_(entries)))


def _latest(about: About) -> Select[Any]:
    by = or_(bindparam("by").is_(None), device.c.id == bindparam("by"))
    if about is not About.ALL:
        stamp = func.max(change.c.stamp)
        return (
            select(device.c.no, device.c.id, change.c.action, stamp)
            .join_from(change, device)
            .where(change.c.record.in_(_records(about)), by)
            .group_by(device.c.no, change.c.action)
            .having(stamp < bindparam("before"))
            .order_by(stamp.desc(), device.c.no)
            .limit(bindparam("most"))
        )
    # A device's stamps grow with its counter: each device's latest are read from the end of its own part of the log.
    latest = (
        select(change.c.counter, change.c.stamp)
        .where(
            change.c.device_no == device.c.no,
            change.c.counter == change.c.action,
            change.c.stamp < bindparam("before"),
        )
        .order_by(change.c.counter.desc())
        .limit(bindparam("most"))
        .correlate(device)
        .subquery("latest")
    )
    # Packed, so that SQLite begins with the devices: joined, it would rather look at all changes.
    packed = select(func.json_group_array(func.json_array(latest.c.counter, latest.c.stamp))).scalar_subquery()
    own = func.json_each(packed).table_valued("value")
    number, at = (func.json_extract(own.c.value, path) for path in ("$[0]", "$[1]"))
    return (
        select(device.c.no, device.c.id, number, at)
        .select_from(device.join(own, true()))
        .where(by)
        .order_by(at.desc(), device.c.no)
        .limit(bindparam("most"))
    )


_PLACES = func.json_each(bindparam("places")).table_valued("value")
_NO, _NUMBER = (func.json_extract(_PLACES.c.value, path) for path in ("$[0]", "$[1]"))
_NEXT = change.alias("next")
# The changes of one action follow each other: it ends where the next one begins.
_END = func.coalesce(
    select(_NEXT.c.counter)
    .where(_NEXT.c.device_no == _NO, _NEXT.c.counter > _NUMBER, _NEXT.c.counter == _NEXT.c.action)
    .order_by(_NEXT.c.counter)
    .limit(1)
    .correlate(_PLACES)
    .scalar_subquery(),
    _MORE_THAN_ANY,
)
_WITHIN = (change.c.device_no == _NO) & (change.c.counter >= _NUMBER) & (change.c.counter < _END)


def _within(about: About, *columns: Any) -> Select[Any]:
    asked = select(*columns).select_from(_PLACES.join(change, _WITHIN))
    return asked if about is About.ALL else asked.where(change.c.record.in_(_records(about)))


def _shown(about: About) -> Select[Any]:
    place = func.row_number().over(partition_by=(change.c.device_no, change.c.action), order_by=change.c.counter)
    all_of_them = _within(about, *change.columns, place.label("place")).subquery()
    return (
        select(all_of_them, device.c.id.label("device"))
        .join(device, device.c.no == all_of_them.c.device_no)
        .where(all_of_them.c.place <= SHOWN)
        .order_by(all_of_them.c.device_no, all_of_them.c.counter)
    )


def _counts(about: About) -> Select[Any]:
    deleted = func.json_extract(change.c.fields, "$.deleted")
    sort = (change.c.device_no, change.c.action, change.c.kind, change.c.op, deleted)
    return _within(about, *sort, func.count()).group_by(*sort)


_LATEST = {about: Prepared(_latest(about)) for about in About}
_SHOWN = {about: Prepared(_shown(about)) for about in About}
_COUNTS = {about: Prepared(_counts(about)) for about in About}
_ONE = Prepared(
    select(change.c.stamp)
    .join(device, device.c.no == change.c.device_no)
    .where(device.c.id == bindparam("by"), change.c.counter == bindparam("number"))
)
_IDS: Any = bindparam("ids", expanding=True)
_BEREFT = Prepared(
    union(
        select(month_entry.c.id).where(
            month_entry.c.id.in_(_IDS),
            month_entry.c.deleted == 1,
            select(posting.c.id).where(posting.c.entry_id == month_entry.c.id, posting.c.deleted == 0).exists(),
        ),
        select(month.c.id).where(
            month.c.id.in_(_IDS),
            month.c.deleted == 1,
            select(month_entry.c.id).where(month_entry.c.month_id == month.c.id, month_entry.c.deleted == 0).exists(),
        ),
    )
)
