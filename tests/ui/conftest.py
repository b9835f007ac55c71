"""Pages in a simulated browser and in a real one, on a real file."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from datetime import date
from functools import partial

import pytest
from nicegui.testing import User, user_simulation
from playwright.sync_api import Browser, Page

from quartermaster.domain.money import Money
from quartermaster.storage.store import Store
from quartermaster.ui.calls import Calls
from quartermaster.ui.pages.registry import register_all
from tests.ui.served import Server

TODAY = date(2026, 5, 17)
LOOKS = 600
"""How often what must come is looked for, at least twenty times a second."""


@pytest.fixture
def calls(store: Store, money: Money) -> Calls:
    return Calls(store, money, lambda: TODAY)


@pytest.fixture
async def user(calls: Calls) -> AsyncIterator[User]:
    loaded = dict(sys.modules)
    async with user_simulation() as user:
        register_all(calls)
        # As it comes, it looks for a third of a second.
        user.should_see = partial(user.should_see, retries=LOOKS)  # type: ignore[method-assign]  # the same, for longer
        user.should_not_see = partial(user.should_not_see, retries=LOOKS)  # type: ignore[method-assign]  # the same
        yield user
    # It unloads the pages' modules and the packages around them: a test that comes later would load them a second time.
    for name, module in loaded.items():
        sys.modules.setdefault(name, module)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("pages"))
    yield server
    server.end()


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    context = browser.new_context(base_url=server.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []
