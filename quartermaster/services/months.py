"""Months: starting one, its life from planning to closed, and the verbs on its entries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from quartermaster.domain import lifecycle, text
from quartermaster.domain.errors import NotFound
from quartermaster.domain.month import Month, MonthEntry, copied, copied_entry_id, month_id
from quartermaster.domain.plan import checked_planned, require_debt
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.domain.zero_amount import zero_amount
from quartermaster.services.edits import KEEP, Deleted, Kept
from quartermaster.services.order import last_position, move
from quartermaster.storage.reads import Applied
from quartermaster.storage.work import Work


def start_month(work: Work, year_month: YearMonth) -> Month:
    """Copy every plan entry into a month in planning. Starting again returns the month that is there."""
    household = work.household()
    identity = month_id(household.id, year_month)
    there = work.month(identity)
    if there is not None:
        return there
    entries = [copied(entry, identity) for entry in work.plan_entries()]
    target = household.debt_target and copied_entry_id(identity, household.debt_target)
    debts = {entry.id for entry in entries if entry.section is Section.DEBT_MINIMUM}
    month = Month(
        id=identity,
        year_month=year_month,
        debt_target=target if target in debts else None,
    )
    work.add(month, *entries)
    work.announce("month_created", month=str(year_month), entries=len(entries))
    return month


def activate_month(work: Work, year_month: YearMonth) -> Month:
    """Planning → active, whatever the balance."""
    return _become(work, "month_activated", lambda month: lifecycle.activate(month, work.now_ms()), year_month)


def close_month(work: Work, year_month: YearMonth) -> Month:
    """Active → closed, only when the applied zero amount is exactly 0."""
    return _become(
        work,
        "month_closed",
        lambda month: lifecycle.close(month, applied_zero(work, month.id), work.now_ms()),
        year_month,
    )


def reopen_month(work: Work, year_month: YearMonth) -> Month:
    """Closed → active."""
    return _become(work, "month_reopened", lifecycle.reopen, year_month)


def applied_zero(work: Work, month: UUID) -> int:
    """Income applied minus all else applied, in minor units."""
    applied = work.applied(month)
    return zero_amount((entry.section, applied.get(entry.id, Applied()).cents) for entry in work.month_entries(month))


def add_month_entry(
    work: Work,
    year_month: YearMonth,
    *,
    section: Section,
    name: str,
    planned: int,
    notes: str | None = None,
    id: UUID | None = None,
) -> MonthEntry:
    """Add an entry to this month only. The same `id` again returns what is there."""
    month = open_month(work, year_month)
    entries = work.month_entries(month.id)
    if (there := next((entry for entry in entries if entry.id == id), None)) is not None:
        return there
    entry = MonthEntry(
        id=id or work.new_id(),
        month_id=month.id,
        section=section,
        name=text.name(name),
        planned=checked_planned(planned),
        notes=text.notes(notes),
        position=last_position(entries, section),
    )
    work.add(entry)
    return entry


def edit_month_entry(
    work: Work,
    entry_id: UUID,
    *,
    name: str | Kept = KEEP,
    planned: int | Kept = KEEP,
    notes: str | Kept | None = KEEP,
) -> MonthEntry:
    """Edit the fields that are given, in an open month."""
    old, _ = open_entry(work, entry_id)
    new = replace(
        old,
        name=old.name if name is KEEP else text.name(name),
        planned=old.planned if planned is KEEP else checked_planned(planned),
        notes=old.notes if notes is KEEP else text.notes(notes),
    )
    work.edit(old, new)
    return new


def move_month_entry(work: Work, entry_id: UUID, *, section: Section, before: UUID | None) -> MonthEntry:
    """Reorder an entry of an open month, or move it to another section."""
    entry, month = open_entry(work, entry_id)
    moved = move(work, work.month_entries(month.id), entry, section, before)
    if section is not entry.section:
        _clear_target(work, month, entry_id)
    return moved


def delete_month_entry(work: Work, entry_id: UUID) -> Deleted:
    """Delete an entry of an open month and its postings with it."""
    entry, month = open_entry(work, entry_id)
    postings = work.postings(entry_id)
    work.remove(entry, *postings)
    _clear_target(work, month, entry_id)
    for posting in postings:
        work.announce(
            "posting_deleted",
            posting_id=str(posting.id),
            entry_id=str(entry_id),
            month=str(month.year_month),
            amount=posting.amount,
        )
    return Deleted(entry.name, len(postings), work.acted())


def keep_month_entry(work: Work, entry_id: UUID) -> MonthEntry:
    """Bring an entry back that another device deleted while a posting was added to it. Its month must be open.

    The month comes back too where it was its start that was taken back.
    """
    entry, month = open_entry(work, entry_id)
    work.revive(entry, month)
    return entry


def set_month_debt_target(work: Work, year_month: YearMonth, entry_id: UUID | None) -> None:
    """Point at one of this month's debts, or at none."""
    month = open_month(work, year_month)
    if entry_id is not None:
        entry, of_month = open_entry(work, entry_id)
        if of_month.id != month.id:
            raise NotFound(f"That debt is not in {year_month.title}.")
        require_debt(entry.section)
    work.edit(month, replace(month, debt_target=entry_id))


def find_month(work: Work, year_month: YearMonth) -> Month | None:
    """The month, if it was started."""
    return work.month(month_id(work.household().id, year_month))


def started_month(work: Work, year_month: YearMonth) -> Month:
    """The month; refused when it was not started."""
    month = find_month(work, year_month)
    if month is None:
        raise NotFound(f"{year_month.title} is not started yet. Start it first.")
    return month


def open_month(work: Work, year_month: YearMonth) -> Month:
    """The month, refused when it is closed."""
    month = started_month(work, year_month)
    lifecycle.require_open(month)
    return month


def open_entry(work: Work, entry_id: UUID) -> tuple[MonthEntry, Month]:
    """A month entry with its month, refused when that is closed."""
    found = work.entries_by_id([entry_id]).get(entry_id)
    if found is None:
        raise NotFound("That entry was deleted meanwhile.")
    lifecycle.require_open(found[1])
    return found


def _become(work: Work, event: str, rule: Callable[[Month], Month], year_month: YearMonth) -> Month:
    month = started_month(work, year_month)
    changed = rule(month)
    work.edit(month, changed)
    work.announce(event, month=str(year_month))
    return changed


def _clear_target(work: Work, month: Month, entry_id: UUID) -> None:
    if month.debt_target == entry_id:
        work.edit(month, replace(month, debt_target=None))
