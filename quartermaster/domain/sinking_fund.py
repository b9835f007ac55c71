"""Sinking funds: what was put aside over the months, and what per month reaches the goal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from quartermaster.domain.plan import PlanEntry
from quartermaster.domain.year_month import YearMonth


@dataclass(frozen=True, kw_only=True, slots=True)
class Fund:
    """How a fund stands. Minor units; `before` is the balance at the beginning of this month."""

    balance: int
    before: int
    goal: int | None = None
    goal_date: date | None = None

    @property
    def missing(self) -> int:
        """What the goal still needs; 0 when it is reached, or when there is none."""
        return max((self.goal or 0) - self.balance, 0)

    def per_month(self, this: YearMonth) -> int | None:
        """What each month, from this one to that of the goal's date, must put aside to reach the goal.

        It stays the same while this month's share is put aside. Rounded up, so that the goal is reached; None where
        no goal, no date, or no month is left.
        """
        if self.goal is None or self.goal_date is None:
            return None
        by = YearMonth.of(self.goal_date)
        months = (by.year - this.year) * 12 + by.month - this.month + 1
        return -(-max(self.goal - self.before, 0) // months) if months > 0 else None


def fund(entry: PlanEntry, applied_before: int, applied: int) -> Fund:
    """The fund of a plan entry: its opening balance, and what its months applied, this one included in `applied`."""
    opening = entry.opening_balance or 0
    return Fund(balance=opening + applied, before=opening + applied_before, goal=entry.goal, goal_date=entry.goal_date)
