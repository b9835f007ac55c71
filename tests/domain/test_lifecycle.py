"""planning → active → closed → active, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartermaster.domain import lifecycle
from quartermaster.domain.errors import MonthClosed, OutOfBalance, Refused
from quartermaster.domain.money import Money
from quartermaster.domain.month import Lifecycle, Month, MonthState
from quartermaster.domain.year_month import YearMonth

PLANNED = Month(id=UUID(int=1), year_month=YearMonth(2026, 5))
ACTIVE = lifecycle.activate(PLANNED, now_ms=100)
CLOSED = lifecycle.close(ACTIVE, 0, now_ms=200)


def test_a_month_is_planned_then_lived_then_archived_and_can_be_reopened() -> None:
    assert [month.state for month in (PLANNED, ACTIVE, CLOSED, lifecycle.reopen(CLOSED))] == [
        MonthState.PLANNING,
        MonthState.ACTIVE,
        MonthState.CLOSED,
        MonthState.ACTIVE,
    ]


def test_each_state_keeps_when_it_was_entered() -> None:
    assert CLOSED.lifecycle == Lifecycle(state=MonthState.CLOSED, activated_ms=100, closed_ms=200)
    assert lifecycle.reopen(CLOSED).lifecycle == Lifecycle(state=MonthState.ACTIVE, activated_ms=100)


@given(st.integers(-(10**14), 10**14))
def test_a_month_closes_only_at_exactly_zero(zero_cents: int) -> None:
    if zero_cents == 0:
        assert lifecycle.close(ACTIVE, zero_cents, 200) == CLOSED
        return
    with pytest.raises(OutOfBalance) as refused:
        lifecycle.close(ACTIVE, zero_cents, 200)
    assert refused.value.zero_cents == zero_cents


def test_a_refused_close_says_by_how_much_and_which_way() -> None:
    month, money = PLANNED.year_month, Money()
    assert "May 2026 cannot close yet: 12.50 of income is not applied." in OutOfBalance(month, 1250).sentence(money)
    assert "May 2026 cannot close yet: 0.01 more was applied than came in." in OutOfBalance(month, -1).sentence(money)


@pytest.mark.parametrize(
    ("month", "step"),
    [
        (ACTIVE, lambda month: lifecycle.activate(month, 300)),
        (CLOSED, lambda month: lifecycle.activate(month, 300)),
        (PLANNED, lambda month: lifecycle.close(month, 0, 300)),
        (CLOSED, lambda month: lifecycle.close(month, 0, 300)),
        (PLANNED, lifecycle.reopen),
        (ACTIVE, lifecycle.reopen),
    ],
)
def test_a_step_that_skips_or_repeats_one_is_refused_by_name(month: Month, step: object) -> None:
    with pytest.raises(Refused, match=r"^May 2026 is ") as refused:
        step(month)  # type: ignore[operator]  # a function of one month
    assert type(refused.value) is Refused


def test_only_a_closed_month_is_kept_from_being_edited() -> None:
    lifecycle.require_open(PLANNED)
    lifecycle.require_open(ACTIVE)
    lifecycle.require_open(lifecycle.reopen(CLOSED))
    with pytest.raises(MonthClosed, match="Reopen it to change anything in it"):
        lifecycle.require_open(CLOSED)


def test_a_step_changes_nothing_but_the_state() -> None:
    month = replace(ACTIVE, debt_target=UUID(int=9))
    assert replace(lifecycle.close(month, 0, 1), lifecycle=month.lifecycle) == month
