"""What sinking funds have gathered over all months."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, bindparam, case, func, select

from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.storage.prepared import Prepared
from quartermaster.storage.schema import month, month_entry, posting

_BEFORE = case((month.c.year_month < bindparam("this"), posting.c.amount), else_=0)
# Whatever was deleted around a posting that lives counts with it, as it does on the month's page.
_GATHERED = Prepared(
    select(month_entry.c.source, func.sum(_BEFORE), func.sum(posting.c.amount))
    .join_from(month_entry, posting, posting.c.entry_id == month_entry.c.id)
    .join(month, month.c.id == month_entry.c.month_id)
    .where(
        month_entry.c.section == Section.SINKING_FUND.value,
        month_entry.c.source.is_not(None),
        posting.c.deleted == 0,
        month.c.year_month <= bindparam("this"),
    )
    .group_by(month_entry.c.source)
)


def gathered(connection: Connection, this: YearMonth) -> dict[UUID, tuple[int, int]]:
    """By plan entry: what was applied to its copies before this month, and up to its end. Minor units."""
    rows = _GATHERED.rows(connection, this=str(this))
    return {UUID(bytes=source): (before, whole) for source, before, whole in rows}
