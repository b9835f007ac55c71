"""What sinking funds have gathered over all months."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select

from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.storage.prepared import Prepared
from quartermaster.storage.schema import month, month_entry, posting

# A sum for each copy, from the index alone. Joined to the postings, SQLite would read all that the household has.
_APPLIED = (
    select(func.sum(posting.c.amount))
    .where(posting.c.entry_id == month_entry.c.id, posting.c.deleted == 0)
    .correlate(month_entry)
    .scalar_subquery()
)
# Whatever was deleted around a posting that lives counts with it, as it does on the month's page.
_GATHERED = Prepared(
    select(month_entry.c.source, month.c.year_month, _APPLIED)
    .join_from(month_entry, month, month.c.id == month_entry.c.month_id)
    .where(
        month_entry.c.section == Section.SINKING_FUND.value,
        month_entry.c.source.is_not(None),
        month.c.year_month <= bindparam("this"),
    )
)


def gathered(connection: Connection, this: YearMonth) -> dict[UUID, tuple[int, int]]:
    """By plan entry: what was applied to its copies before this month, and up to its end. Minor units."""
    before, whole = Counter[bytes](), Counter[bytes]()
    for source, year_month, cents in _GATHERED.rows(connection, this=str(this)):
        whole[source] += cents or 0
        before[source] += (cents or 0) if year_month < str(this) else 0
    return {UUID(bytes=source): (before[source], cents) for source, cents in whole.items()}
