"""Finding postings in all months, closed ones included, and the place of one in its ledger."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from quartermaster.domain.year_month import YearMonth
from quartermaster.services.postings import Ledger, ledger
from quartermaster.storage.found import Found, Search, entry_names, search
from quartermaster.storage.work import Work


@dataclass(frozen=True, slots=True)
class Findings:
    """The newest that fit, and whether there are older ones."""

    found: tuple[Found, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Filters:
    """By what the postings of the household can be narrowed: months, the latest first, and names of entries."""

    months: tuple[YearMonth, ...]
    entry_names: tuple[str, ...]


def find_postings(
    work: Work,
    typed: str = "",
    *,
    cents: int | None = None,
    year_month: YearMonth | None = None,
    entry_name: str | None = None,
    limit: int = 8,
) -> Findings:
    """The newest postings that hold every word that was typed, or that are of the amount `cents`, either way."""
    wanted = Search(
        # Half a character, which no text that is kept can hold, would be an error to SQLite.
        words=tuple(typed.encode(errors="replace").decode().split()),
        cents=abs(cents) if cents else None,
        year_month=year_month,
        entry_name=entry_name,
    )
    found = search(work.connection, wanted, limit + 1)
    return Findings(tuple(found[:limit]), len(found) > limit)


def filters(work: Work) -> Filters:
    """What there is to choose from."""
    months = tuple(month.year_month for month in reversed(work.months()))
    return Filters(months, tuple(entry_names(work.connection)))


def ledger_with(work: Work, posting_id: UUID, *, limit: int) -> Ledger | None:
    """The ledger in which a posting stands: its latest, and that one however old it is. None when it is gone."""
    posting = work.posting(posting_id)
    return None if posting is None else ledger(work, posting.entry_id, limit=limit, including=(posting_id,))
