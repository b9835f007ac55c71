"""Postings are found in all months by what stands in them, the newest first."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from quartermaster.domain.section import Section
from quartermaster.services.finding import filters, find_postings, ledger_with
from quartermaster.services.months import close_month
from quartermaster.services.postings import add_posting, delete_posting
from quartermaster.storage.store import Store
from tests.living import MAY, draft, entry, posted, started
from tests.services.acting import ask, do, household, lived

APRIL = MAY.previous


@pytest.fixture
def store(store: Store) -> Store:
    """April closed, May open, and some postings with words."""
    household(store)
    lived(store, APRIL)
    do(store, close_month, APRIL)
    started(store, MAY)
    groceries, rent = entry(store, "Groceries").id, entry(store, "Rent").id
    for day, where, amount, payee, what in (
        (1, rent, 60_000, "Larkspur Homes", "rent for May"),
        (2, groceries, 1_250, "Épicerie Émile", None),
        (3, groceries, -1_250, "Marlow Market", "returned crate, 100%"),
        (4, groceries, 720, None, "under_score"),
    ):
        do(store, add_posting, draft(where, amount, date(2026, 5, day), payee, what))
    return store


def found(store: Store, typed: str = "", **wanted: Any) -> list[str]:
    """What the findings say: payee or description, of May's or April's."""
    findings = ask(store, find_postings, typed, **{"limit": 20, **wanted})
    return [
        f"{one.posting.payee or one.posting.description} {one.posting.day.day}/{one.year_month.month}"
        for one in findings.found
    ]


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("marlow crate", ["Marlow Market 3/5"]),
        ("CRATE mar", ["Marlow Market 3/5"]),
        ("émile", ["Épicerie Émile 2/5"]),
        ("ÉPICERIE", ["Épicerie Émile 2/5"]),
        ("àpicerie", []),
        ("rent larkspur", ["Larkspur Homes 1/5"]),
        ("100%", ["Marlow Market 3/5"]),
        ("r_s", ["under_score 4/5"]),
        ("_%", []),
        ("\\", []),
        ("\ud800", []),
        ("x" * 100_000, []),
        ("a " * 5_000, ["Marlow Market 3/5"]),
    ],
)
def test_every_word_is_found_wherever_it_stands_and_in_whatever_case(store: Store, typed: str, days: list[str]) -> None:
    assert [one for one in found(store, typed) if one.endswith("/5")][: len(days) or None] == days


def test_closed_months_are_among_the_findings_and_the_newest_come_first(store: Store) -> None:
    months = [one.year_month for one in ask(store, find_postings, "groceries", limit=20).found]
    assert months == [MAY, MAY, MAY, APRIL]
    assert [one.posting.day for one in ask(store, find_postings, limit=3).found] == [
        date(2026, 5, day) for day in (4, 3, 2)
    ]


def test_an_amount_finds_what_was_paid_and_what_came_back(store: Store) -> None:
    assert found(store, "12.50", cents=1_250) == ["Marlow Market 3/5", "Épicerie Émile 2/5"]
    assert found(store, "12.50") == []


def test_findings_are_narrowed_by_month_and_entry(store: Store) -> None:
    assert found(store, year_month=APRIL, entry_name="Groceries") == ["Marlow Market 17/4"]
    assert found(store, "larkspur", entry_name="Groceries") == []
    assert ask(store, filters).months == (MAY, APRIL)
    assert ask(store, filters).entry_names == ("Car loan", "Groceries", "Pay", "Rent")


def test_a_limit_says_whether_there_is_more(store: Store) -> None:
    assert ask(store, find_postings, "groceries", limit=3).has_more
    assert not ask(store, find_postings, "groceries", limit=4).has_more


def test_a_deleted_posting_is_not_found(store: Store) -> None:
    [one] = ask(store, find_postings, "under_score").found
    do(store, delete_posting, one.posting.id)
    assert found(store, "under_score") == []
    assert ask(store, ledger_with, one.posting.id, limit=1) is None


def test_a_ledger_with_an_old_posting_has_the_latest_and_that_one(store: Store) -> None:
    started(store, MAY.next)
    june = entry(store, "Groceries", MAY.next).id
    ids = sorted((posted(store, june, 100 + number, date(2026, 6, 5)).id for number in range(6)), reverse=True)
    ledger = ask(store, ledger_with, ids[-1], limit=2)
    assert ledger is not None
    assert (ledger.entry.id, ledger.total) == (june, 6)
    assert [posting.id for posting in ledger.postings] == [*ids[:2], ids[-1]]
    newest = ask(store, ledger_with, ids[0], limit=2)
    assert newest is not None
    assert [posting.id for posting in newest.postings] == ids[:2]
    assert ask(store, ledger_with, UUID(int=0xDEAD), limit=2) is None


def test_a_debt_is_found_by_its_entrys_name(store: Store) -> None:
    posted(store, entry(store, "Car loan").id, 15_000)
    assert [one.entry_name for one in ask(store, find_postings, "car loan", year_month=MAY).found] == ["Car loan"]
    assert entry(store, "Car loan").section is Section.DEBT_MINIMUM
