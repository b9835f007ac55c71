"""Pages in a simulated browser, on a real file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest
from nicegui.testing import User, user_simulation

from quartermaster.domain.money import Money
from quartermaster.storage.store import Store
from quartermaster.ui import theme
from quartermaster.ui.calls import Calls
from quartermaster.ui.pages import archive, backups, not_found, settings

TODAY = date(2026, 5, 17)


@pytest.fixture
def calls(store: Store, money: Money) -> Calls:
    return Calls(store, money, lambda: TODAY)


@pytest.fixture
async def user(calls: Calls) -> AsyncIterator[User]:
    async with user_simulation() as user:
        theme.serve()
        calls.live.start()
        for page in (archive, backups, settings, not_found):
            page.register(calls)
        yield user
