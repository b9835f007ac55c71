"""What is offered before there is a plan, and once there is one."""

from __future__ import annotations

import asyncio
from uuid import UUID

from nicegui.testing import User

from quartermaster.services.plans import delete_plan_entry
from quartermaster.storage.store import Store
from quartermaster.ui.parts.tags import Tag
from tests.living import plan_entry, started


async def test_a_month_is_not_offered_before_the_plan_has_an_entry(user: User, store: Store) -> None:
    await user.open("/")
    await user.should_not_see("Start May 2026")
    user.find("Start empty").click()
    await user.should_see("Plan zero")
    await user.should_not_see("Start May 2026")
    entry = await asyncio.to_thread(plan_entry, store)
    await user.should_see("Start May 2026")
    await asyncio.to_thread(deleted, store, entry.id)
    await user.should_not_see("Start May 2026")


async def test_the_way_to_this_month_says_whether_it_was_started_meanwhile(user: User, store: Store) -> None:
    plan_entry(store)
    await user.open("/")
    await user.should_see("Start May 2026")
    await asyncio.to_thread(started, store)
    await user.should_see("Open May 2026")
    await user.should_not_see("Start May 2026")


async def test_a_month_that_was_started_is_led_to_from_an_empty_plan_as_well(user: User, store: Store) -> None:
    started(store)
    await user.open("/")
    await user.should_see("Open May 2026")


async def test_where_the_plan_is_empty_the_next_step_of_a_month_is_to_write_it(user: User, store: Store) -> None:
    await user.open("/month/2026-05")
    await user.should_see("Your plan is empty")
    assert pressed_first(user) == ["Write the plan"]
    await asyncio.to_thread(plan_entry, store)
    await user.should_see("Starting it copies one plan entry")
    assert pressed_first(user) == ["Start May 2026"]


def pressed_first(user: User) -> list[str]:
    """The primary buttons of the page itself."""
    shown = [tag for tag in user.find(kind=Tag).elements if "empty" in tag.classes]
    return [tag.text for tag in shown[0].descendants() if isinstance(tag, Tag) and "pri" in tag.classes]


def deleted(store: Store, entry: UUID) -> None:
    with store.write() as work:
        delete_plan_entry(work, entry)
