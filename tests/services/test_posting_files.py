"""Postings out of the household and into it, as lines of a file."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from quartermaster.domain.money import Money
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.formats.posting_file import PostingFile, read, written
from quartermaster.services.posting_files import Faulty, considered, export_postings, import_postings
from quartermaster.services.postings import delete_posting
from quartermaster.services.undo import undo
from quartermaster.storage.store import Store
from tests.living import MAY, entry, line, plan_entry, posted, seen, started
from tests.services.acting import archived, ask, changes, do, household
from tests.services.test_query_counts import furnished, queries

JUNE = YearMonth(2026, 6)


def file(text: str, money: Money) -> PostingFile:
    return read(f"date,entry,amount,payee,section,id\n{text}".encode(), money)


def faults(store: Store, text: str, money: Money) -> list[tuple[int, str]]:
    return [(fault.number, fault.sentence) for fault in ask(store, considered, file(text, money), money).faults]


@pytest.fixture
def groceries(store: Store) -> UUID:
    plan_entry(store)
    started(store)
    return entry(store, "Groceries").id


def test_an_export_holds_every_posting_of_every_month_the_oldest_first(store: Store) -> None:
    household(store)
    archived(store)
    started(store, JUNE)
    posted(store, entry(store, "Groceries", JUNE).id, -300, date(2026, 6, 2))
    lines = ask(store, export_postings)
    assert len(lines) == 5
    assert [one.day for one in lines] == sorted(one.day for one in lines)
    assert (lines[-1].section, lines[-1].entry, lines[-1].amount) == (Section.FOOD, "Groceries", -300)
    assert len({one.id for one in lines}) == 5


def test_a_deleted_posting_is_not_exported(store: Store, groceries: UUID) -> None:
    kept, deleted = posted(store, groceries), posted(store, groceries)
    do(store, delete_posting, deleted.id)
    assert [one.id for one in ask(store, export_postings)] == [kept.id]


def test_an_export_imported_again_adds_nothing(store: Store, groceries: UUID, money: Money) -> None:
    posted(store, groceries)
    there, before = read(written(ask(store, export_postings), money), money), changes(store)
    done = do(store, import_postings, there, money)
    assert (len(done.drafts), done.known, changes(store)) == (0, 1, before)


def test_a_line_goes_to_the_entry_of_its_name_in_the_month_of_its_date(store: Store, money: Money) -> None:
    plan_entry(store)
    started(store)
    started(store, JUNE)
    two = file("2026-05-31,groceries,1\n2026-06-01,GROCERIES,2.50,Marlow Market", money)
    done = do(store, import_postings, two, money)
    assert done.months == (MAY, JUNE)
    assert [line(store, "Groceries", month).applied for month in (MAY, JUNE)] == [100, 250]


def test_the_same_file_imported_twice_adds_nothing_twice(store: Store, groceries: UUID, money: Money) -> None:
    twice = file("2026-05-17,Groceries,1\n2026-05-17,Groceries,1", money)
    assert len(do(store, import_postings, twice, money).drafts) == 2
    assert do(store, import_postings, twice, money).known == 2
    assert line(store, "Groceries").applied == 200


def test_an_import_that_was_undone_can_be_made_again(store: Store, groceries: UUID, money: Money) -> None:
    one = file("2026-05-17,Groceries,1", money)
    with store.write() as work:
        import_postings(work, one, money)
        action = work.acted()
    do(store, undo, action)
    assert line(store, "Groceries").applied == 0
    assert len(do(store, import_postings, one, money).drafts) == 1
    assert line(store, "Groceries").applied == 100


def test_an_id_that_belongs_to_something_else_is_not_taken(store: Store, groceries: UUID, money: Money) -> None:
    for taken in (groceries, seen(store).month.id):
        do(store, import_postings, file(f"2026-05-17,Groceries,1,,,{taken}", money), money)
    assert entry(store, "Groceries").id == groceries
    assert line(store, "Groceries").applied == 200
    assert not {one.id for one in ask(store, export_postings)} & {groceries, seen(store).month.id}


def test_a_posting_that_was_deleted_comes_back_under_its_id(store: Store, groceries: UUID, money: Money) -> None:
    posting = posted(store, groceries)
    there = read(written(ask(store, export_postings), money), money)
    do(store, lambda work: work.remove(posting))
    do(store, import_postings, there, money)
    assert [one.id for one in ask(store, export_postings)] == [posting.id]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2026-07-01,Groceries,1", "July 2026 is not started yet. Start it first."),
        ("2026-05-01,Fuel,1", "May 2026 has no entry “Fuel”. Add it there, or name another one."),
        ("2026-05-01,Groceries,1,,income", "May 2026 has no entry “Groceries” in Income."),
        (f"2026-05-01,Groceries,1,{'x' * 121}", "The payee has 121 characters; it can have 120."),
        ("2026-05-99,Groceries,1", "“2026-05-99” is not a date."),
    ],
)
def test_a_line_without_a_place_is_said_with_its_number(
    store: Store, groceries: UUID, money: Money, text: str, sentence: str
) -> None:
    [(number, said)] = faults(store, f"2026-05-01,Groceries,1\n{text}", money)
    assert number == 3
    assert said.startswith(sentence)


def test_two_entries_of_one_name_are_told_apart_by_their_section(store: Store, money: Money) -> None:
    plan_entry(store, "Phone", 1, Section.FIXED_BILL)
    plan_entry(store, "Phone", 1, Section.OTHER)
    started(store)
    assert "Say which one by its section" in faults(store, "2026-05-01,Phone,1", money)[0][1]
    do(store, import_postings, file("2026-05-01,Phone,1,,other", money), money)
    assert [one.applied for one in seen(store).lines] == [0, 100]


def test_nothing_is_added_to_a_closed_month(store: Store, money: Money) -> None:
    household(store)
    archived(store)
    assert faults(store, "2026-05-01,Rent,1", money) == [(2, "May 2026 is closed. Reopen it to change anything in it.")]


def test_a_file_with_a_fault_adds_nothing_at_all(store: Store, groceries: UUID, money: Money) -> None:
    before = changes(store)
    with pytest.raises(Faulty) as refused:
        do(store, import_postings, file("2026-05-01,Groceries,1\n2026-05-01,Fuel,1", money), money)
    assert [fault.number for fault in refused.value.faults] == [3]
    assert changes(store) == before


def test_an_import_is_one_action(store: Store, groceries: UUID, money: Money) -> None:
    with store.write() as work:
        import_postings(work, file("2026-05-01,Groceries,1\n2026-05-02,Groceries,1", money), money)
        action = work.acted()
    assert do(store, undo, action).records == 2


def test_an_export_asks_once(store: Store) -> None:
    furnished(store, entries=20, postings=10)
    assert queries(store, export_postings) == 1


def test_importing_asks_as_often_for_many_lines_as_for_few(store: Store, groceries: UUID, money: Money) -> None:
    def asked(lines: int) -> int:
        text = "\n".join(f"2026-05-01,Groceries,{number}.00" for number in range(1, lines + 1))
        return queries(store, lambda work: considered(work, file(text, money), money))

    assert asked(2) == asked(200)
