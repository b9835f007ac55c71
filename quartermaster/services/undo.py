"""Undo: one action of this device taken back, as new changes."""

from __future__ import annotations

from quartermaster.domain import lifecycle
from quartermaster.storage.work import Work


def undo(work: Work, action: int) -> int:
    """Take back one action; how many records changed. Refused when a month that it touches is closed."""
    for month in work.months_of({change.record for change in work.said_in(action)}):
        lifecycle.require_open(month)
    return work.take_back(action)
