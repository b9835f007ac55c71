"""Sections of the budget, and the groups in which they are shown."""

from __future__ import annotations

from enum import StrEnum


class Section(StrEnum):
    """Where an entry belongs. The values are stored and travel: never rename one."""

    INCOME = "income"
    FIXED_BILL = "fixed_bill"
    DEBT_MINIMUM = "debt_minimum"
    SINKING_FUND = "sinking_fund"
    FOOD = "food"
    SUBSCRIPTION = "subscription"
    OTHER = "other"

    @property
    def title(self) -> str:  # type: ignore[override]  # the person's word; nobody title-cases a stored value
        return _TITLES[self]

    @property
    def group(self) -> Group:
        return _GROUPS[self]


class Group(StrEnum):
    """How sections are shown together."""

    INCOME = "income"
    COMMITTED = "committed"
    SAVINGS = "savings"
    FLEXIBLE = "flexible"

    @property
    def title(self) -> str:  # type: ignore[override]  # the person's word; nobody title-cases a stored value
        return self.value.capitalize()

    @property
    def sections(self) -> tuple[Section, ...]:
        return tuple(section for section in Section if section.group is self)

    @property
    def starts_open(self) -> bool:
        return self in (Group.INCOME, Group.FLEXIBLE)


_TITLES = {
    Section.INCOME: "Income",
    Section.FIXED_BILL: "Fixed bills",
    Section.DEBT_MINIMUM: "Debt minimums",
    Section.SINKING_FUND: "Sinking funds",
    Section.FOOD: "Food and essentials",
    Section.SUBSCRIPTION: "Subscriptions",
    Section.OTHER: "Everything else",
}
_GROUPS = {
    Section.INCOME: Group.INCOME,
    Section.FIXED_BILL: Group.COMMITTED,
    Section.DEBT_MINIMUM: Group.COMMITTED,
    Section.SINKING_FUND: Group.SAVINGS,
    Section.FOOD: Group.FLEXIBLE,
    Section.SUBSCRIPTION: Group.FLEXIBLE,
    Section.OTHER: Group.FLEXIBLE,
}
