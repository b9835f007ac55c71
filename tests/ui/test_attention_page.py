"""What there is to look at, on its page: each kind in words, with a click that settles it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from nicegui.testing import User

from quartermaster.domain.month import MonthState
from quartermaster.domain.section import Section
from quartermaster.services.attention import attention
from quartermaster.services.devices import rename_device
from quartermaster.services.months import (
    activate_month,
    add_month_entry,
    close_month,
    delete_month_entry,
    edit_month_entry,
)
from quartermaster.services.plans import set_plan_debt_target
from quartermaster.services.postings import delete_posting, edit_posting
from quartermaster.services.undo import undo
from quartermaster.storage.store import Store
from tests.living import MAY, draft, entry, line, plan_entry, plan_seen, posted, seen, started
from tests.services.acting import ask, do
from tests.sync.replicas import Replica, meet, replica

Pair = tuple[Replica, Replica]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """A laptop and a server in step, with May active. The server is always the later one."""
    laptop, server = replica(tmp_path, 1), replica(tmp_path, 2)
    plan_entry(server.store, "Pay", 100_000, Section.INCOME)
    plan_entry(server.store)
    plan_entry(server.store, "Car loan", 9_000, Section.DEBT_MINIMUM)
    started(server.store)
    do(server.store, activate_month, MAY)
    meet(laptop, server)
    server.clock.now_ms += 60_000
    yield laptop, server
    laptop.close()
    server.close()


@pytest.fixture
def store(pair: Pair) -> Store:
    """The pages are the laptop's."""
    return pair[0].store


async def settled(user: User, store: Store) -> None:
    await user.should_see("Nothing to look at")
    assert ask(store, attention).count == 0


async def test_a_closed_month_out_of_balance_is_reopened(user: User, pair: Pair) -> None:
    laptop, server = pair
    do(laptop.store, close_month, MAY)
    posted(server.store, entry(server.store, "Groceries").id, 1_250)
    meet(laptop, server)
    await user.open("/attention")
    await user.should_see("May 2026 is out of balance by 12.50")
    user.find("Reopen it").click()
    await settled(user, laptop.store)
    assert seen(laptop.store).month.state is MonthState.ACTIVE
    await user.should_see("May 2026 reopened.")


@pytest.mark.parametrize(("act", "left"), [("Keep it", True), ("Delete both", False)])
async def test_a_stranded_entry_is_kept_or_goes_with_its_posting(user: User, pair: Pair, act: str, left: bool) -> None:
    laptop, server = pair
    groceries = entry(server.store, "Groceries").id
    do(laptop.store, delete_month_entry, groceries)
    posted(server.store, groceries, 1_250)
    meet(laptop, server)
    await user.open("/attention")
    await user.should_see("Groceries in May 2026 was deleted on one device")
    user.find(act).click()
    await settled(user, laptop.store)
    names = [one.entry.name for one in seen(laptop.store).lines]
    assert ("Groceries" in names) is left


@pytest.mark.parametrize(("act", "planned"), [("Make one of 1.00", [100]), ("Make one of 3.00", [300])])
async def test_twins_are_made_one_of_the_amount_that_is_chosen(
    user: User, pair: Pair, act: str, planned: list[int]
) -> None:
    laptop, server = pair
    for device in pair:
        do(device.store, add_month_entry, MAY, section=Section.OTHER, name="Gifts", planned=100 * device.number)
    meet(laptop, server)
    await user.open("/attention")
    await user.should_see("2 entries are called Gifts in May 2026")
    user.find(act).click()
    await settled(user, laptop.store)
    assert [one.entry.planned for one in seen(laptop.store).lines if one.entry.name == "Gifts"] == planned


async def test_twins_of_the_plan_can_be_left_as_they_are(user: User, pair: Pair) -> None:
    for device in pair:
        plan_entry(device.store, "Insurance", 5_000)
    meet(*pair)
    await user.open("/attention")
    await user.should_see("2 entries are called Insurance in the plan")
    user.find("Leave both").click()
    await settled(user, pair[0].store)


async def test_of_two_edits_the_other_value_is_taken(user: User, pair: Pair) -> None:
    laptop, server = pair
    for device in pair:
        do(device.store, edit_month_entry, entry(device.store, "Groceries").id, planned=100 * device.number)
    meet(laptop, server)
    await user.open("/attention")
    await user.should_see("Groceries in May 2026: two devices changed the planned amount")
    await user.should_see("2.00 stands, because it was written later. This device wrote 1.00.")
    user.find("Take 1.00").click()
    await settled(user, laptop.store)
    assert line(laptop.store, "Groceries").entry.planned == 100


async def test_an_edit_of_what_was_deleted_brings_it_back_in_one_click(user: User, pair: Pair) -> None:
    laptop, server = pair
    here = entry(laptop.store, "Groceries").id
    do(laptop.store, edit_month_entry, here, planned=70_000)
    do(server.store, delete_month_entry, here)
    meet(laptop, server)
    await user.open("/attention")
    await user.should_see("Groceries in May 2026 was edited and deleted")
    await user.should_see("This device had changed the planned amount to 700.00. Who deleted it had not seen that.")
    user.find("Bring it back with 700.00").click()
    await settled(user, laptop.store)
    assert line(laptop.store, "Groceries").entry.planned == 70_000


async def test_the_plan_s_debt_target_is_called_what_it_is(user: User, pair: Pair) -> None:
    laptop, server = pair
    plan_entry(server.store, "Student loan", 1_000, Section.DEBT_MINIMUM)
    meet(laptop, server)
    server.clock.now_ms += 60_000
    for device, debt in ((laptop, "Car loan"), (server, "Student loan")):
        target = next(one.id for one in plan_seen(device.store).debts if one.name == debt)
        do(device.store, set_plan_debt_target, target)
    meet(laptop, server)
    await user.open("/attention")
    await user.should_see("The plan: two devices changed the debt target")
    await user.should_see("Student loan stands, because it was written later. This device wrote Car loan.")
    user.find("Seen").click()
    await settled(user, laptop.store)


@pytest.mark.parametrize("deleted_later", [True, False])
async def test_a_deletion_of_what_was_moved_away_says_where_it_counts_and_who_deleted_it(
    user: User, pair: Pair, deleted_later: bool
) -> None:
    laptop, server = pair
    call_kitchen(server)
    groceries, loan = entry(laptop.store, "Groceries"), entry(laptop.store, "Car loan")
    posting = posted(laptop.store, groceries.id, 1_250)
    meet(laptop, server)
    server.clock.now_ms += 120_000 if deleted_later else -120_000
    laptop.clock.now_ms += 60_000
    do(laptop.store, edit_posting, replace(draft(loan.id, 1_250), id=posting.id))
    do(server.store, delete_posting, posting.id)
    meet(laptop, server)
    await user.open("/attention")
    await user.should_see("Marlow Market in May 2026 was moved and deleted")
    await user.should_see("Kitchen deleted it, and had not seen that it was moved to Car loan. It counts there.")
    user.find("Delete it").click()
    await settled(user, laptop.store)
    assert line(laptop.store, "Car loan").applied == 0


@pytest.mark.parametrize(
    ("deleted_later", "title", "said", "act"),
    [
        (
            True,
            "was brought back and deleted",
            "This device had brought it back. It was deleted later.",
            "Bring it back",
        ),
        (False, "was deleted and brought back", "Kitchen deleted it. It is there, because it was brought", "Delete it"),
    ],
)
async def test_what_one_device_brought_back_and_another_deleted_is_said_as_it_was(
    user: User, pair: Pair, deleted_later: bool, title: str, said: str, act: str
) -> None:
    laptop, server = pair
    call_kitchen(server)
    gifts = do(laptop.store, add_month_entry, MAY, section=Section.OTHER, name="Gifts", planned=100)
    meet(laptop, server)
    laptop.clock.now_ms += 60_000
    server.clock.now_ms += 60_000 if deleted_later else -60_000
    do(server.store, delete_month_entry, gifts.id)
    with laptop.store.write() as work:
        delete_month_entry(work, gifts.id)
        deletion = work.acted()
    do(laptop.store, undo, deletion)
    meet(laptop, server)
    await user.open("/attention")
    await user.should_see(f"Gifts in May 2026 {title}")
    await user.should_see(said)
    user.find(act).click()
    await settled(user, laptop.store)
    names = [one.entry.name for one in seen(laptop.store).lines]
    assert ("Gifts" in names) is deleted_later


def call_kitchen(server: Replica) -> None:
    do(server.store, rename_device, ask(server.store, lambda work: work.device), "Kitchen")
