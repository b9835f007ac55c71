"""How a month entry differs from the plan entry that it was copied from."""

from __future__ import annotations

from enum import StrEnum

from quartermaster.domain.month import MonthEntry


class Deviation(StrEnum):
    UNCHANGED = "unchanged"
    EDITED = "edited"
    NEW_IN_MONTH = "new_in_month"


def deviation(entry: MonthEntry) -> Deviation:
    """Derived from name and planned against their origin; notes and postings never matter."""
    if entry.origin_name is None:
        return Deviation.NEW_IN_MONTH
    same = (entry.name, entry.planned) == (entry.origin_name, entry.origin_planned)
    return Deviation.UNCHANGED if same else Deviation.EDITED
