"""What people are told when a rule of the household says no.

Refused
├── NotFound          the thing was deleted meanwhile, or never was
├── MonthClosed       a closed month is an archive
├── OutOfBalance      a month closes only at exactly zero
└── OutsideMonth      a posting's date lies in another month
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quartermaster.domain.money import Money
    from quartermaster.domain.year_month import YearMonth


class Refused(Exception):
    """A rule said no. `field` names the draft's field that must change, if one does."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def sentence(self, _money: Money) -> str:
        """What the person reads: what is wrong and what to do next."""
        return self.message


class NotFound(Refused):
    """The record is deleted or never existed."""


class MonthClosed(Refused):
    """Nothing in a closed month changes; it can be reopened."""

    def __init__(self, year_month: YearMonth) -> None:
        super().__init__(f"{year_month.title} is closed. Reopen it to change anything in it.")
        self.year_month = year_month


class OutOfBalance(Refused):
    """A close refused: `zero_cents` is the month's applied zero amount, in minor units."""

    def __init__(self, year_month: YearMonth, zero_cents: int) -> None:
        super().__init__(f"{year_month.title} is out of balance.")
        self.year_month = year_month
        self.zero_cents = zero_cents

    def sentence(self, money: Money) -> str:
        """Say by how much the month is out, and which way."""
        amount = money.format(abs(self.zero_cents))
        if self.zero_cents > 0:
            return (
                f"{self.year_month.title} cannot close yet: {amount} of income is not applied. "
                "Add the postings that are missing, then close it."
            )
        return (
            f"{self.year_month.title} cannot close yet: {amount} more was applied than came in. "
            "Add the missing income or correct a posting, then close it."
        )


class OutsideMonth(Refused):
    """A posting's date is not in its month. `other` is where it belongs, when that month is open."""

    def __init__(self, day: date, year_month: YearMonth, other: YearMonth | None) -> None:
        text = f"{day.isoformat()} is not in {year_month.title}."
        if other is not None:
            text += f" It belongs to {other.title}, which is open: add it there, or change the date."
        else:
            text += f" Choose a date from {year_month.first_day.isoformat()} to {year_month.last_day.isoformat()}."
        super().__init__(text, field="day")
        self.day = day
        self.year_month = year_month
        self.other = other
