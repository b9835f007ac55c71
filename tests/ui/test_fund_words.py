"""How a sinking fund is spoken of."""

from __future__ import annotations

from datetime import date

import pytest

from quartermaster.domain.money import Money
from quartermaster.domain.sinking_fund import Fund
from quartermaster.domain.year_month import YearMonth
from quartermaster.ui.fund_words import fund_words

MAY = YearMonth(2026, 5)


def said(planned: int = 0, **stands: object) -> str:
    return fund_words(Fund(**{"balance": 0, "before": 0, **stands}), planned, MAY, Money()).line  # type: ignore[arg-type]  # its own fields


@pytest.mark.parametrize(
    ("words", "stands"),
    [
        ("", {}),
        ("12.00 saved", {"balance": 1_200}),
        ("12.00 of 50.00", {"balance": 1_200, "goal": 5_000}),
        ("60.00 of 50.00, ✓ goal reached", {"balance": 6_000, "goal": 5_000, "goal_date": date(2026, 4, 1)}),
        (
            "12.00 of 50.00, ▲ 38.00 was missing in Apr 2026",
            {"balance": 1_200, "goal": 5_000, "goal_date": date(2026, 4, 1)},
        ),
        (
            "12.00 of 50.00, ▲ 19.00 a month reaches it by Jun 2026",
            {"balance": 1_200, "before": 1_200, "goal": 5_000, "goal_date": date(2026, 6, 30), "planned": 1_899},
        ),
        (
            "12.00 of 50.00, 19.00 a month reaches it by Jun 2026",
            {"balance": 1_200, "before": 1_200, "goal": 5_000, "goal_date": date(2026, 6, 30), "planned": 1_900},
        ),
    ],
)
def test_a_fund_says_what_it_holds_and_what_it_needs(words: str, stands: dict[str, object]) -> None:
    assert said(**stands) == words  # type: ignore[arg-type]  # its own fields
