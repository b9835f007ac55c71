"""The history: everything that was done is told once, newest first, and nothing that was typed is missing from it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.history import History, deed, history, month_history
from quartermaster.services.months import (
    activate_month,
    close_month,
    delete_month_entry,
    edit_month_entry,
    reopen_month,
    start_month,
)
from quartermaster.services.plans import add_plan_entry
from quartermaster.services.postings import add_posting, add_postings, delete_posting, edit_posting
from quartermaster.services.telling import Did
from quartermaster.services.undo import undo
from quartermaster.storage.change import Change
from quartermaster.storage.changelog import apply
from quartermaster.storage.history import LATEST, About
from quartermaster.storage.store import Store
from tests.living import MAY, draft, entry, line, plan_entry, posted, started
from tests.services.acting import ask, do, household, lived
from tests.services.test_query_counts import furnished, queries
from tests.sync.replicas import Replica, meet, replica

JUNE = YearMonth(2026, 6)
Pair = tuple[Replica, Replica]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    server, laptop = replica(tmp_path, 2), replica(tmp_path, 1)
    plan_entry(server.store)
    started(server.store)
    meet(laptop, server)
    return laptop, server


def all_of(store: Store, about: About = About.ALL, which: UUID | None = None, by: UUID | None = None) -> History:
    return ask(store, history, about, which, by=by)


def test_deeds_come_newest_first_and_each_once(store: Store) -> None:
    for number in range(5):
        plan_entry(store, f"Entry {number}")
    names = [one.steps[0].values.get("name") for one in all_of(store).deeds]
    assert names == ["Entry 4", "Entry 3", "Entry 2", "Entry 1", "Entry 0", None]


def test_pages_follow_each_other_without_a_gap_and_end(store: Store) -> None:
    for number in range(7):
        plan_entry(store, f"Entry {number}")
    found, pages = [], 0
    before: int | None = LATEST
    while before is not None:
        page = ask(store, history, before=before, most=3)
        found += [one.stamp for one in page.deeds]
        pages, before = pages + 1, page.older
    assert (len(found), pages) == (8, 3)
    assert found == sorted(found, reverse=True)


def test_an_action_of_many_changes_is_one_deed_whose_changes_are_all_counted(store: Store) -> None:
    household(store)
    started(store)
    do(store, add_postings, [draft(entry(store, "Rent").id) for _ in range(300)])
    first, second, *_ = all_of(store).deeds
    assert (first.total, first.counts, len(first.steps)) == (300, {("posting", Did.ADDED): 300}, 12)
    assert second.counts == {("month", Did.ADDED): 1, ("month_entry", Did.ADDED): 4}


def test_a_month_s_history_is_all_that_was_done_in_it_and_nothing_else(store: Store) -> None:
    household(store)
    for month in (MAY, JUNE):
        started(store, month)
    posted(store, entry(store, "Rent").id, 5)
    posted(store, entry(store, "Rent", JUNE).id, 7, date(2026, 6, 3))
    of_may = ask(store, month_history, MAY)
    assert [(one.steps[0].kind, one.total) for one in of_may.deeds] == [("posting", 1), ("month", 5)]
    assert ask(store, month_history, JUNE.next).deeds == ()


def test_an_entry_s_history_has_its_postings_the_deleted_ones_too_and_a_posting_s_only_itself(store: Store) -> None:
    household(store)
    started(store)
    rent, other = entry(store, "Rent").id, entry(store, "Pay").id
    kept, gone = posted(store, rent, 5), posted(store, rent, 6)
    posted(store, other, 7)
    do(store, delete_posting, gone.id)
    do(store, edit_month_entry, rent, planned=1)
    of_entry = all_of(store, About.ENTRY, rent).deeds
    assert [one.steps[0].did for one in of_entry] == [Did.EDITED, Did.DELETED, Did.ADDED, Did.ADDED, Did.ADDED]
    assert of_entry[-1].total == 1  # of the month's start only this entry's copy
    assert [one.steps[0].record for one in all_of(store, About.RECORD, kept.id).deeds] == [kept.id]


def test_who_did_it_is_told_and_can_be_asked_for(pair: Pair) -> None:
    laptop, server = pair
    posted(laptop.store, entry(laptop.store, "Groceries").id, 5)
    meet(laptop, server)
    newest = all_of(server.store).deeds[0]
    assert (newest.is_own, newest.can_take_back) == (False, False)
    mine = all_of(laptop.store, by=newest.device).deeds
    assert [one.steps[0].kind for one in mine if one.steps[0].kind == "posting"] == ["posting"]
    assert all(one.is_own for one in mine)


def test_two_devices_deeds_are_merged_in_their_order(pair: Pair) -> None:
    laptop, server = pair
    for turn, device in enumerate((laptop, server, laptop, server)):
        for one in pair:
            one.clock.now_ms += 1_000
        with device.store.write() as work:
            add_plan_entry(work, section=Section.OTHER, name=f"Turn {turn}", planned=0)
    meet(laptop, server)
    names = [str(one.steps[0].values.get("name")) for one in all_of(laptop.store).deeds]
    assert names[:4] == ["Turn 3", "Turn 2", "Turn 1", "Turn 0"]


def test_a_value_that_lost_is_in_the_history_of_every_device_with_what_its_writer_saw(pair: Pair) -> None:
    laptop, server = pair
    groceries = entry(laptop.store, "Groceries").id
    for device, planned in ((laptop, 70_000), (server, 90_000)):
        device.clock.now_ms += 1_000 * device.number
        with device.store.write() as work:
            edit_month_entry(work, groceries, planned=planned)
    meet(laptop, server)
    for device in pair:
        edits = [one.steps[0].edits[0] for one in all_of(device.store, About.RECORD, groceries).deeds[:2]]
        assert [(edit.before, edit.after) for edit in edits] == [(80_000, 90_000), (80_000, 70_000)]


def test_what_was_deleted_is_told_with_all_that_stood_in_it(store: Store) -> None:
    household(store)
    started(store)
    there = draft(entry(store, "Rent").id, 1_250, date(2026, 5, 12), description="Cheese")
    do(store, add_posting, there)
    do(store, delete_posting, there.id)
    step = all_of(store).deeds[0].steps[0]
    assert (step.did, step.entry, step.month) == (Did.DELETED, "Rent", MAY)
    assert (step.values["amount"], step.values["description"], step.values["day"]) == (1_250, "Cheese", "2026-05-12")


def test_only_what_still_stands_in_an_open_month_is_offered_to_be_taken_back(store: Store) -> None:
    household(store)
    lived(store)
    rent = entry(store, "Rent").id
    there = posted(store, rent, 5)
    do(store, edit_posting, draft(rent, 6, id=there.id))
    do(store, edit_posting, draft(rent, 7, id=there.id))
    latest, overwritten, *_ = all_of(store).deeds
    assert (latest.can_take_back, overwritten.can_take_back) == (True, False)
    do(store, delete_posting, there.id)
    assert [one.can_take_back for one in all_of(store).deeds[:2]] == [True, False]
    do(store, close_month, MAY)
    closing, *others = ask(store, month_history, MAY).deeds
    assert closing.can_take_back
    assert not any(one.can_take_back for one in others)


def test_everything_that_is_offered_to_be_taken_back_can_be(store: Store) -> None:
    household(store)
    lived(store)
    do(store, delete_month_entry, entry(store, "Groceries").id)
    do(store, start_month, JUNE)
    do(store, activate_month, JUNE)
    taken = 0
    while offered := [one for one in all_of(store).deeds if one.can_take_back and taken < 40]:
        assert do(store, undo, offered[0].number).records
        taken += 1
        if taken == 12:
            break
    assert taken == 12


def test_a_deed_is_found_by_its_number(store: Store) -> None:
    plan_entry(store, "Rent")
    with store.write() as work:
        add_plan_entry(work, section=Section.OTHER, name="Gym", planned=1)
        number = work.acted()
    found = ask(store, deed, number)
    assert found is not None
    assert found.steps[0].values["name"] == "Gym"
    assert ask(store, deed, 10_000) is None


def test_a_page_asks_as_often_in_a_long_history_as_in_a_short_one(store: Store) -> None:
    furnished(store, entries=20, postings=2)
    here = entry(store, "Entry 0").id
    asked = []
    for _ in range(2):
        for number in range(20):
            do(store, add_posting, draft(here, number + 1, id=uuid4()))
            do(store, edit_month_entry, here, planned=number)
        asked.append((queries(store, history), queries(store, lambda work: month_history(work, MAY))))
    assert asked[0] == asked[1]
    assert max(asked[0]) <= 14


def test_a_kind_that_a_newer_program_knows_is_told_as_one_that_is_not_known(store: Store) -> None:
    plan_entry(store, "Rent")
    wish = Change(
        device=UUID(int=99), counter=1, stamp=1 << 61, action=1, kind="wish", record=UUID(int=9), op="insert",
        fields={"text": "A pony"},
    )  # fmt: skip
    with store.write() as work:
        apply(work.connection, [wish])
    newest, *_ = all_of(store).deeds
    assert [step.is_known for step in newest.steps] == [False]
    assert not newest.can_take_back


def test_reopening_is_offered_to_be_taken_back_while_the_month_is_open(store: Store) -> None:
    household(store)
    lived(store)
    do(store, close_month, MAY)
    do(store, reopen_month, MAY)
    assert all_of(store).deeds[0].can_take_back
    assert line(store, "Rent").applied == 60_000


def test_what_a_device_deleted_is_told_as_it_saw_it_and_not_as_another_had_it_by_then(pair: Pair) -> None:
    laptop, server = pair
    groceries = entry(laptop.store, "Groceries").id
    do(laptop.store, edit_month_entry, groceries, planned=1)
    server.clock.now_ms += 60_000
    do(server.store, delete_month_entry, groceries)
    meet(laptop, server)
    for device in pair:
        deleted = next(one for one in all_of(device.store).deeds if one.steps[0].did is Did.DELETED)
        assert deleted.steps[0].values["planned"] == 80_000
