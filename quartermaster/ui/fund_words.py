"""How a sinking fund stands, in a person's words."""

from __future__ import annotations

from dataclasses import dataclass

from quartermaster.domain.money import Money
from quartermaster.domain.sinking_fund import Fund
from quartermaster.domain.year_month import YearMonth


@dataclass(frozen=True, slots=True)
class FundWords:
    """`saved` says what is there, `needed` what per month reaches the goal; either may be blank.

    `is_short`: less is planned than the goal needs.
    """

    saved: str = ""
    needed: str = ""
    is_short: bool = False

    @property
    def line(self) -> str:
        """Both, on one line."""
        return ", ".join(said for said in (self.saved, self.needed) if said)


def fund_words(fund: Fund, planned: int, this: YearMonth, money: Money) -> FundWords:
    """What to say of a fund for which so much is planned each month."""
    if fund.goal is None:
        return FundWords(f"{money.format(fund.balance)} saved" if fund.balance else "")
    saved = f"{money.format(fund.balance)} of {money.format(fund.goal)}"
    if not fund.missing:
        return FundWords(saved, "✓ goal reached")
    if fund.goal_date is None:
        return FundWords(saved)
    by = YearMonth.of(fund.goal_date)
    when = f"{by.short_title} {by.year}"
    per_month = fund.per_month(this)
    if per_month is None:
        return FundWords(saved, f"▲ {money.format(fund.missing)} was missing in {when}", is_short=True)
    is_short = planned < per_month
    return FundWords(
        saved, f"{'▲ ' if is_short else ''}{money.format(per_month)} a month reaches it by {when}", is_short
    )
