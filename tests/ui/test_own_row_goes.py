"""What takes its own row away is told and can be undone, also where the row is gone before the write is answered."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable

from nicegui import ui
from nicegui.element import Element
from nicegui.testing import User, UserInteraction

from quartermaster.storage.store import Store
from quartermaster.ui.parts.tags import button, el
from tests.living import MAY, entry, plan_entry, started
from tests.running import WITHIN_S


def _gone(element: Element) -> None:
    """Wait, in another thread than the pages', until a page was drawn without it and has forgotten all around it."""
    deadline = time.monotonic() + WITHIN_S
    while not element.is_deleted:
        assert time.monotonic() < deadline
        time.sleep(0.01)  # looked at again; nothing depends on how long
    gc.collect()


async def test_an_entry_that_is_deleted_is_told_and_brought_back(user: User, store: Store) -> None:
    plan_entry(store)
    started(store)
    await user.open(f"/month/{MAY}")
    user.find("Groceries").click()
    await user.should_see("Delete")
    [words] = user.find("Delete").elements
    delete = words.parent_slot.parent  # type: ignore[union-attr]  # they are in their button
    # As on a busy machine: pages hear of the commit, and are drawn again, before whoever wrote hears of it.
    store.listen(lambda _: _gone(delete))
    UserInteraction(user, {delete}, None).click()
    await user.should_see("Groceries deleted.")
    user.find("Undo").click()
    await user.should_see("Undone: ")
    assert entry(store, "Groceries")


async def test_what_takes_its_row_away_before_it_waits_is_done_as_well(user: User) -> None:
    done = asyncio.Event()

    async def later() -> None:
        done.set()

    @ui.page("/row")
    def row() -> None:
        with el("div") as rows:

            def go() -> Awaitable[None]:
                rows.clear()
                gc.collect()
                return later()

            with el("div"):
                button("Go").on("click", go)

    await user.open("/row")
    await user.should_see("Go")
    user.find("Go").click()
    async with asyncio.timeout(WITHIN_S):
        await done.wait()
