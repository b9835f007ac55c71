"""All months: the open ones, and the closed ones as an archive, year by year."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from nicegui import ui

from quartermaster.domain.money import Money
from quartermaster.domain.month import MonthState
from quartermaster.domain.year_month import YearMonth
from quartermaster.domain.zero_amount import tone
from quartermaster.services.month_views import MonthSummary, month_list
from quartermaster.ui.building import BUILT_WITHIN_S
from quartermaster.ui.calls import Calls
from quartermaster.ui.icons import brand_mark, icon
from quartermaster.ui.live import OneAtATime
from quartermaster.ui.parts.hero import TONE_CLASS
from quartermaster.ui.parts.tags import Tag, el
from quartermaster.ui.shell import shell
from quartermaster.ui.when import local_day


def register(calls: Calls) -> None:
    @ui.page("/archive", response_timeout=BUILT_WITHIN_S)
    async def archive() -> None:
        months = await calls.read(month_list)
        with shell(calls, title="Archive", active="archive") as frame:
            with frame.trail:
                el("a", "btn", "All postings", href="/ledger")
            place = el("div")
            rows = _drawn(calls, place, months)

            async def again() -> None:
                nonlocal months, rows
                with calls.told():
                    now = await calls.read(month_list)
                    if [(m.year_month, m.state) for m in now] != [(m.year_month, m.state) for m in months]:
                        rows = _drawn(calls, place, now)
                    for month in now:
                        rows[month.year_month].show(month)
                    months = now

            calls.live.changed.subscribe(OneAtATime(again))


def _drawn(calls: Calls, place: Tag, months: Sequence[MonthSummary]) -> dict[YearMonth, _Row]:
    place.clear()
    with place:
        if not months:
            _empty(calls)
            return {}
        rows = {}
        for year, of_year in groupby(
            sorted(months, key=lambda m: m.year_month, reverse=True), lambda m: m.year_month.year
        ):
            with el("section", "group", aria_label=str(year)):
                _head(str(year))
                with el("ul", "plainlist"):
                    for month in of_year:
                        rows[month.year_month] = _Row(month, calls.money)
    return rows


def _head(year: str) -> None:
    with el("div", "ghead acols lab", aria_hidden="true"):
        el("h2", text=year)
        el("span", "m", "")
        el("span", "num m", "Income")
        el("span", "num", "Spent")
        el("span", "num", "Zero")
        el("span", "m")


def _empty(calls: Calls) -> None:
    this = YearMonth.of(calls.today())
    with el("div", "empty"):
        brand_mark(44)
        el("h2", text="No month yet")
        el("p", text="Each month that you start from your plan is listed here, and stays here once it is closed.")
        with el("div", "acts"):
            el("a", "btn pri", f"Go to {this.title}", href=f"/month/{this}")
            el("a", "btn", "See the plan", href="/")


class _Row:
    """One month: a link over the whole line."""

    def __init__(self, month: MonthSummary, money: Money) -> None:
        self.money = money
        with el("li"), el("a", "row acols", href=f"/month/{month.year_month}"):
            with el("span", "name"):
                el("span", text=month.year_month.title)
                if month.state is not MonthState.CLOSED:
                    el("span", f"pill {month.state.value}", month.state.value.capitalize())
            with el("span", "dim m stamp"):
                if month.closed_ms is not None:
                    icon("lock", 13)
                    el("span", text=f"Closed {local_day(month.closed_ms)}")
            self.income, self.spent = _sum("income", "num m"), _sum("spent", "num")
            self.zero = _sum("zero", "num")
            with el("span", "chev m"):
                icon("right", 14)
        self.show(month)

    def show(self, month: MonthSummary) -> None:
        self.income.set_text(self.money.format(month.income_applied))
        self.spent.set_text(self.money.format(month.spent))
        self.zero.set_text(self.money.format(month.applied_zero, signed=True))
        self.zero.classes(replace=TONE_CLASS[tone(month.applied_zero)])


def _sum(label: str, classes: str) -> Tag:
    """An amount whose column is named for those who do not see it."""
    with el("span", classes):
        el("span", "unseen", label)
        return el("span")
