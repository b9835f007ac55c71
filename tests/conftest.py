"""A household in a temporary folder: a real file, a clock that is told the time, ids that count."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Generator, Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, expect, sync_playwright

from quartermaster.domain.money import Money
from quartermaster.storage.store import Store
from tests.chromium import ARGS, chromium_or_skip
from tests.fresh import fresh
from tests.running import WITHIN_S
from tests.witnesses import testimony

# A machine may be many times slower than this one; what does come is waited for no longer than it takes.
expect.set_options(timeout=WITHIN_S * 1000)

# A rule holds on a slow machine too: no example fails for the time that it took.
settings.register_profile("at any pace", settings(deadline=None, suppress_health_check=[HealthCheck.too_slow]))
settings.load_profile("at any pace")


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: what waits for a page or a process leaves its core to another test."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed tells what the programs said that it had started."""
    report = yield
    if report.failed:
        report.sections += [("what a program said", said) for said in testimony()]
    return report


class Clock:
    """Milliseconds since 1970, moved by the test alone."""

    def __init__(self, now_ms: int = 1_777_600_000_000) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms

    @property
    def day_here(self) -> str:
        """The day that it is then in this machine's zone, as pages write it."""
        day = datetime.fromtimestamp(self.now_ms / 1000).astimezone()
        return f"{day.day} {day:%b %Y}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def new_id() -> Callable[[], UUID]:
    counter = itertools.count(1)
    return lambda: UUID(int=next(counter))


@pytest.fixture
def money() -> Money:
    return Money()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A migrated file with nothing in it."""
    return fresh(tmp_path / "quartermaster.db")


@pytest.fixture
def store(database: Path, clock: Clock, new_id: Callable[[], UUID]) -> Iterator[Store]:
    """A founded household that keeps US dollars."""
    store = Store(database, now_ms=clock, new_id=new_id)
    store.found("USD")
    yield store
    store.close()


# Not for the whole session: while it lives, its event loop runs in this thread, and async tests cannot.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_or_skip(), args=ARGS)
        yield browser
        browser.close()
