"""The questions that services ask of the rows.

Deleted records are never among the answers, with one exception: an entry of a month that was deleted while another
device added a posting to it, and the month around it. Money must not drop out of a total, so such an entry is there
until somebody decides. So what lives needs no look at what it stands in: that is there with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import BindParameter, Connection, Select, Table, bindparam, func, select

from quartermaster.domain.device import DeviceCard
from quartermaster.domain.month import Month, MonthEntry
from quartermaster.domain.plan import Household, PlanEntry
from quartermaster.domain.posting import Posting
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.storage import schema
from quartermaster.storage.changelog import chunks
from quartermaster.storage.kinds import KINDS, Record, record_name
from quartermaster.storage.prepared import Prepared

R = TypeVar("R", bound=Record)

household, plan_entry, month = schema.household, schema.plan_entry, schema.month
month_entry, posting, device_card = schema.month_entry, schema.posting, schema.device_card


@dataclass(frozen=True, slots=True)
class Applied:
    """What was applied to one month entry: the sum in minor units, and how many postings make it."""

    cents: int = 0
    postings: int = 0


@dataclass(frozen=True, slots=True)
class SectionTotal:
    """One month's sums in one section, minor units."""

    month_id: UUID
    section: Section
    planned: int
    applied: int
    postings: int


def _by_id(table: Table) -> Select[Any]:
    return _live(table).where(table.c.id == bindparam("id"))


def _live(table: Table) -> Select[Any]:
    return select(table).where(table.c.deleted == 0)


_STRANDED = (month_entry.c.deleted == 1) & select(posting.c.id).where(
    posting.c.entry_id == month_entry.c.id, posting.c.deleted == 0
).exists()
ENTRY_THERE = (month_entry.c.deleted == 0) | _STRANDED
# To take back the start of a month is to delete it: with whatever another device put into it by then, it is there.
_MONTH_THERE = (month.c.deleted == 0) | select(month_entry.c.id).where(
    month_entry.c.month_id == month.c.id, ENTRY_THERE
).correlate(month).exists()

_HOUSEHOLD = Prepared(select(household).join(schema.this_device, schema.this_device.c.household == household.c.id))
_BY_ID = {table.name: Prepared(_by_id(table)) for table in (plan_entry, posting, device_card)} | {
    month.name: Prepared(select(month).where(month.c.id == bindparam("id"), _MONTH_THERE))
}
_PLAN_ENTRIES = Prepared(_live(plan_entry).order_by(plan_entry.c.position, plan_entry.c.id))
_MONTHS = Prepared(select(month).where(_MONTH_THERE).order_by(month.c.year_month))
_MONTH_ENTRIES = Prepared(
    select(month_entry)
    .where(month_entry.c.month_id == bindparam("month"), ENTRY_THERE)
    .order_by(month_entry.c.position, month_entry.c.id)
)
_ENTRIES_WITH_MONTHS = Prepared(
    select(*(column.label(f"entry_{column.name}") for column in month_entry.columns), *month.columns)
    .join_from(month_entry, month, month.c.id == month_entry.c.month_id)
    .where(ENTRY_THERE, month_entry.c.id.in_(bindparam("ids", expanding=True)))
)
_ALL_STRANDED = Prepared(select(month_entry.c.id).where(_STRANDED))
_APPLIED = Prepared(
    select(posting.c.entry_id, func.sum(posting.c.amount), func.count())
    .join_from(month_entry, posting, posting.c.entry_id == month_entry.c.id)
    .where(month_entry.c.month_id == bindparam("month"), posting.c.deleted == 0)
    .group_by(posting.c.entry_id)
)
_SUMS = (
    select(posting.c.entry_id, func.sum(posting.c.amount).label("cents"), func.count().label("postings"))
    .where(posting.c.deleted == 0)
    .group_by(posting.c.entry_id)
    .subquery()
)
_SECTION_TOTALS = Prepared(
    select(
        month_entry.c.month_id,
        month_entry.c.section,
        func.sum(month_entry.c.planned),
        func.coalesce(func.sum(_SUMS.c.cents), 0),
        func.coalesce(func.sum(_SUMS.c.postings), 0),
    )
    .outerjoin_from(month_entry, _SUMS, _SUMS.c.entry_id == month_entry.c.id)
    .where((month_entry.c.deleted == 0) | (_SUMS.c.postings > 0))
    .group_by(month_entry.c.month_id, month_entry.c.section)
)
_POSTINGS = Prepared(
    _live(posting)
    .where(posting.c.entry_id == bindparam("entry"))
    .order_by(posting.c.day.desc(), posting.c.id.desc())
    .limit(bindparam("most"))
)
_ALL_POSTINGS = Prepared(
    select(*posting.columns, *(column.label(f"entry_{column.name}") for column in month_entry.columns))
    .join_from(posting, month_entry, month_entry.c.id == posting.c.entry_id)
    .where(posting.c.deleted == 0)
    .order_by(posting.c.day, posting.c.id)
)
_POSTING_COUNT = Prepared(select(func.count()).where(posting.c.entry_id == bindparam("entry"), posting.c.deleted == 0))
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_KNOWN = {
    table.name: Prepared(select(table.c.id, table.c.deleted).where(table.c.id.in_(_IDS)))
    for table in (plan_entry, month, month_entry, posting)
}
_MONTHS_OF = Prepared(
    select(month).where(
        _MONTH_THERE,
        month.c.id.in_(_IDS)
        | month.c.id.in_(
            select(month_entry.c.month_id).where(
                month_entry.c.id.in_(_IDS)
                | month_entry.c.id.in_(select(posting.c.entry_id).where(posting.c.id.in_(_IDS)))
            )
        ),
    )
)
_MISDATED = Prepared(
    select(posting.c.id, posting.c.day, month.c.year_month)
    .join_from(posting, month_entry, month_entry.c.id == posting.c.entry_id)
    .join(month, month.c.id == month_entry.c.month_id)
    .where(
        posting.c.id.in_(_IDS),
        posting.c.deleted == 0,
        func.substr(posting.c.day, 1, func.length(month.c.year_month)) != month.c.year_month,
    )
)


class Reads:
    """A consistent view of the household, as of the moment it was opened."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def household(self) -> Household:
        return self._all(Household, _HOUSEHOLD)[0]

    def plan_entries(self) -> list[PlanEntry]:
        """The plan's entries in their order."""
        return self._all(PlanEntry, _PLAN_ENTRIES)

    def plan_entry(self, entry_id: UUID) -> PlanEntry | None:
        return self._one(PlanEntry, entry_id)

    def device_card(self, device_id: UUID) -> DeviceCard | None:
        """What people said of a device, if they did."""
        return self._one(DeviceCard, device_id)

    def month(self, month_id: UUID) -> Month | None:
        return self._one(Month, month_id)

    def months(self) -> list[Month]:
        """All months that were started, oldest first."""
        return self._all(Month, _MONTHS)

    def month_entries(self, month_id: UUID) -> list[MonthEntry]:
        """A month's entries in their order."""
        return [entry for entry, _ in self.month_entries_marked(month_id)]

    def month_entries_marked(self, month_id: UUID) -> list[tuple[MonthEntry, bool]]:
        """The same; each with whether it is stranded: deleted on one device while another added a posting."""
        rows = _MONTH_ENTRIES.records(self.connection, month=month_id.bytes)
        return [(cast(MonthEntry, KINDS["month_entry"].decode(row)), bool(row["deleted"])) for row in rows]

    def entries_by_id(self, entry_ids: Sequence[UUID]) -> dict[UUID, tuple[MonthEntry, Month]]:
        """Month entries, each with its month."""
        found: dict[UUID, tuple[MonthEntry, Month]] = {}
        columns = [column.name for column in month_entry.columns]
        for chunk in chunks([entry_id.bytes for entry_id in entry_ids]):
            for row in _ENTRIES_WITH_MONTHS.records(self.connection, ids=chunk):
                entry = KINDS["month_entry"].decode({name: row[f"entry_{name}"] for name in columns})
                found[entry.id] = (cast(MonthEntry, entry), cast(Month, KINDS["month"].decode(row)))
        return found

    def stranded_entries(self) -> list[tuple[MonthEntry, Month]]:
        """All stranded entries, of all months."""
        return list(self.entries_by_id([UUID(bytes=key) for (key,) in _ALL_STRANDED.rows(self.connection)]).values())

    def applied(self, month_id: UUID) -> dict[UUID, Applied]:
        """What was applied to each of a month's entries that has postings."""
        rows = _APPLIED.rows(self.connection, month=month_id.bytes)
        return {UUID(bytes=entry): Applied(cents, count) for entry, cents, count in rows}

    def section_totals(self) -> list[SectionTotal]:
        """Every month's planned and applied sums by section."""
        return [
            SectionTotal(UUID(bytes=month_id), Section(section), planned, applied, count)
            for month_id, section, planned, applied, count in _SECTION_TOTALS.rows(self.connection)
        ]

    def months_of(self, records: Collection[UUID]) -> list[Month]:
        """The months that these records are, or stand in, deleted ones included."""
        found: dict[UUID, Month] = {}
        for chunk in chunks([record.bytes for record in records]):
            found |= {one.id: one for one in self._all(Month, _MONTHS_OF, ids=chunk)}
        return list(found.values())

    def misdated(self, records: Collection[UUID]) -> dict[UUID, tuple[date, YearMonth]]:
        """Those of these postings whose date is not in their month: the date, and the month."""
        found: dict[UUID, tuple[date, YearMonth]] = {}
        for chunk in chunks([record.bytes for record in records]):
            for key, day, month in _MISDATED.rows(self.connection, ids=chunk):
                found[UUID(bytes=key)] = (date.fromisoformat(day), YearMonth.parse(month))
        return found

    def posting(self, posting_id: UUID) -> Posting | None:
        return self._one(Posting, posting_id)

    def postings(self, entry_id: UUID, limit: int | None = None) -> list[Posting]:
        """A month entry's postings, newest first."""
        return self._all(Posting, _POSTINGS, entry=entry_id.bytes, most=-1 if limit is None else limit)

    def all_postings(self) -> Iterator[tuple[Posting, MonthEntry]]:
        """Every posting with its entry, the oldest first."""
        columns = [column.name for column in month_entry.columns]
        for row in _ALL_POSTINGS.records(self.connection):
            entry = KINDS["month_entry"].decode({name: row[f"entry_{name}"] for name in columns})
            yield cast(Posting, KINDS["posting"].decode(row)), cast(MonthEntry, entry)

    def known(self, record: type[Record], ids: Iterable[UUID]) -> dict[UUID, bool]:
        """Which of these are ids of such records, and whether each is there still, without a tombstone."""
        query, found = _KNOWN[record_name(record)], dict[UUID, bool]()
        for chunk in chunks([one.bytes for one in ids]):
            found |= {UUID(bytes=key): not deleted for key, deleted in query.rows(self.connection, ids=chunk)}
        return found

    def posting_count(self, entry_id: UUID) -> int:
        [(count,)] = _POSTING_COUNT.rows(self.connection, entry=entry_id.bytes)
        return int(count)

    def _all(self, record: type[R], query: Prepared, **asked: Any) -> list[R]:
        decode = KINDS[record_name(record)].decode
        return [cast(R, decode(row)) for row in query.records(self.connection, **asked)]

    def _one(self, record: type[R], identity: UUID) -> R | None:
        found = self._all(record, _BY_ID[record_name(record)], id=identity.bytes)
        return found[0] if found else None
