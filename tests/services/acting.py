"""One verb in one unit of work: `do(store, add_posting, draft)`, and short ways to a month's later states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from quartermaster.domain.month import MonthEntry
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.months import activate_month, close_month
from quartermaster.storage.store import Committed, Store
from quartermaster.storage.work import Work
from tests.living import MAY, entry, plan_entry, posted, seen, started

P = ParamSpec("P")
R = TypeVar("R")


def do(store: Store, verb: Callable[Concatenate[Work, P], R], *given: P.args, **named: P.kwargs) -> R:
    """Run a verb and commit it."""
    with store.write() as work:
        return verb(work, *given, **named)


def ask(store: Store, verb: Callable[Concatenate[Work, P], R], *given: P.args, **named: P.kwargs) -> R:
    """Run a verb that only reads."""
    with store.read() as work:
        return verb(work, *given, **named)


def heard(store: Store) -> list[Committed]:
    """What the store tells from now on."""
    told: list[Committed] = []
    store.listen(told.append)
    return told


def changes(store: Store) -> int:
    """How many changes the log holds."""
    with store.read() as work:
        return int(work.connection.exec_driver_sql("SELECT count(*) FROM change").scalar_one())


def household(store: Store) -> None:
    """A plan that stands at zero: one entry each of income, bills, debts and food."""
    plan_entry(store, "Pay", 100_000, Section.INCOME)
    plan_entry(store, "Rent", 60_000, Section.FIXED_BILL)
    plan_entry(store, "Car loan", 15_000, Section.DEBT_MINIMUM)
    plan_entry(store, "Groceries", 25_000, Section.FOOD)


def lived(store: Store, year_month: YearMonth = MAY) -> None:
    """A month of that plan, active, with pay in and all of it applied."""
    if year_month not in _started(store):
        started(store, year_month)
    do(store, activate_month, year_month)
    day = year_month.nearest(year_month.first_day.replace(day=17))
    for line in seen(store, year_month).lines:
        posted(store, line.entry.id, line.entry.planned, day)


def archived(store: Store, year_month: YearMonth = MAY) -> None:
    """The same month, closed."""
    lived(store, year_month)
    do(store, close_month, year_month)


def posting_on(store: Store, name: str, year_month: YearMonth = MAY) -> UUID:
    """The id of an entry's latest posting."""
    with store.read() as work:
        return work.postings(entry(store, name, year_month).id)[0].id


def names(entries: tuple[MonthEntry, ...]) -> list[str]:
    return [one.name for one in entries]


def _started(store: Store) -> list[YearMonth]:
    with store.read() as work:
        return [month.year_month for month in work.months()]
