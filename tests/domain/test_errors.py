"""What people read when a rule says no."""

from __future__ import annotations

from datetime import date

import pytest

from quartermaster.domain.errors import MonthClosed, NotFound, OutOfBalance, OutsideMonth, Refused
from quartermaster.domain.money import Money
from quartermaster.domain.year_month import YearMonth

MAY = YearMonth(2026, 5)
REFUSALS = [
    Refused("Type a name."),
    NotFound("That entry was deleted meanwhile."),
    MonthClosed(MAY),
    OutOfBalance(MAY, 5),
    OutOfBalance(MAY, -5),
    OutsideMonth(date(2026, 6, 1), MAY, None),
    OutsideMonth(date(2026, 6, 1), MAY, MAY.next),
]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_every_refusal_is_a_whole_sentence_for_the_person(refusal: Refused) -> None:
    sentence = refusal.sentence(Money())
    assert sentence[0].isupper() or sentence[0].isdigit()
    assert sentence.endswith(".")


@pytest.mark.parametrize("refusal", REFUSALS)
def test_one_family_catches_every_refusal(refusal: Refused) -> None:
    with pytest.raises(Refused):
        raise refusal


def test_a_balance_is_told_in_the_households_money_and_which_way_it_is_out() -> None:
    yen = Money(currency="JPY", decimals=0)
    assert "1,234 of income" in OutOfBalance(MAY, 1234).sentence(yen)
    assert "1 of income" in OutOfBalance(MAY, 1).sentence(yen)
    assert "1 more was applied" in OutOfBalance(MAY, -1).sentence(yen)


def test_a_date_outside_is_offered_its_own_month_where_that_is_open_and_the_days_of_this_one_otherwise() -> None:
    first = date(2026, 6, 1)
    assert "It belongs to June 2026, which is open" in OutsideMonth(first, MAY, MAY.next).message
    assert "Choose a date from 2026-05-01 to 2026-05-31." in OutsideMonth(first, MAY, None).message
