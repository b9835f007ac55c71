"""Payees of before: how they were written, and where their latest postings went."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Connection, bindparam, func, select

from quartermaster.domain.month import MonthEntry
from quartermaster.domain.section import Section
from quartermaster.storage.kinds import KINDS
from quartermaster.storage.patterns import like, starting
from quartermaster.storage.prepared import Prepared
from quartermaster.storage.schema import month_entry, posting

_LATEST = func.max(posting.c.day).label("latest")
# SQLite gives bare columns the values of the row that max() came from.
_RECENT = (
    select(posting.c.payee, posting.c.entry_id, _LATEST)
    .where(posting.c.payee.like(bindparam("pattern"), escape="\\"), posting.c.deleted == 0)
    .group_by(posting.c.payee)
    .order_by(_LATEST.desc())
    .limit(bindparam("most"))
    .subquery()
)
_PAYEES = Prepared(
    select(_RECENT.c.payee, month_entry.c.name, month_entry.c.section)
    .join_from(_RECENT, month_entry, month_entry.c.id == _RECENT.c.entry_id)
    .order_by(_RECENT.c.latest.desc(), _RECENT.c.payee)
)
_LAST_OF_PAYEE = Prepared(
    select(*month_entry.columns)
    .join_from(posting, month_entry, month_entry.c.id == posting.c.entry_id)
    .where(posting.c.payee.in_(bindparam("payees", expanding=True)), posting.c.deleted == 0, month_entry.c.deleted == 0)
    .order_by(posting.c.day.desc(), posting.c.id.desc())
    .limit(1)
)
_SPELLINGS = Prepared(select(posting.c.payee).where(posting.c.payee.like(bindparam("like"), escape="\\")).distinct())


def payees(connection: Connection, prefix: str, limit: int) -> list[tuple[str, str, Section]]:
    """Payees that start so, whatever the case, the latest first; each with the entry it last went to."""
    most = limit if prefix.isascii() else -1
    found: dict[str, tuple[str, str, Section]] = {}
    for payee, name, section in _PAYEES.rows(connection, pattern=starting(prefix), most=most):
        if payee.casefold().startswith(prefix.casefold()):
            found.setdefault(payee.casefold(), (payee, name, Section(section)))
    return list(found.values())[:limit]


def last_entry_of_payee(connection: Connection, payee: str) -> MonthEntry | None:
    """The entry that this payee's latest posting is on, whatever the case it was written in."""
    spelled = [payee] if payee.isascii() else _spellings(connection, payee)
    rows = _LAST_OF_PAYEE.records(connection, payees=spelled) if spelled else []
    return cast(MonthEntry, KINDS["month_entry"].decode(rows[0])) if rows else None


def _spellings(connection: Connection, payee: str) -> list[str]:
    """How a payee with letters beyond ASCII was written: SQLite does not know their two cases."""
    written = _SPELLINGS.rows(connection, like=like(payee))
    return [one for (one,) in written if one.casefold() == payee.casefold()]
