"""Waiting, on the event loop of the pages, for what they do in the background."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from tests.running import WITHIN_S


async def until(happened: Callable[[], bool]) -> None:
    """Wait for something that a page was asked to do."""
    deadline = time.monotonic() + WITHIN_S
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        await asyncio.sleep(0.05)
