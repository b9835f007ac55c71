"""The demo household and the starter plan."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from quartermaster.domain.deviation import Deviation
from quartermaster.domain.errors import Refused
from quartermaster.domain.month import MonthState
from quartermaster.domain.year_month import YearMonth
from quartermaster.services import demo, starter
from quartermaster.services.demo_household import INCOME_AFTER_TAXES, YEARLY
from quartermaster.services.month_views import MonthSummary, MonthView, month_list, month_view
from quartermaster.services.plans import plan_view
from quartermaster.services.postings import ledger
from quartermaster.storage.migrate import prepare
from quartermaster.storage.store import Store
from tests.conftest import Clock

TODAY = date(2026, 5, 17)


@pytest.fixture
def lived(store: Store) -> Store:
    with store.write() as work:
        demo.fill(work, TODAY)
    return store


def months(store: Store) -> tuple[MonthSummary, ...]:
    with store.read() as work:
        return month_list(work)


def view(store: Store, month: YearMonth) -> MonthView:
    with store.read() as work:
        shown = month_view(work, month)
    assert shown is not None
    return shown


def test_the_demo_has_twelve_months_that_end_at_today(lived: Store) -> None:
    found = [month.year_month for month in months(lived)]
    assert found == [YearMonth(2026, 5).plus(index - 11) for index in range(12)]


def test_every_closed_month_of_the_demo_stands_at_exactly_zero(lived: Store) -> None:
    closed = [month for month in months(lived) if month.state is MonthState.CLOSED]
    assert len(closed) == 11
    assert {month.applied_zero for month in closed} == {0}
    assert {month.planned_zero for month in months(lived)} == {0}


def test_the_demo_lives_in_its_last_month_and_no_later_than_today(lived: Store) -> None:
    shown = view(lived, YearMonth.of(TODAY))
    assert shown.month.state is MonthState.ACTIVE
    with lived.read() as work:
        days = [posting.day for line in shown.lines for posting in ledger(work, line.entry.id).postings]
    assert days
    assert max(days) <= TODAY


def test_a_month_of_the_demo_was_closed_soon_after_it_ended(lived: Store) -> None:
    for month in months(lived)[:-1]:
        assert month.closed_ms is not None
        closed = datetime.fromtimestamp(month.closed_ms / 1000, UTC).date()
        assert 0 < (closed - month.year_month.last_day).days <= 4


def test_the_demo_shows_each_kind_of_thing_the_interface_can_show(lived: Store) -> None:
    shown = [view(lived, month.year_month) for month in months(lived)]
    lines = [line for month in shown for line in month.lines]
    with lived.read() as work:
        postings = [posting for line in lines for posting in ledger(work, line.entry.id).postings]
        plan = plan_view(work)
    assert {line.deviation for line in lines} == set(Deviation)
    assert any(posting.amount < 0 for posting in postings)
    assert len({posting.payee for posting in postings}) > 25
    assert any(line.entry.notes for line in lines)
    assert plan.debt_target is not None
    assert all(month.debt_target is not None for month in shown)
    assert any(entry.goal for group in plan.groups for section in group.sections for entry in section.entries)
    assert plan.zero == 0


def test_the_demo_spends_what_the_published_averages_say(lived: Store) -> None:
    with lived.read() as work:
        plan = plan_view(work)
    by_name = {entry.name: entry.planned for g in plan.groups for section in g.sections for entry in section.entries}
    assert by_name["Groceries"] == YEARLY["food at home"] // 12 * 100
    assert plan.income == (INCOME_AFTER_TAXES - YEARLY["insurance and pensions"]) // 12 * 100


def test_the_same_seed_gives_the_same_demo(tmp_path: Path, clock: Clock) -> None:
    told = []
    for name in ("one", "two"):
        prepare(tmp_path / name, tmp_path / "backups")
        store = Store(tmp_path / name, now_ms=clock, new_id=_ids())
        store.found("USD")
        with store.write() as work:
            demo.fill(work, TODAY, seed=7)
        told.append(months(store))
        store.close()
    assert told[0] == told[1]


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2024, 2, 29), date(2026, 12, 31)])
def test_the_demo_can_be_opened_on_any_day(store: Store, today: date) -> None:
    with store.write() as work:
        demo.fill(work, today)
    assert {month.applied_zero for month in months(store)[:-1]} == {0}


def test_the_demo_is_refused_where_a_household_lives_already(lived: Store) -> None:
    before = months(lived)
    with pytest.raises(Refused, match="empty file"), lived.write() as work:
        demo.fill(work, TODAY)
    assert months(lived) == before


def test_the_starter_plan_gives_every_unit_a_job(store: Store) -> None:
    with store.write() as work:
        starter.fill(work)
    with store.read() as work:
        plan = plan_view(work)
    assert plan.zero == 0
    assert plan.income == 300_000
    assert all(section.entries for group in plan.groups for section in group.sections)


def test_the_starter_plan_is_refused_over_a_plan_with_entries(store: Store) -> None:
    with store.write() as work:
        starter.fill(work)
    with pytest.raises(Refused, match="entries already"), store.write() as work:
        starter.fill(work)


@pytest.mark.parametrize(("currency", "unit"), [("JPY", 100), ("USD", 100), ("KWD", 1000)])
def test_a_unit_of_the_demo_is_believable_in_each_currency(currency: str, unit: int) -> None:
    assert demo.unit_of(currency) == unit


def _ids() -> Callable[[], UUID]:
    counter = itertools.count(1)
    return lambda: UUID(int=next(counter))
