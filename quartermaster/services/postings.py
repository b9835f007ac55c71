"""Postings: adding, editing and deleting them, one entry's ledger, and where payees usually go."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from uuid import UUID

from quartermaster.domain import lifecycle, text
from quartermaster.domain.errors import NotFound, Refused
from quartermaster.domain.month import Month, MonthEntry, MonthState, is_namesake
from quartermaster.domain.posting import Posting, PostingDraft, accepted
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.edits import Deleted
from quartermaster.services.months import find_month, open_entry
from quartermaster.storage.payees import last_entry_of_payee
from quartermaster.storage.payees import payees as known_payees
from quartermaster.storage.work import Work


@dataclass(frozen=True, slots=True)
class Ledger:
    """One entry's postings, newest first: as many as were asked for, of `total`.

    `moved` says where postings stand that were asked for besides and are not on this entry.
    """

    entry: MonthEntry
    month: Month
    postings: tuple[Posting, ...]
    total: int
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """A posting that went to another entry, of this month or another one."""

    posting: Posting
    entry: MonthEntry
    year_month: YearMonth


@dataclass(frozen=True, slots=True)
class PayeeHint:
    """A payee of before, and the entry that it last went to."""

    payee: str
    entry_name: str
    section: Section


def add_posting(work: Work, draft: PostingDraft) -> Posting:
    """Add one posting. The same draft again (its id) returns what is there and adds nothing."""
    there = work.posting(draft.id)
    if there is not None:
        return there
    _, month = open_entry(work, draft.entry_id)
    posting = _accepted(work, draft, month)
    work.add(posting)
    _announce(work, "posting_added", posting, month)
    return posting


def add_postings(work: Work, drafts: Sequence[PostingDraft]) -> int:
    """Add many postings as one action: all of them or, when one is refused, none. How many were added."""
    places = work.entries_by_id(list({draft.entry_id for draft in drafts}))
    postings = []
    for draft in drafts:
        if draft.entry_id not in places:
            raise NotFound("An entry was deleted meanwhile, so nothing was added.")
        month = places[draft.entry_id][1]
        lifecycle.require_open(month)
        posting = _accepted(work, draft, month)
        postings.append(posting)
        _announce(work, "posting_added", posting, month)
    work.add(*postings)
    return len(postings)


def edit_posting(work: Work, draft: PostingDraft, since: PostingDraft | None = None) -> Posting:
    """Put the draft in the place of the posting with its id, also on another entry of an open month.

    `since` is what the person saw when the edit began: what the draft says alike was not edited, and stays as it is by
    now.
    """
    old = work.posting(draft.id)
    if old is None:
        raise NotFound("That posting was deleted meanwhile.")
    if since is not None:
        draft = _edited(old, draft, since)
    if draft.entry_id != old.entry_id:
        open_entry(work, old.entry_id)
    _, month = open_entry(work, draft.entry_id)
    new = _accepted(work, draft, month)
    if work.edit(old, new):
        _announce(work, "posting_updated", new, month)
    return new


def delete_posting(work: Work, posting_id: UUID) -> Deleted:
    """Delete a posting of an open month."""
    posting = work.posting(posting_id)
    if posting is None:
        raise NotFound("That posting was deleted already.")
    entry, month = open_entry(work, posting.entry_id)
    work.remove(posting)
    _announce(work, "posting_deleted", posting, month)
    return Deleted(posting.payee or entry.name, 1, work.acted())


def ledger(work: Work, entry_id: UUID, *, limit: int | None = 100, including: Collection[UUID] = ()) -> Ledger:
    """An entry's latest postings, and those `including`: older ones of them, or where they went."""
    found = work.entries_by_id([entry_id]).get(entry_id)
    if found is None:
        raise NotFound("That entry was deleted meanwhile.")
    postings = work.postings(entry_id, limit)
    besides = set(including) - {posting.id for posting in postings}
    others = [other for other in map(work.posting, besides) if other is not None]
    older = [other for other in others if other.entry_id == entry_id]
    postings += sorted(older, key=lambda posting: (posting.day, posting.id), reverse=True)
    moved = tuple(_moved(work, [other for other in others if other.entry_id != entry_id]))
    return Ledger(*found, tuple(postings), work.posting_count(entry_id), moved)


def payees(work: Work, prefix: str, *, limit: int = 8) -> tuple[PayeeHint, ...]:
    """Payees of before that start so, the latest first."""
    start = _as_stored(prefix)
    return () if start is None else tuple(PayeeHint(*hint) for hint in known_payees(work.connection, start, limit))


def entry_for_payee(work: Work, payee: str, year_month: YearMonth) -> UUID | None:
    """The entry of this month that the payee's latest posting suggests; None when there is none."""
    known = _as_stored(payee)
    last = last_entry_of_payee(work.connection, known) if known else None
    month = find_month(work, year_month)
    if last is None or month is None:
        return None
    entries = work.month_entries(month.id)
    same = (entry for entry in entries if entry.id == last.id or (entry.source and entry.source == last.source))
    named = (entry for entry in entries if is_namesake(entry, last))
    found = next(same, None) or next(named, None)
    return found.id if found else None


def open_entries(work: Work, year_month: YearMonth) -> tuple[MonthEntry, ...]:
    """The entries that a posting of this month can go on; none when it is closed or not started."""
    month = find_month(work, year_month)
    if month is None or month.state is MonthState.CLOSED:
        return ()
    order = list(Section)
    return tuple(sorted(work.month_entries(month.id), key=lambda entry: order.index(entry.section)))


def _edited(old: Posting, draft: PostingDraft, since: PostingDraft) -> PostingDraft:
    """The draft, with what it says as `since` did taken from the posting as it is."""
    names = [field.name for field in fields(PostingDraft)]
    kept = {name: getattr(old, name) for name in names if getattr(draft, name) == getattr(since, name)}
    return replace(draft, **kept)


def _moved(work: Work, postings: Sequence[Posting]) -> Iterator[Moved]:
    """Where these stand; nothing of one whose entry is gone."""
    places = work.entries_by_id([posting.entry_id for posting in postings])
    for posting in postings:
        if posting.entry_id in places:
            entry, month = places[posting.entry_id]
            yield Moved(posting, entry, month.year_month)


def _accepted(work: Work, draft: PostingDraft, month: Month) -> Posting:
    if draft.day in month.year_month:
        return accepted(draft, month.year_month)
    other = find_month(work, YearMonth.of(draft.day))
    is_open = other is not None and other.state is not MonthState.CLOSED
    return accepted(draft, month.year_month, other.year_month if other is not None and is_open else None)


def _as_stored(payee: str) -> str | None:
    """What was typed, cleaned as payees are when they are stored; None when no payee is that long."""
    try:
        return text.payee(payee) or ""
    except Refused:
        return None


def _announce(work: Work, event: str, posting: Posting, month: Month) -> None:
    work.announce(
        event,
        posting_id=str(posting.id),
        entry_id=str(posting.entry_id),
        month=str(month.year_month),
        amount=posting.amount,
    )
