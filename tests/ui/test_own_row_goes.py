"""What takes its own row away is told and can be undone, also where the row is gone before the write is answered."""

from __future__ import annotations

import gc
import time

import pytest
from nicegui.testing import User, UserInteraction

from quartermaster.storage.store import Committed, Store
from tests.living import MAY, entry, plan_entry, started


def _answered_late(_: Committed) -> None:
    """As on a busy machine: pages hear of the commit, and are drawn again, before whoever wrote hears of it."""
    time.sleep(1.0)
    gc.collect()


@pytest.fixture
async def opened(user: User, store: Store) -> User:
    plan_entry(store)
    started(store)
    await user.open(f"/month/{MAY}")
    user.find("Groceries").click()
    await user.should_see("Delete")
    store.listen(_answered_late)
    return user


async def test_an_entry_that_is_deleted_is_told_and_brought_back(opened: User, store: Store) -> None:
    [words] = opened.find("Delete").elements
    UserInteraction(opened, {words.parent_slot.parent}, None).click()  # type: ignore[union-attr]  # it is in its button
    await opened.should_see(retries=60, target="Groceries deleted.")
    opened.find("Undo").click()
    await opened.should_see("Undone: ")
    assert entry(store, "Groceries")
