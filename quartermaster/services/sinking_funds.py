"""How the plan's sinking funds stand, over all months, and making one of several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from quartermaster.domain import text
from quartermaster.domain.month import MonthEntry, MonthState, copied
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


def hand_over(work: Work, fund: PlanEntry, others: Sequence[PlanEntry]) -> int | None:
    """Let one fund hold what several did: its opening balance then, which is at first what all of theirs are together.

    The others' copies in open months become this one's, or go into it where there is one: what that month plans and
    what was applied stays the same. What is in closed months stays there and is added to the opening balance. Refused
    when the notes of two copies do not fit into one.
    """
    gone = {other.id for other in others}
    balances = [one.opening_balance for one in (fund, *others) if one.opening_balance is not None]
    opening = sum(balances) if balances else None
    for month in work.months():
        entries = work.month_entries(month.id)
        mine = next((entry for entry in entries if entry.source == fund.id), None)
        can_take = month.state is not MonthState.CLOSED and (mine is None or mine.section is Section.SINKING_FUND)
        for copy in entries:
            if copy.source not in gone or copy.section is not Section.SINKING_FUND:
                continue
            if can_take:
                mine = _made_of(work, copy, fund) if mine is None else _added_to(work, copy, mine)
                _give_way(work, copy, mine)
            elif held := sum(posting.amount for posting in work.postings(copy.id)):
                opening = (opening or 0) + held
    return opening


def _made_of(work: Work, copy: MonthEntry, fund: PlanEntry) -> MonthEntry:
    start = copied(fund, copy.month_id)
    whole = replace(copy, id=start.id, source=fund.id)
    # What it has of its own is an edit: no start of the month elsewhere undoes that.
    work.add(start)
    work.edit(start, whole)
    return whole


def _added_to(work: Work, copy: MonthEntry, mine: MonthEntry) -> MonthEntry:
    notes = text.notes_together((mine.notes, copy.notes))
    whole = replace(mine, planned=mine.planned + copy.planned, notes=notes)
    work.edit(mine, whole)
    return whole


def _give_way(work: Work, copy: MonthEntry, to: MonthEntry) -> None:
    for posting in work.postings(copy.id):
        work.edit(posting, replace(posting, entry_id=to.id))
    work.remove(copy)
