"""Postings of the whole household, found by what stands in them, the newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from quartermaster.domain.posting import Posting
from quartermaster.domain.year_month import YearMonth
from quartermaster.storage.kinds import KINDS
from quartermaster.storage.patterns import holding
from quartermaster.storage.prepared import Prepared
from quartermaster.storage.reads import ENTRY_THERE
from quartermaster.storage.schema import month, month_entry, posting

LONGEST, MOST_WORDS = 100, 10
"""Of what was typed, so much is asked of SQLite, which has limits; all of it is looked at afterwards."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """What is looked for. Each word stands in the payee, the description or the entry's name, whatever the case.

    `cents` is the amount that the words are, where they are one: postings of it are found too, either way.
    """

    words: tuple[str, ...] = ()
    cents: int | None = None
    year_month: YearMonth | None = None
    entry_name: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A posting, and where it stands."""

    posting: Posting
    entry_name: str
    year_month: YearMonth


_NAMES = Prepared(select(month_entry.c.name).where(ENTRY_THERE).distinct().order_by(func.lower(month_entry.c.name)))


def search(connection: Connection, wanted: Search, most: int) -> list[Found]:
    """The newest postings that fit, of open and closed months, as many as `most`."""
    return list(islice(_fitting(connection, wanted), most))


def entry_names(connection: Connection) -> list[str]:
    """The names that entries of months have, each once."""
    return [name for (name,) in _NAMES.rows(connection)]


def _fitting(connection: Connection, wanted: Search) -> Iterator[Found]:
    query = (
        select(posting, month_entry.c.name, month.c.year_month)
        .join_from(posting, month_entry, month_entry.c.id == posting.c.entry_id)
        .join(month, month.c.id == month_entry.c.month_id)
        .where(posting.c.deleted == 0, *_conditions(wanted))
        .order_by(posting.c.day.desc(), posting.c.id.desc())
    )
    for row in connection.execute(query).mappings():
        found = Found(cast(Posting, KINDS["posting"].decode(row)), row["name"], YearMonth.parse(row["year_month"]))
        if abs(found.posting.amount) == wanted.cents or all(_holds(found, word) for word in wanted.words):
            yield found


def _conditions(wanted: Search) -> Iterator[ColumnElement[Any]]:
    if wanted.year_month is not None:
        yield month.c.year_month == str(wanted.year_month)
    if wanted.entry_name is not None:
        yield month_entry.c.name == wanted.entry_name
    columns = (posting.c.payee, posting.c.description, month_entry.c.name)
    patterns = [holding(word[:LONGEST]) for word in wanted.words[:MOST_WORDS]]
    words = [or_(*(column.like(one, escape="\\") for column in columns)) for one in patterns]
    if words and wanted.cents is not None:
        yield or_(posting.c.amount.in_((wanted.cents, -wanted.cents)), and_(*words))
    elif words:
        yield and_(*words)


def _holds(found: Found, word: str) -> bool:
    said = (found.posting.payee, found.posting.description, found.entry_name)
    return any(word.casefold() in text.casefold() for text in said if text)
