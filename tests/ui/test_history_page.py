"""The history's page: what was done, to be read, narrowed and taken back; undo and redo by keys on every page."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import UUID

import pytest
from nicegui.testing import User

from quartermaster.domain.section import Section
from quartermaster.services.months import activate_month, add_month_entry, close_month, edit_month_entry, reopen_month
from quartermaster.services.postings import add_posting, delete_posting
from quartermaster.storage.store import Store
from quartermaster.ui.calls import Calls
from quartermaster.ui.dialogs.palette import palette_dialog
from quartermaster.ui.own_actions import OwnActions
from quartermaster.ui.parts.tags import Tag
from quartermaster.ui.undoing import undo_offers
from tests.conftest import Clock
from tests.living import MAY, draft, entry, line, plan_entry, posted, started
from tests.services.acting import do
from tests.ui.waiting import until


@pytest.fixture
def groceries(store: Store) -> UUID:
    plan_entry(store, "Rent", 60_000)
    plan_entry(store)
    started(store)
    return entry(store, "Groceries").id


def click(button: Tag) -> None:
    for listener in button._event_listeners.values():
        if listener.type == "click":
            button._handle_event({"listener_id": listener.id, "args": {}})


def press(user: User, keys: str) -> None:
    """Press the button that these keys press."""
    [button] = [tag for tag in user.find(kind=Tag).elements if keys in str(tag._props.get("data-key", "")).split()]
    click(button)


def labelled(user: User, start: str) -> Tag:
    [found] = [tag for tag in user.find(kind=Tag).elements if str(tag._props.get("aria-label", "")).startswith(start)]
    return found


def planned(store: Store) -> int:
    return line(store, "Groceries").entry.planned


async def test_what_was_done_is_told_day_by_day_with_a_way_to_take_it_back(
    user: User, store: Store, clock: Clock, groceries: UUID
) -> None:
    there = draft(groceries, 1_250, date(2026, 5, 12))
    do(store, add_posting, there)
    do(store, delete_posting, there.id)
    await user.open("/history")
    await user.should_see(clock.day_here)
    await user.should_see("Posting deleted: 12 May 2026, Marlow Market, 12.50, from Groceries")
    click(labelled(user, "Take back: Posting deleted"))
    await user.should_see("Undone: Posting deleted")
    await until(lambda: line(store, "Groceries").applied == 1_250)


async def test_a_history_grows_while_it_is_looked_at(user: User, store: Store, groceries: UUID) -> None:
    await user.open("/history")
    await asyncio.to_thread(posted, store, groceries, 4_321)
    await user.should_see("43.21, on Groceries")


async def test_it_can_be_narrowed_to_a_month_an_entry_and_one_record(user: User, store: Store, groceries: UUID) -> None:
    there = posted(store, groceries, 777)
    do(store, edit_month_entry, entry(store, "Rent").id, planned=1)
    await user.open("/history?month=2026-05")
    await user.should_see("Planned of Rent")
    await user.should_not_see("added to the plan")
    await user.open(f"/history?entry={groceries}")
    await user.should_see("Only what concerns Groceries, May 2026.")
    await user.should_see("7.77")
    await user.should_not_see("Rent")
    await user.open(f"/history?record={there.id}")
    await user.should_see("Only what concerns Marlow Market, Groceries.")
    await user.should_not_see("May 2026 started")
    await user.open("/history?month=2027-01")
    await user.should_see("Nothing was done here yet")


@pytest.mark.parametrize("asked", ["month=May", "entry=1", "record=x", "device=", "before=x", "before=-1"])
async def test_an_address_that_was_made_up_is_no_error(user: User, asked: str) -> None:
    answer = await user.http_client.get(f"/history?{asked}")
    assert answer.status_code in (200, 404)


async def test_pages_lead_to_the_older_and_back(user: User, store: Store, groceries: UUID) -> None:
    for number in range(40):
        do(store, edit_month_entry, groceries, planned=number)
    await user.open("/history")
    await user.should_see("→ 0.39 in May 2026")
    await user.should_not_see("added to the plan")
    [older] = [tag for tag in user.find(kind=Tag).elements if "before=" in str(tag._props.get("href", ""))]
    await user.open(str(older._props["href"]))
    await user.should_see("Groceries added to the plan")
    await user.should_see("Newest")


async def test_keys_undo_and_redo_one_s_own_edits_one_after_the_other(
    user: User, calls: Calls, store: Store, groceries: UUID
) -> None:
    await user.open("/archive")
    for amount in (1, 2, 3):
        with user:
            await calls.change(edit_month_entry, groceries, planned=amount)
    await user.should_see("Planned of Groceries 0.02 → 0.03 in May 2026.")
    for amount in (2, 1, 80_000):
        press(user, "ctrl+z")
        await until(lambda amount=amount: planned(store) == amount)  # type: ignore[misc]  # bound at once
    await user.should_see("Undone: Planned of Groceries 800.00 → 0.01 in May 2026.")
    press(user, "ctrl+z")
    await user.should_see("There is nothing of yours to undo.")
    for amount in (1, 2, 3):
        press(user, "ctrl+shift+z")
        await until(lambda amount=amount: planned(store) == amount)  # type: ignore[misc]  # bound at once
    press(user, "ctrl+y")
    await user.should_see("There is nothing of yours to redo.")
    press(user, "ctrl+z")
    await until(lambda: planned(store) == 2)


async def test_what_is_done_after_an_undo_ends_what_could_be_redone(
    user: User, calls: Calls, store: Store, groceries: UUID
) -> None:
    await user.open("/archive")
    with user:
        await calls.change(edit_month_entry, groceries, planned=1)
        press(user, "ctrl+z")
        await user.should_see("Undone: ")
        await calls.change(edit_month_entry, groceries, planned=2)
        assert [offer.title for offer in await undo_offers(calls)] == [
            "Undo: Planned of Groceries 800.00 → 0.02 in May 2026"
        ]


async def test_only_what_was_done_in_this_browser_is_undone_by_keys(
    user: User, calls: Calls, store: Store, groceries: UUID
) -> None:
    await user.open("/archive")
    with user:
        await calls.write(edit_month_entry, groceries, planned=1)
    await asyncio.to_thread(do, store, edit_month_entry, groceries, planned=5)
    press(user, "ctrl+z")
    await user.should_see("Nothing of it was left to take back: it was changed since.")
    assert planned(store) == 5


async def test_the_palette_says_what_undo_and_redo_are_about(
    user: User, calls: Calls, store: Store, groceries: UUID
) -> None:
    await user.open("/archive")
    with user:
        for amount in (1, 2):
            await calls.change(edit_month_entry, groceries, planned=amount)
        press(user, "ctrl+z")
        await user.should_see("Undone: ")
        titles = [offer.title for offer in await undo_offers(calls)]
        assert titles == [
            "Undo: Planned of Groceries 800.00 → 0.01 in May 2026",
            "Redo: Planned of Groceries 0.01 → 0.02 in May 2026",
        ]
        palette = palette_dialog(calls)
        await palette()
    await user.should_see(titles[0])


async def test_another_data_file_begins_without_anything_to_undo(user: User, calls: Calls, groceries: UUID) -> None:
    await user.open("/archive")
    with user:
        await calls.change(edit_month_entry, groceries, planned=1)
        mine = await calls.read(lambda work: work.device)
        assert OwnActions(mine).to_undo is not None
        assert OwnActions(UUID(int=5)).to_undo is None


async def test_an_undo_in_a_closed_month_says_why_not_and_is_still_there_when_it_is_open(
    user: User, calls: Calls, store: Store, groceries: UUID
) -> None:
    do(store, activate_month, MAY)
    await user.open("/archive")
    with user:
        await calls.change(edit_month_entry, groceries, planned=1)
    do(store, close_month, MAY)
    press(user, "ctrl+z")
    await user.should_see("May 2026 is closed. Reopen it to change anything in it.")
    do(store, reopen_month, MAY)
    press(user, "ctrl+z")
    await until(lambda: planned(store) == 80_000)


async def test_what_cannot_be_taken_back_any_more_does_not_stand_in_the_way_of_the_one_before(
    user: User, calls: Calls, store: Store, groceries: UUID
) -> None:
    await user.open("/archive")
    with user:
        await calls.change(edit_month_entry, groceries, planned=1)
        await calls.write(add_month_entry, MAY, section=Section.OTHER, name="Gifts", planned=5)
    there = entry(store, "Gifts").id
    await asyncio.to_thread(posted, store, there, 777)
    press(user, "ctrl+z")
    await user.should_see("Something was added to it since")
    press(user, "ctrl+z")
    await until(lambda: planned(store) == 80_000)
