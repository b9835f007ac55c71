"""A screen for the window's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.window.opened import Opened, Screen, skip_or_fail

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
