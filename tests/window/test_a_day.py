"""A day with the window: opened, looked at, written into, opened twice, closed, opened again."""

from __future__ import annotations

from contextlib import closing
from datetime import date

from quartermaster.domain.year_month import YearMonth
from quartermaster.services.month_views import month_view
from tests.living import entry, plan_entry, posted, started
from tests.running import command, patience
from tests.window.opened import Opened


def this_month() -> YearMonth:
    return YearMonth.of(date.today())  # noqa: DTZ011  # the program's own word for today


def household(window: Opened) -> YearMonth:
    """A plan, this month started from it, and one posting, so that its payee is known."""
    assert command(window.folder, "migrate").returncode == 0
    month = this_month()
    with closing(window.store()) as store:
        store.found("USD")
        plan_entry(store)
        started(store, month)
        posted(store, entry(store, "Groceries", month).id, day=month.first_day)
    return month


def applied(window: Opened) -> list[int]:
    with closing(window.store()) as store, store.read() as work:
        view = month_view(work, this_month())
    assert view is not None
    return [line.applied for line in view.lines]


def add_by_typing(window: Opened, month: YearMonth) -> None:
    window.until_titled(f"{month.title} · Quartermaster")
    window.quick_add("Marlow Market")
    window.write("\t12.50\t")

    def added() -> bool:
        # The choice of entries comes from the server; an Enter before it is there leads back to the choice.
        window.key("g", "shift+Tab", "Return")
        # Not again too soon: once it is added, the next Enter would press what takes it back.
        return window.comes(lambda: applied(window) == [2_250], patience(5.0))

    window.until(added)


def test_what_is_typed_into_the_window_is_there_when_it_is_opened_again(window: Opened) -> None:
    month = household(window)
    window.remember(page=f"/month/{month}")
    with window:
        add_by_typing(window, month)
        second = window.again()
        assert (second.returncode, second.stderr) == (0, "Quartermaster is open already: its window is in front now.\n")
        assert window.close() == 0
        window.until(lambda: window.processes() == [])
        window.start()
        window.until_titled(f"{month.title} · Quartermaster")
        window.until(lambda: "22.50" in window.page_text())
