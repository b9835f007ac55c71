"""Two devices of one household, the first of them a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.sync.replicas import Household, Replica


@pytest.fixture
def devices(tmp_path: Path) -> Iterator[Callable[[int], list[Replica]]]:
    """So many devices, each with a file of its own that holds nothing yet."""
    made: list[Household] = []

    def make(count: int) -> list[Replica]:
        made.append(Household(tmp_path / f"household-{len(made)}", count))
        return made[-1].replicas

    yield make
    for household in made:
        household.close()


@pytest.fixture
def server(devices: Callable[[int], list[Replica]]) -> Replica:
    return devices(1)[0]


@pytest.fixture
def laptop(devices: Callable[[int], list[Replica]]) -> Replica:
    return devices(1)[0]
