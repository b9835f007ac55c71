"""Which texts are months, and which days they hold."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartermaster.domain.errors import Refused
from quartermaster.domain.year_month import YearMonth

months = st.builds(YearMonth, st.integers(1900, 2999), st.integers(1, 12))
days = st.dates(date(1900, 1, 1), date(2999, 12, 31))


@given(months)
def test_a_month_reads_back_from_how_it_is_written(month: YearMonth) -> None:
    assert YearMonth.parse(str(month)) == month


@given(days)
def test_a_day_lies_in_its_own_month_and_in_no_neighbour(day: date) -> None:
    month = YearMonth.of(day)
    assert day in month
    assert day not in month.next
    assert day not in month.previous
    assert month.first_day <= day <= month.last_day


@given(months, days)
def test_the_nearest_day_lies_in_the_month_and_is_the_day_itself_when_that_does(month: YearMonth, day: date) -> None:
    nearest = month.nearest(day)
    assert nearest in month
    assert (nearest == day) == (day in month)


@given(months, st.integers(-500, 500))
def test_going_some_months_on_and_as_many_back_ends_where_it_began(month: YearMonth, steps: int) -> None:
    assert month.plus(steps).plus(-steps) == month
    assert (month.plus(steps) > month) == (steps > 0)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-13", "2026-00", "2026-5", "26-05", "2026/05", "2026-05-01", " 2026-05", "2026-05\n", "1899-12", "3000-01",
        "٢٠٢٦-٠٥", "２０２６-05", "", "may", "../../etc", "2026-05\x00",
    ],
)  # fmt: skip
def test_what_is_no_month_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(Refused, match=r"A month is written like 2026-05\.") as refused:
        YearMonth.parse(typed)
    assert refused.value.field == "month"


def test_a_long_wrong_month_is_quoted_in_part() -> None:
    with pytest.raises(Refused) as refused:
        YearMonth.parse("9" * 10_000)
    assert len(refused.value.message) < 100


def test_months_know_their_names_their_ends_and_their_order() -> None:
    february = YearMonth(2024, 2)
    assert (february.title, february.short_title) == ("February 2024", "Feb")
    assert (february.first_day, february.last_day) == (date(2024, 2, 1), date(2024, 2, 29))
    assert YearMonth(2023, 12) < YearMonth(2024, 1) == YearMonth(2023, 12).next
    assert YearMonth(2024, 1).previous == YearMonth(2023, 12)
