"""How the plan's sinking funds stand, over all months, and making one of several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from quartermaster.domain.month import Month, MonthEntry, MonthState, copied
from quartermaster.domain.plan import PlanEntry
from quartermaster.domain.section import Section
from quartermaster.domain.sinking_fund import Fund, fund
from quartermaster.domain.year_month import YearMonth
from quartermaster.storage.funds import gathered
from quartermaster.storage.work import Work


def funds(work: Work, entries: Iterable[PlanEntry], this: YearMonth) -> Mapping[UUID, Fund]:
    """The funds among these plan entries, as they stand in this month."""
    applied = gathered(work.connection, this)
    return {
        entry.id: fund(entry, *applied.get(entry.id, (0, 0)))
        for entry in entries
        if entry.section is Section.SINKING_FUND
    }


def hand_over(work: Work, fund: PlanEntry, others: Sequence[PlanEntry], opening: int | None) -> int | None:
    """Let one fund hold what several did: its opening balance then, where `opening` is that without the months.

    The others' copies in open months become copies of this one, as they stand. What is in closed months stays there and
    is added to the opening balance. Where an open month has copies of both, these two are to be made one there.
    """
    gone = {other.id for other in others}
    for month in work.months():
        entries = work.month_entries(month.id)
        is_there = any(entry.source == fund.id for entry in entries)
        for copy in (entry for entry in entries if entry.source in gone):
            if month.state is MonthState.CLOSED:
                held = sum(posting.amount for posting in work.postings(copy.id))
                opening = (opening or 0) + held if held else opening
            elif not is_there:
                _become_copy(work, copy, fund, month)
                is_there = True
    return opening


def _become_copy(work: Work, copy: MonthEntry, fund: PlanEntry, month: Month) -> None:
    start = copied(fund, month.id)
    whole = replace(copy, id=start.id, source=fund.id)
    # What it has of its own is an edit: no start of the month elsewhere undoes that.
    work.add(start)
    work.edit(start, whole)
    for posting in work.postings(copy.id):
        work.edit(posting, replace(posting, entry_id=whole.id))
    work.remove(copy)
