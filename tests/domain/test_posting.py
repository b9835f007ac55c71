"""When a posting is accepted."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartermaster.domain.errors import OutsideMonth, Refused
from quartermaster.domain.posting import PostingDraft, accepted
from quartermaster.domain.year_month import YearMonth

FEBRUARY = YearMonth(2026, 2)
MAY = YearMonth(2026, 5)


def draft(
    day: date = date(2026, 5, 17), amount: int = 1_000, payee: str | None = None, description: str | None = None
) -> PostingDraft:
    return PostingDraft(
        id=UUID(int=1), entry_id=UUID(int=2), day=day, amount=amount, payee=payee, description=description
    )


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(-(10**12), 10**12))
def test_a_posting_is_accepted_when_its_day_is_in_the_month_and_its_amount_is_not_zero(day: date, amount: int) -> None:
    try:
        posting = accepted(draft(day, amount), MAY)
    except Refused as refused:
        assert day not in MAY or amount == 0
        assert refused.field == ("day" if day not in MAY else "amount")
    else:
        assert (posting.day, posting.amount) == (day, amount)
        assert day in MAY
        assert amount != 0


def test_a_negative_amount_is_a_refund() -> None:
    assert accepted(draft(amount=-500), MAY).amount == -500


def test_an_amount_of_zero_is_refused_and_says_what_to_type() -> None:
    with pytest.raises(Refused, match="Type what was paid or received"):
        accepted(draft(amount=0), MAY)


def test_the_31_of_january_is_refused_in_february_with_the_days_that_are_possible() -> None:
    with pytest.raises(OutsideMonth) as refused:
        accepted(draft(date(2026, 1, 31)), FEBRUARY)
    assert refused.value.other is None
    assert refused.value.message == ("2026-01-31 is not in February 2026. Choose a date from 2026-02-01 to 2026-02-28.")


def test_a_day_of_another_open_month_offers_that_month() -> None:
    with pytest.raises(OutsideMonth, match="It belongs to January 2026, which is open") as refused:
        accepted(draft(date(2026, 1, 31)), FEBRUARY, YearMonth(2026, 1))
    assert refused.value.other == YearMonth(2026, 1)


def test_payee_and_description_are_trimmed_and_blank_means_none() -> None:
    posting = accepted(draft(payee="  Marlow  Market ", description="\n"), MAY)
    assert (posting.payee, posting.description) == ("Marlow Market", None)


@pytest.mark.parametrize(("field", "most"), [("payee", 120), ("description", 500)])
def test_a_text_that_is_too_long_names_its_field(field: str, most: int) -> None:
    typed = "x" * (most + 1)
    with pytest.raises(Refused) as refused:
        accepted(draft(**{field: typed}), MAY)  # type: ignore[arg-type]  # the field is a parameter
    assert refused.value.field == field
