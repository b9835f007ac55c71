"""One calendar month, `2026-05`: what a month of the budget is called and which days it holds."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from quartermaster.domain.errors import Refused

_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1900, 2999
_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class YearMonth:
    """A calendar month. Orders by time; `str()` gives `2026-05`."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> YearMonth:
        """Read `2026-05`. Refuses anything else, and years outside 1900 to 2999."""
        if _SHAPE.fullmatch(text):
            year, month = int(text[:4]), int(text[5:])
            if 1 <= month <= 12 and _FIRST_YEAR <= year <= _LAST_YEAR:
                return cls(year, month)
        raise Refused(f"“{text[:20]}” is not a month. A month is written like 2026-05.", field="month")

    @classmethod
    def of(cls, day: date) -> YearMonth:
        """The month that a day belongs to."""
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def title(self) -> str:
        """`May 2026`."""
        return f"{_NAMES[self.month - 1]} {self.year}"

    @property
    def short_title(self) -> str:
        """`May`."""
        return _NAMES[self.month - 1][:3]

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    def __contains__(self, day: date) -> bool:
        return (day.year, day.month) == (self.year, self.month)

    def plus(self, months: int) -> YearMonth:
        """The month so many months later (earlier when negative)."""
        index = self.year * 12 + self.month - 1 + months
        return YearMonth(index // 12, index % 12 + 1)

    @property
    def next(self) -> YearMonth:
        return self.plus(1)

    @property
    def previous(self) -> YearMonth:
        return self.plus(-1)

    def nearest(self, day: date) -> date:
        """The day itself when it lies in this month, else the month's closest day."""
        return min(max(day, self.first_day), self.last_day)
