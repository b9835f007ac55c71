"""Pages in a simulated browser, on a real file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest
from nicegui.testing import User, user_simulation

from quartermaster.domain.money import Money
from quartermaster.storage.store import Store
from quartermaster.ui.calls import Calls
from quartermaster.ui.pages.registry import register_all

TODAY = date(2026, 5, 17)


@pytest.fixture
def calls(store: Store, money: Money) -> Calls:
    return Calls(store, money, lambda: TODAY)


@pytest.fixture
async def user(calls: Calls) -> AsyncIterator[User]:
    async with user_simulation() as user:
        register_all(calls)
        yield user
