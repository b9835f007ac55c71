"""planning → active → closed → active: what a month may become, and when."""

from __future__ import annotations

from dataclasses import replace

from quartermaster.domain.errors import MonthClosed, OutOfBalance, Refused
from quartermaster.domain.month import Lifecycle, Month, MonthState

EARLIEST_MS, LATEST_MS = -62_000_000_000_000, 253_402_000_000_000
"""The years 5 to 9999: all that a calendar shows, whatever a clock says."""


def activate(month: Month, now_ms: int) -> Month:
    """Start living the month, whatever its balance. Only a month in planning can."""
    if month.state is not MonthState.PLANNING:
        raise Refused(f"{month.year_month.title} is already {month.state.value}.")
    return replace(month, lifecycle=Lifecycle(state=MonthState.ACTIVE, activated_ms=now_ms))


def close(month: Month, applied_zero: int, now_ms: int) -> Month:
    """Archive the month. Refused unless it is active and its applied zero amount is exactly 0."""
    if month.state is MonthState.PLANNING:
        raise Refused(f"{month.year_month.title} is still in planning. Activate it first, then close it.")
    if month.state is MonthState.CLOSED:
        raise Refused(f"{month.year_month.title} is already closed.")
    if applied_zero != 0:
        raise OutOfBalance(month.year_month, applied_zero)
    return replace(month, lifecycle=replace(month.lifecycle, state=MonthState.CLOSED, closed_ms=now_ms))


def reopen(month: Month) -> Month:
    """Make a closed month active again; when it was activated is kept."""
    if month.state is not MonthState.CLOSED:
        raise Refused(f"{month.year_month.title} is not closed, so there is nothing to reopen.")
    return replace(month, lifecycle=replace(month.lifecycle, state=MonthState.ACTIVE, closed_ms=None))


def require_open(month: Month) -> None:
    """Everything may be edited in planning and active; nothing in closed."""
    if month.state is MonthState.CLOSED:
        raise MonthClosed(month.year_month)
