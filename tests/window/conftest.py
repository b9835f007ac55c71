"""A screen for the window's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quartermaster.window.part import ServerPart
from tests.running import environment
from tests.window.opened import Opened
from tests.window.screen import Screen, skip_or_fail

Open = Callable[..., Opened]


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    skip_or_fail()
    screen = Screen()
    yield screen
    screen.close()


@pytest.fixture
def window(screen: Screen, tmp_path: Path) -> Opened:
    """Not yet started."""
    return Opened(screen, tmp_path)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """This process as one that was started from a folder of the person's, with a data file above it."""
    # A server that is started from pytest must not take itself for a part of it.
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
    for name, value in environment(tmp_path, {"XDG_STATE_HOME": str(tmp_path / "state")}).items():
        monkeypatch.setenv(name, value)
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def start_part(elsewhere: Path) -> Iterator[Callable[[], ServerPart]]:
    """Starts the server part, without a window: the test gives the orders."""
    started: list[ServerPart] = []

    def start() -> ServerPart:
        started.append(ServerPart())
        return started[-1]

    yield start
    for part in started:
        part.end()


@pytest.fixture
def served(start_part: Callable[[], ServerPart]) -> ServerPart:
    return start_part()
