"""What a fund holds, what its goal misses, and what per month reaches it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from quartermaster.domain.plan import PlanEntry
from quartermaster.domain.section import Section
from quartermaster.domain.sinking_fund import Fund, fund
from quartermaster.domain.year_month import YearMonth

MAY = YearMonth(2026, 5)


def car(**fields: object) -> PlanEntry:
    return PlanEntry(id=UUID(int=1), section=Section.SINKING_FUND, name="Car", planned=0, **fields)  # type: ignore[arg-type]  # its own fields


def test_the_balance_is_the_opening_balance_and_all_that_was_applied() -> None:
    assert fund(car(opening_balance=1_000), 200, 500) == Fund(balance=1_500, before=1_200)
    assert fund(car(), 0, -300).balance == -300


def test_a_goal_misses_what_the_balance_lacks_and_never_less_than_nothing() -> None:
    assert fund(car(goal=1_000), 0, 400).missing == 600
    assert fund(car(goal=1_000), 0, 1_400).missing == 0
    assert fund(car(), 0, 400).missing == 0


@pytest.mark.parametrize(
    ("by", "per_month"),
    [
        (date(2026, 5, 31), 1_000),
        (date(2026, 6, 1), 500),
        (date(2026, 7, 31), 334),
        (date(2027, 4, 30), 84),
        (date(2026, 4, 30), None),
        (None, None),
    ],
)
def test_what_per_month_reaches_the_goal_counts_this_month_and_is_rounded_up(
    by: date | None, per_month: int | None
) -> None:
    assert fund(car(goal=1_000, goal_date=by), 0, 0).per_month(MAY) == per_month


def test_putting_this_months_share_aside_does_not_change_the_share() -> None:
    with_goal = car(goal=1_000, goal_date=date(2026, 6, 30))
    assert fund(with_goal, 200, 200).per_month(MAY) == fund(with_goal, 200, 600).per_month(MAY) == 400


def test_a_goal_that_is_reached_needs_nothing_more() -> None:
    assert fund(car(goal=1_000, goal_date=date(2026, 6, 30)), 1_200, 1_200).per_month(MAY) == 0
    assert fund(car(goal_date=date(2026, 6, 30)), 0, 0).per_month(MAY) is None
