"""What two devices did without seeing each other: both stand, no money drops out of a total, a person decides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from quartermaster.domain.errors import Refused
from quartermaster.domain.posting import Posting
from quartermaster.domain.section import Section
from quartermaster.services.attention import attention, make_one, take_lost
from quartermaster.services.finding import filters, find_postings
from quartermaster.services.month_views import MonthLine, month_list
from quartermaster.services.months import (
    activate_month,
    add_month_entry,
    close_month,
    delete_month_entry,
    edit_month_entry,
    keep_month_entry,
    start_month,
)
from quartermaster.services.posting_files import export_postings
from quartermaster.services.postings import delete_posting, edit_posting, ledger
from quartermaster.services.sinking_funds import funds
from quartermaster.services.undo import undo
from quartermaster.storage.doctor import examine
from tests.living import MAY, draft, entry, line, plan_entry, posted, seen, started
from tests.sync.replicas import Replica, assert_totals, meet, replica

Pair = tuple[Replica, Replica]
JUNE = MAY.next


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """A laptop and a server in step, with May started and active."""
    server, laptop = replica(tmp_path, 1), replica(tmp_path, 2)
    plan_entry(server.store, "Pay", 50_000, Section.INCOME)
    plan_entry(server.store, "Groceries", 50_000)
    started(server.store)
    with server.store.write() as work:
        activate_month(work, MAY)
    meet(laptop, server)
    return laptop, server


@pytest.fixture
def stranded(pair: Pair) -> Pair:
    """The laptop deleted an entry, the server added a posting to it; they met."""
    laptop, server = pair
    groceries = entry(server.store, "Groceries").id
    with laptop.store.write() as work:
        delete_month_entry(work, groceries)
    posted(server.store, groceries, 1_250)
    meet(laptop, server)
    return pair


def test_a_posting_on_an_entry_that_was_deleted_meanwhile_counts_on_every_device(stranded: Pair) -> None:
    for device in stranded:
        shown = line(device.store, "Groceries")
        assert (shown.is_stranded, shown.applied, shown.postings) == (True, 1_250, 1)
        assert seen(device.store).applied_zero == -1_250
        with device.store.read() as work:
            assert [month.spent for month in month_list(work)] == [1_250]
            assert ledger(work, shown.entry.id).total == 1
        assert examine(device.path).findings == ()


def test_such_an_entry_can_be_kept(stranded: Pair) -> None:
    laptop, server = stranded
    with laptop.store.write() as work:
        keep_month_entry(work, line(laptop.store, "Groceries").entry.id)
    meet(laptop, server)
    for device in stranded:
        assert not line(device.store, "Groceries").is_stranded


def test_or_deleted_with_its_posting(stranded: Pair) -> None:
    laptop, server = stranded
    with server.store.write() as work:
        delete_month_entry(work, line(server.store, "Groceries").entry.id)
    meet(laptop, server)
    for device in stranded:
        assert names(device) == ["Pay"]
        assert seen(device.store).applied_zero == 0


def test_and_that_deletion_can_be_taken_back(stranded: Pair) -> None:
    _, server = stranded
    with server.store.write() as work:
        deleted = delete_month_entry(work, line(server.store, "Groceries").entry.id)
    with server.store.write() as work:
        undo(work, deleted.action)
    shown = line(server.store, "Groceries")
    assert (shown.is_stranded, shown.applied) == (True, 1_250)


def test_a_month_closed_on_one_device_and_posted_to_on_another_shows_that_it_is_out(pair: Pair) -> None:
    laptop, server = pair
    with laptop.store.write() as work:
        close_month(work, MAY)
    posted(server.store, entry(server.store, "Groceries").id, 1_250)
    meet(laptop, server)
    for device in pair:
        assert not seen(device.store).is_open
        assert seen(device.store).applied_zero == -1_250


def test_an_entry_that_was_deleted_with_all_that_was_known_stays_away(pair: Pair) -> None:
    laptop, server = pair
    posted(laptop.store, entry(laptop.store, "Groceries").id)
    with laptop.store.write() as work:
        delete_month_entry(work, entry(laptop.store, "Groceries").id)
    meet(laptop, server)
    assert [names(device) for device in pair] == [["Pay"], ["Pay"]]


def names(device: Replica) -> list[str]:
    lines: tuple[MonthLine, ...] = seen(device.store).lines
    return [shown.entry.name for shown in lines]


def moved(device: Replica, posting: Posting, to: str) -> None:
    there = entry(device.store, to).id
    with device.store.write() as work:
        edit_posting(work, replace(draft(there, posting.amount, posting.day), id=posting.id))


@pytest.mark.parametrize("later", ["the move", "the deletion"])
def test_a_posting_that_was_moved_away_from_an_entry_that_was_deleted_meanwhile_counts_where_it_is(
    pair: Pair, later: str
) -> None:
    laptop, server = pair
    posting = posted(server.store, entry(server.store, "Groceries").id, 100_000)
    meet(laptop, server)
    laptop.clock.now_ms += 1_000
    server.clock.now_ms += 60_000 if later == "the deletion" else 0
    moved(laptop, posting, "Pay")
    with server.store.write() as work:
        delete_month_entry(work, entry(server.store, "Groceries").id)
    meet(laptop, server)
    for device in pair:
        assert names(device) == ["Pay"]
        assert (line(device.store, "Pay").applied, line(device.store, "Pay").postings) == (100_000, 1)
        assert examine(device.path).findings == ()
    assert laptop.rows_digest == server.rows_digest


def test_what_such_a_deletion_meant_is_listed_and_can_be_done_after_all(pair: Pair) -> None:
    laptop, server = pair
    posting = posted(server.store, entry(server.store, "Groceries").id, 100_000)
    meet(laptop, server)
    moved(laptop, posting, "Pay")
    server.clock.now_ms += 60_000
    with server.store.write() as work:
        delete_posting(work, posting.id)
    meet(laptop, server)
    for device in pair:
        with device.store.read() as work:
            assert [(one.edit.field, one.edit.lost, one.edit.is_deleted) for one in attention(work).lost] == [
                ("deleted", True, False)
            ]
    with laptop.store.write() as work:
        take_lost(work, attention(work).lost[0].edit)
    meet(laptop, server)
    for device in pair:
        assert line(device.store, "Pay").postings == 0
        with device.store.read() as work:
            assert attention(work).count == 0


def test_a_posting_that_was_moved_and_seen_there_is_deleted_like_any_other(pair: Pair) -> None:
    laptop, server = pair
    posting = posted(server.store, entry(server.store, "Groceries").id, 100_000)
    meet(laptop, server)
    moved(laptop, posting, "Pay")
    meet(laptop, server)
    with server.store.write() as work:
        delete_posting(work, posting.id)
    meet(laptop, server)
    for device in pair:
        assert (line(device.store, "Pay").postings, line(device.store, "Groceries").postings) == (0, 0)


def test_a_posting_that_was_moved_onto_an_entry_that_was_deleted_meanwhile_counts_there(pair: Pair) -> None:
    laptop, server = pair
    posting = posted(server.store, entry(server.store, "Pay").id, 100_000)
    meet(laptop, server)
    moved(laptop, posting, "Groceries")
    server.clock.now_ms += 60_000
    with server.store.write() as work:
        delete_month_entry(work, entry(server.store, "Groceries").id)
    meet(laptop, server)
    for device in pair:
        shown = line(device.store, "Groceries")
        assert (shown.is_stranded, shown.applied) == (True, 100_000)


def test_a_posting_in_a_month_whose_start_was_taken_back_meanwhile_counts_until_somebody_decides(pair: Pair) -> None:
    laptop, server = pair
    with server.store.write() as work:
        start_month(work, JUNE)
        start = work.acted()
    meet(laptop, server)
    posted(laptop.store, entry(laptop.store, "Groceries", JUNE).id, 1_250, JUNE.first_day)
    with server.store.write() as work:
        undo(work, start)
    with server.store.read() as work:
        assert work.months() == [seen(server.store).month]
    meet(laptop, server)
    for device in pair:
        assert [(one.entry.name, one.applied, one.is_stranded) for one in seen(device.store, JUNE).lines] == [
            ("Groceries", 1_250, True)
        ]
        with device.store.read() as work:
            assert [month.spent for month in month_list(work)] == [0, 1_250]
            assert [one.month for one in attention(work).stranded] == [JUNE]
    with laptop.store.write() as work:
        keep_month_entry(work, entry(laptop.store, "Groceries", JUNE).id)
    with laptop.store.write() as work:
        delete_posting(work, work.postings(entry(laptop.store, "Groceries", JUNE).id)[0].id)
    meet(laptop, server)
    assert [one.entry.name for one in seen(server.store, JUNE).lines] == ["Groceries"]


def test_money_in_a_month_whose_start_was_taken_back_is_in_its_fund_found_and_exported(pair: Pair) -> None:
    laptop, server = pair
    holidays = plan_entry(server.store, "Holidays", 5_000, Section.SINKING_FUND)
    with server.store.write() as work:
        start_month(work, JUNE)
        start = work.acted()
    meet(laptop, server)
    posted(laptop.store, entry(laptop.store, "Holidays", JUNE).id, 1_250, JUNE.first_day)
    with server.store.write() as work:
        undo(work, start)
    meet(laptop, server)
    for device in pair:
        assert_totals(device)
        with device.store.read() as work:
            assert funds(work, [holidays], JUNE)[holidays.id].balance == 1_250
            assert [found.year_month for found in find_postings(work, "marlow").found] == [JUNE]
            assert [one.amount for one in export_postings(work)] == [1_250]
            assert "Holidays" in filters(work).entry_names


def test_two_entries_of_one_name_in_a_month_whose_start_was_taken_back_are_told(pair: Pair, tmp_path: Path) -> None:
    laptop, server = pair
    third = replica(tmp_path, 3)
    with server.store.write() as work:
        start_month(work, JUNE)
        start = work.acted()
    for device in (laptop, third):
        meet(device, server)
        with device.store.write() as work:
            add_month_entry(work, JUNE, section=Section.OTHER, name="Gifts", planned=1_000)
    with server.store.write() as work:
        undo(work, start)
    for device in (laptop, third):
        meet(device, server)
    with server.store.read() as work:
        assert [(twins.month, len(twins.entries)) for twins in attention(work).twins] == [(JUNE, 2)]


def test_two_entries_of_one_name_whose_notes_do_not_fit_into_one_stay_two_until_they_do(pair: Pair) -> None:
    for device in pair:
        with device.store.write() as work:
            notes = f"{device.number}" * 600
            add_month_entry(work, MAY, section=Section.OTHER, name="Gifts", planned=1_000, notes=notes)
    laptop, server = pair
    meet(laptop, server)
    with laptop.store.read() as work:
        [twins] = attention(work).twins
    with pytest.raises(Refused, match="1,201 characters"), laptop.store.write() as work:
        make_one(work, twins)
    with laptop.store.write() as work:
        edit_month_entry(work, twins.entries[0].id, notes="For the party")
    with laptop.store.write() as work:
        make_one(work, attention(work).twins[0])
    meet(laptop, server)
    for device in pair:
        together = line(device.store, "Gifts").entry
        assert (together.planned, len(together.notes or "")) == (2_000, 614)
