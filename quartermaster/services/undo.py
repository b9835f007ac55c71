"""Undo: one action of this device taken back, as new changes."""

from __future__ import annotations

from quartermaster.domain import lifecycle
from quartermaster.domain.errors import OutOfBalance
from quartermaster.domain.month import MonthState
from quartermaster.services.months import applied_zero
from quartermaster.storage.work import Work


def undo(work: Work, action: int) -> int:
    """Take back one action; how many records changed. Refused when a month that it touches is closed.

    To take back a reopening is to close, so that needs the month to balance.
    """
    records = {change.record for change in work.said_in(action)}
    before = work.months_of(records)
    for month in before:
        lifecycle.require_open(month)
    changed = work.take_back(action)
    touched = {month.id for month in before}
    for month in work.months_of(records):
        if month.id not in touched:  # something comes back into a month that it had left
            lifecycle.require_open(month)
        elif month.state is MonthState.CLOSED and (zero := applied_zero(work, month.id)):
            raise OutOfBalance(month.year_month, zero)
    work.announce("action_undone", records=changed)
    return changed
