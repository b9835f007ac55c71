"""How sync uses the data file: in threads, and never while the file itself is exchanged for another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

R = TypeVar("R")


class Use(Protocol):
    """Runs a job that uses the data file, off the event loop, while nobody exchanges the file itself."""

    def __call__(self, job: Callable[[], R], /) -> Awaitable[R]: ...


async def in_a_thread(job: Callable[[], R], /) -> R:
    """For a program that has the file open for nothing else."""
    return await asyncio.to_thread(job)
