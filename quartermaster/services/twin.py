"""A posting whose date belongs to another open month: put there, on the entry that stands for the same thing."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from quartermaster.domain.errors import NotFound
from quartermaster.domain.month import MonthEntry, is_namesake
from quartermaster.domain.posting import Posting, PostingDraft
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.months import open_entry, open_month
from quartermaster.services.postings import add_posting, edit_posting
from quartermaster.storage.work import Work


def add_to_twin(work: Work, draft: PostingDraft, other: YearMonth) -> Posting:
    """Add the draft to the other month's entry of the same source, or of the same section and name."""
    return add_posting(work, replace(draft, entry_id=_there(work, draft, other)))


def move_to_twin(work: Work, draft: PostingDraft, other: YearMonth, since: PostingDraft | None = None) -> Posting:
    """Put the draft in the place of the posting with its id, on the other month's entry that is like the draft's.

    `since` as in `edit_posting`.
    """
    there = work.posting(draft.id)
    if there is not None and since is not None and draft.entry_id == since.entry_id:
        draft = replace(draft, entry_id=there.entry_id)
    return edit_posting(work, replace(draft, entry_id=_there(work, draft, other)), since)


def twin(work: Work, entry: MonthEntry, other: YearMonth) -> UUID | None:
    """The id of the entry that stands for the same thing in the other, open month."""
    entries = work.month_entries(open_month(work, other).id)
    same = next((one.id for one in entries if entry.source is not None and one.source == entry.source), None)
    named = next((one.id for one in entries if is_namesake(one, entry)), None)
    return same or named


def _there(work: Work, draft: PostingDraft, other: YearMonth) -> UUID:
    entry, _ = open_entry(work, draft.entry_id)
    there = twin(work, entry, other)
    if there is None:
        raise NotFound(f"{other.title} has no entry like {entry.name}. Add one there, or change the date.")
    return there
