"""Undo: one action of this device taken back, as new changes. To take that back in turn is redo."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from quartermaster.domain.errors import MonthClosed, OutOfBalance, Refused
from quartermaster.domain.month import Month, MonthState
from quartermaster.domain.plan import Household
from quartermaster.domain.section import Section
from quartermaster.services.months import applied_zero
from quartermaster.storage.change import INSERT, Change
from quartermaster.storage.changelog import States, load_states
from quartermaster.storage.history import bereft
from quartermaster.storage.lost_edits import UNNOTICED
from quartermaster.storage.work import Work


@dataclass(frozen=True, slots=True)
class Undone:
    """How many records changed. `elsewhere`: another device wrote over some of it meanwhile, and that stays."""

    records: int
    elsewhere: bool


def undo(work: Work, action: int) -> Undone:
    """Take back one action. What was edited since keeps the later value.

    Refused when something would change in a closed month (a closing itself is taken back by reopening), when a month
    would close that does not balance, when a posting would come to a date outside its month, and when what was new in
    it is in use by now: another device wrote to it, or something was added to it. A debt target that would point at
    what is no debt by now is cleared.
    """
    said = work.said_in(action)
    now = load_states(work.connection, [(change.kind, change.record) for change in said])
    elsewhere = _overwritten_elsewhere(work, said, now)
    records = {change.record for change in said}
    before = {month.id: month for month in work.months_of(records)}
    # What a merge left astray was so before, and is in no undo's way, nor is what comes back to it.
    gone = {record for (_, record), state in now.items() if state.is_deleted}
    misdated, astray = work.misdated(records), _astray(work, before.values())
    changed = work.take_back(action)
    after = {month.id: month for month in work.months_of(records)}
    for identity, month in (before | after).items():
        _check(work, before.get(identity), month)
    if bereft(work.connection, records) - gone:
        raise Refused("Something was added to it since, so it stays. Take that back first.")
    _check_dates(work, records, misdated)
    for identity, one in _astray(work, after.values()).items():
        if identity not in astray:
            work.edit(one, replace(one, debt_target=None))
    work.announce("action_undone", records=changed)
    return Undone(changed, elsewhere)


def _check(work: Work, before: Month | None, now: Month) -> None:
    """A month that is touched was open, or opens by this; it closes only at exactly zero."""
    if now.state is not MonthState.CLOSED:
        return
    # Without a state before, something comes back into a month that it had left.
    if before is None or before.state is MonthState.CLOSED:
        raise MonthClosed(now.year_month)
    if zero := applied_zero(work, now.id):
        raise OutOfBalance(now.year_month, zero)


def _check_dates(work: Work, records: Collection[UUID], before: Collection[UUID]) -> None:
    """Each field comes back by itself: a posting's place without its date, where that was edited since."""
    for posting, (day, year_month) in work.misdated(records).items():
        if posting not in before:
            wrong = f"{day.isoformat()} is not in {year_month.title}"
            raise Refused(f"It was edited since, and {wrong}. Take the later edit back first.")


def _astray(work: Work, months: Collection[Month]) -> dict[UUID, Household | Month]:
    """Of the household and these months, those whose debt target is no debt, or is deleted."""
    household = work.household()
    copies = work.entries_by_id([month.debt_target for month in months if month.debt_target])
    aimed = work.plan_entry(household.debt_target) if household.debt_target else None
    targets = [entry for entry, _ in copies.values()] + ([aimed] if aimed else [])
    debts = {entry.id for entry in targets if entry.section is Section.DEBT_MINIMUM}
    pointing: list[Household | Month] = [household, *months]
    return {one.id: one for one in pointing if one.debt_target and one.debt_target not in debts}


def _overwritten_elsewhere(work: Work, said: Sequence[Change], now: States) -> bool:
    """Whether another device wrote over what was said. Refused where it wrote to what was new then."""
    me, overwritten = work.device.bytes, False
    for change in said:
        state = now[change.kind, change.record]
        by_others = {name for name, (_, _, device) in state.edits.items() if device != me} - UNNOTICED
        if change.op == INSERT and by_others and not state.is_deleted:
            raise Refused("Another device has written to it since, so it stays. Delete it where it stands.")
        overwritten = overwritten or bool(by_others & change.fields.keys())
    return overwritten
