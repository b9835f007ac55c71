"""The plan: the household's standing budget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from quartermaster.domain.errors import Refused
from quartermaster.domain.section import Section


@dataclass(frozen=True, kw_only=True, slots=True)
class Household:
    """The identity shared by all devices that keep this one budget. The plan's debt target lives here."""

    id: UUID
    currency: str
    debt_target: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanEntry:
    """One line of the plan. Amounts in minor units; `apr_basis_points` 1 = 0.01 %."""

    id: UUID
    section: Section
    name: str
    planned: int
    notes: str | None = None
    position: int = 0
    goal: int | None = None
    goal_date: date | None = None
    opening_balance: int | None = None
    debt_balance: int | None = None
    apr_basis_points: int | None = None


EXTRAS = ("goal", "goal_date", "opening_balance", "debt_balance", "apr_basis_points")
"""What an entry may have besides: as a sinking fund, or as a debt."""


def checked_planned(planned: int) -> int:
    """A planned amount in minor units. Refuses one below zero."""
    if planned < 0:
        raise Refused("A planned amount is zero or more. Write it without a minus.", field="planned")
    return planned


def checked_goal(goal: int | None) -> int | None:
    """What a sinking fund is to reach, in minor units; None: nothing in particular. Refuses zero and less."""
    if goal is not None and goal <= 0:
        raise Refused("A goal is more than zero. Type what the fund is to reach, or leave it empty.", field="goal")
    return goal


def checked_balance(balance: int | None, field: str) -> int | None:
    """What a fund holds at its beginning, or what is owed, in minor units; None: not said. Refuses less than zero."""
    if balance is not None and balance < 0:
        raise Refused("A balance is zero or more. Write it without a minus, also what you owe.", field=field)
    return balance


def require_debt(section: Section) -> None:
    """The debt target points at a debt; anything else is refused."""
    if section is not Section.DEBT_MINIMUM:
        raise Refused(f"The debt target must be one of your {Section.DEBT_MINIMUM.title.lower()}. Choose a debt.")
