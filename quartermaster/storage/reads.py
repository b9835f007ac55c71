"""The questions that services ask of the rows. Deleted records are never among the answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select

from quartermaster.domain.month import Month, MonthEntry
from quartermaster.domain.plan import Household, PlanEntry
from quartermaster.domain.posting import Posting
from quartermaster.domain.section import Section
from quartermaster.storage import schema
from quartermaster.storage.changelog import chunks
from quartermaster.storage.kinds import KINDS, Record

R = TypeVar("R", bound=Record)

household, plan_entry, month = schema.household, schema.plan_entry, schema.month
month_entry, posting = schema.month_entry, schema.posting


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


class Reads:
    """A consistent view of the household, as of the moment it was opened."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def household(self) -> Household:
        mine = schema.this_device
        query = select(household).join(mine, mine.c.household == household.c.id)
        return cast(Household, KINDS["household"].decode(self.connection.execute(query).mappings().one()))

    def plan_entries(self) -> list[PlanEntry]:
        """The plan's entries in their order."""
        return self._live(PlanEntry, plan_entry, order=(plan_entry.c.position, plan_entry.c.id))

    def plan_entry(self, entry_id: UUID) -> PlanEntry | None:
        return self._one(PlanEntry, plan_entry, plan_entry.c.id == entry_id.bytes)

    def month(self, month_id: UUID) -> Month | None:
        return self._one(Month, month, month.c.id == month_id.bytes)

    def months(self) -> list[Month]:
        """All months that were started, oldest first."""
        return self._live(Month, month, order=(month.c.year_month,))

    def month_entries(self, month_id: UUID) -> list[MonthEntry]:
        """A month's entries in their order."""
        of_month = month_entry.c.month_id == month_id.bytes
        return self._live(MonthEntry, month_entry, of_month, order=(month_entry.c.position, month_entry.c.id))

    def entries_by_id(self, entry_ids: Sequence[UUID]) -> dict[UUID, tuple[MonthEntry, Month]]:
        """Month entries, each with its month."""
        entry_columns = [column.label(f"e_{column.name}") for column in month_entry.columns]
        query = (
            select(*entry_columns, *month.columns)
            .join_from(month_entry, month, month.c.id == month_entry.c.month_id)
            .where(month_entry.c.deleted == 0, month.c.deleted == 0)
        )
        found: dict[UUID, tuple[MonthEntry, Month]] = {}
        for chunk in chunks([entry_id.bytes for entry_id in entry_ids]):
            for row in self.connection.execute(query.where(month_entry.c.id.in_(chunk))).mappings():
                entry = KINDS["month_entry"].decode({c.name: row[f"e_{c.name}"] for c in month_entry.columns})
                found[entry.id] = (cast(MonthEntry, entry), cast(Month, KINDS["month"].decode(row)))
        return found

    def applied(self, month_id: UUID) -> dict[UUID, Applied]:
        """What was applied to each of a month's entries that has postings."""
        query = (
            select(posting.c.entry_id, func.sum(posting.c.amount), func.count())
            .join_from(month_entry, posting, posting.c.entry_id == month_entry.c.id)
            .where(month_entry.c.month_id == month_id.bytes, month_entry.c.deleted == 0, posting.c.deleted == 0)
            .group_by(posting.c.entry_id)
        )
        return {UUID(bytes=entry): Applied(cents, count) for entry, cents, count in self.connection.execute(query)}

    def months_of(self, records: Collection[UUID]) -> list[Month]:
        """The months that these records are, or stand in, deleted ones included."""
        ids = [record.bytes for record in records]
        found: dict[UUID, Month] = {}
        for chunk in chunks(ids):
            entries = select(posting.c.entry_id).where(posting.c.id.in_(chunk))
            of_entries = select(month_entry.c.month_id).where(
                month_entry.c.id.in_(chunk) | month_entry.c.id.in_(entries)
            )
            touched = month.c.id.in_(chunk) | month.c.id.in_(of_entries)
            found |= {one.id: one for one in self._live(Month, month, touched)}
        return list(found.values())

    def section_totals(self) -> list[SectionTotal]:
        """Every month's planned and applied sums by section."""
        sums = (
            select(posting.c.entry_id, func.sum(posting.c.amount).label("cents"), func.count().label("postings"))
            .where(posting.c.deleted == 0)
            .group_by(posting.c.entry_id)
            .subquery()
        )
        query = (
            select(
                month_entry.c.month_id,
                month_entry.c.section,
                func.sum(month_entry.c.planned),
                func.coalesce(func.sum(sums.c.cents), 0),
                func.coalesce(func.sum(sums.c.postings), 0),
            )
            .outerjoin_from(month_entry, sums, sums.c.entry_id == month_entry.c.id)
            .where(month_entry.c.deleted == 0)
            .group_by(month_entry.c.month_id, month_entry.c.section)
        )
        return [
            SectionTotal(UUID(bytes=month_id), Section(section), planned, applied, count)
            for month_id, section, planned, applied, count in self.connection.execute(query)
        ]

    def posting(self, posting_id: UUID) -> Posting | None:
        return self._one(Posting, posting, posting.c.id == posting_id.bytes)

    def postings(self, entry_id: UUID, limit: int | None = None) -> list[Posting]:
        """A month entry's postings, newest first."""
        of_entry = posting.c.entry_id == entry_id.bytes
        return self._live(Posting, posting, of_entry, order=(posting.c.day.desc(), posting.c.id.desc()), limit=limit)

    def posting_count(self, entry_id: UUID) -> int:
        query = select(func.count()).where(posting.c.entry_id == entry_id.bytes, posting.c.deleted == 0)
        return int(self.connection.execute(query).scalar_one())

    def payees(self, prefix: str, limit: int) -> list[tuple[str, str, Section]]:
        """Payees that start so, whatever the case, the latest first; each with the entry it last went to."""
        # SQLite gives bare columns the values of the row that max() came from.
        latest = func.max(posting.c.day).label("latest")
        recent = (
            select(posting.c.payee, posting.c.entry_id, latest)
            .where(posting.c.payee.like(_pattern(prefix), escape="\\"), posting.c.deleted == 0)
            .group_by(posting.c.payee)
            .order_by(latest.desc())
            .limit(limit)
            .subquery()
        )
        query = (
            select(recent.c.payee, month_entry.c.name, month_entry.c.section)
            .join_from(recent, month_entry, month_entry.c.id == recent.c.entry_id)
            .order_by(recent.c.latest.desc(), recent.c.payee)
        )
        return [(payee, name, Section(section)) for payee, name, section in self.connection.execute(query)]

    def last_entry_of_payee(self, payee: str) -> MonthEntry | None:
        """The entry that this payee's latest posting is on."""
        query = (
            select(*month_entry.columns)
            .join_from(posting, month_entry, month_entry.c.id == posting.c.entry_id)
            .where(posting.c.payee == payee, posting.c.deleted == 0, month_entry.c.deleted == 0)
            .order_by(posting.c.day.desc(), posting.c.id.desc())
            .limit(1)
        )
        row = self.connection.execute(query).mappings().one_or_none()
        return cast(MonthEntry, KINDS["month_entry"].decode(row)) if row else None

    def _live(
        self,
        record: type[R],
        table: Table,
        *where: ColumnElement[bool],
        order: Sequence[Any] = (),
        limit: int | None = None,
    ) -> list[R]:
        query: Select[Any] = select(table).where(table.c.deleted == 0, *where).order_by(*order)
        if limit is not None:
            query = query.limit(limit)
        decode = KINDS[table.name].decode
        return [cast(R, decode(row)) for row in self.connection.execute(query).mappings()]

    def _one(self, record: type[R], table: Table, where: ColumnElement[bool]) -> R | None:
        found = self._live(record, table, where)
        return found[0] if found else None


def _pattern(prefix: str) -> str:
    escaped = prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{escaped}%"
