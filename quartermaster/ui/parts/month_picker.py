"""The header of a month: the one before, the one after, and a picker that shows every month's state."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import context, ui
from nicegui.events import GenericEventArguments

from quartermaster.domain.month import Month
from quartermaster.domain.year_month import YearMonth
from quartermaster.storage.work import Work
from quartermaster.ui.calls import Calls
from quartermaster.ui.icons import icon
from quartermaster.ui.parts.modal import modal
from quartermaster.ui.parts.tags import Tag, button, el

ID = "months"


def month_heading(year_month: YearMonth) -> None:
    """Draw `‹ September 2026 ›`, for the header; on a phone `‹ Sep 2026 ›`."""
    previous, following = year_month.previous, year_month.next
    with el("div", "month"):
        with el("a", href=f"/month/{previous}", aria_label=previous.title, title=previous.title, data_key="["):
            icon("left")
        with el("h1"), button("", "pick", data_opens=ID, title="Choose a month"):
            el("span", "hide", year_month.title)
            el("span", "narrow", f"{year_month.short_title} {year_month.year}")
        with el("a", href=f"/month/{following}", aria_label=following.title, title=following.title, data_key="]"):
            icon("right")


def month_picker(calls: Calls, year_month: YearMonth) -> None:
    """The dialog behind the month's name; filled each time it opens."""
    with context.client.layout, modal(ID, "Choose a month"):
        place = el("div", "months")

    async def opened(event: GenericEventArguments) -> None:
        if event.args == ID:
            with calls.told():
                _fill(place, await calls.read(Work.months), year_month, YearMonth.of(calls.today()))

    ui.on("opened", opened)


def _fill(place: Tag, months: Sequence[Month], shown: YearMonth, today: YearMonth) -> None:
    states = {month.year_month: month.state.value for month in months}
    known = [*states, shown, today]
    first, last = min(known).year, max(known).year
    place.clear()
    with place:
        for year in range(last, first - 1, -1):
            el("h3", "lab", str(year))
            with el("div", "twelve"):
                for number in range(1, 13):
                    month = YearMonth(year, number)
                    current = "page" if month == shown else None
                    with el("a", f"amonth {states.get(month, 'absent')}", href=f"/month/{month}", aria_current=current):
                        el("span", text=month.short_title)
                        el("small", text=states.get(month, "not started"))
