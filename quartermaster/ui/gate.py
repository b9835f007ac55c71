"""Who may use the data file: many at a time, or one alone while the file itself is exchanged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Gate:
    """Lives on the event loop."""

    def __init__(self) -> None:
        self._inside = 0
        self._shut = False
        self._moved = asyncio.Condition()

    @asynccontextmanager
    async def through(self) -> AsyncIterator[None]:
        """Wait while the gate is shut, then go in beside others."""
        async with self._moved:
            await self._moved.wait_for(lambda: not self._shut)
            self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            if self._shut:
                async with self._moved:
                    self._moved.notify_all()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Let nobody else in, and wait until all who are inside have left."""
        async with self._moved:
            await self._moved.wait_for(lambda: not self._shut)
            self._shut = True
            await self._moved.wait_for(lambda: self._inside == 0)
        try:
            yield
        finally:
            async with self._moved:
                self._shut = False
                self._moved.notify_all()
