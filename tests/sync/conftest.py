"""Devices, each with a file of its own; and a server on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.sync.replicas import Replica, replica
from tests.sync.serving import Serving


@pytest.fixture
def devices(tmp_path: Path) -> Iterator[Callable[[int], list[Replica]]]:
    """So many devices whose files hold nothing yet."""
    made: list[Replica] = []

    def make(count: int) -> list[Replica]:
        made.extend(replica(tmp_path, len(made)) for _ in range(count))
        return made[-count:]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def laptop(devices: Callable[[int], list[Replica]]) -> Replica:
    return devices(1)[0]


@pytest.fixture
def serving(devices: Callable[[int], list[Replica]]) -> Iterator[Serving]:
    """A server on loopback whose file holds nothing yet."""
    with Serving(devices(1)[0]) as serving:
        yield serving
