"""How often a view asks the database: the same at ten postings and at a hundred, at ten entries and at a hundred."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest

from quartermaster.domain.posting import PostingDraft
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.finding import filters, find_postings
from quartermaster.services.month_views import month_list, month_view
from quartermaster.services.months import start_month
from quartermaster.services.plans import add_plan_entry, plan_view
from quartermaster.services.postings import add_postings, entry_for_payee, ledger, open_entries, payees
from quartermaster.services.sinking_funds import funds
from quartermaster.storage.store import Store
from quartermaster.storage.work import Work

MAY = YearMonth(2026, 5)


def furnished(store: Store, *, entries: int, postings: int) -> None:
    """A month with so many entries, and so many postings on each of the first ten."""
    with store.write() as work:
        for number in range(entries):
            add_plan_entry(work, section=list(Section)[number % 7], name=f"Entry {number}", planned=number)
        start_month(work, MAY)
    with store.write() as work:
        view = month_view(work, MAY)
        assert view is not None
        add_postings(
            work,
            [
                PostingDraft(
                    id=uuid4(), entry_id=line.entry.id, day=date(2026, 5, 1), amount=1, payee=f"Payee {number}"
                )
                for line in view.lines[:10]
                for number in range(postings)
            ],
        )


def queries(store: Store, ask: Callable[[Work], object]) -> int:
    return len(asked(store, ask))


def asked(store: Store, ask: Callable[[Work], object]) -> list[str]:
    said: list[str] = []
    with store.read() as work:
        driver = work.connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_trace_callback(said.append)
        try:
            ask(work)
        finally:
            driver.set_trace_callback(None)
    return [one for one in said if one.startswith("SELECT")]


def first_ledger(work: Work) -> object:
    return ledger(work, open_entries(work, MAY)[0].id)


VIEWS: list[tuple[str, Callable[[Work], object], int]] = [
    ("the plan", plan_view, 2),
    ("the plan with its funds", lambda work: funds(work, plan_view(work).entries, MAY), 3),
    ("a month", lambda work: month_view(work, MAY), 4),
    ("the list of months", month_list, 2),
    ("the months", Work.months, 1),
    ("an entry's ledger", first_ledger, 6),
    ("the payees of before", lambda work: payees(work, "Pay"), 1),
    ("a payee's usual entry", lambda work: entry_for_payee(work, "Payee 1", MAY), 4),
    ("postings that fit", lambda work: find_postings(work, "pay", cents=1, year_month=MAY, entry_name="Entry 1"), 1),
    ("what the ledger is narrowed by", filters, 2),
    ("postings that fit", lambda work: find_postings(work, "pay", cents=1, year_month=MAY, entry_name="Entry 1"), 1),
    ("what the ledger is narrowed by", filters, 2),
    ("the entries of quick add", lambda work: open_entries(work, MAY), 3),
]


@pytest.mark.parametrize(
    ("view", "expected"), [(view, expected) for _, view, expected in VIEWS], ids=[name for name, *_ in VIEWS]
)
@pytest.mark.parametrize(("entries", "postings"), [(10, 10), (100, 10), (10, 100)])
def test_a_view_asks_as_often_in_a_large_household_as_in_a_small_one(
    store: Store, view: Callable[[Work], object], expected: int, entries: int, postings: int
) -> None:
    furnished(store, entries=entries, postings=postings)
    assert queries(store, view) == expected


@pytest.mark.parametrize("name", ["the plan with its funds", "a month", "the months", "the entries of quick add"])
def test_what_a_page_or_dialog_opens_with_does_not_read_every_posting(store: Store, name: str) -> None:
    furnished(store, entries=10, postings=10)
    [view] = (view for called, view, _ in VIEWS if called == name)
    for one in asked(store, view):
        with store.read() as work:
            steps = [row[-1] for row in work.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}")]
        assert not [step for step in steps if step.startswith("SCAN posting")], one
