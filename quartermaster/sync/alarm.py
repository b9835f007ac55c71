"""When a device looks at its server again: at a word, when somebody asks for it, or when it is time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from quartermaster.sync.network import Way

FIRST_BACKOFF_S, LONGEST_BACKOFF_S = 1.0, 300.0
IMPATIENT_S = 5.0
"""After a failure, a local commit or the server's word makes the next attempt no sooner than this."""
WAY_EVERY_S = 2.0
"""How often the way out is looked at while the server cannot be reached."""
TOGETHER_S = 0.02
"""Commits in so quick succession go out together."""


class Alarm:
    """Wakes one who waits on the event loop. `way` tells the way out to the server."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._rung = asyncio.Event()
        self._is_asked = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def ring(self) -> None:
        """There may be something to do. In any thread; before anyone waits it is not needed."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._rung.set)

    def ask(self) -> None:
        """Somebody wants it done now, whatever stands against it. On the event loop."""
        self._is_asked = True
        self._rung.set()

    def begin(self) -> None:
        """From now on it can ring."""
        self._loop = asyncio.get_running_loop()

    async def until(self, end: float) -> bool:
        """Wait until then, in the loop's time, or until it rings; whether it is time, or was asked for."""
        loop = asyncio.get_running_loop()
        while (left := end - loop.time()) > 0 and not self._is_asked:
            if await self._rings_within(left):
                await asyncio.sleep(TOGETHER_S)
                self._rung.clear()
                return self._was_asked()
        self._is_asked = False
        return True

    async def patiently_until(self, end: float, rung: Callable[[], Awaitable[None]]) -> None:
        """The same after a failure: a ring is told by `rung`, but makes the end no sooner than some seconds from now.

        Who asks ends it at once, and so does a network that is there again.
        """
        loop = asyncio.get_running_loop()
        soonest, way = loop.time() + IMPATIENT_S, await asyncio.to_thread(self._way)
        while (left := end - loop.time()) > 0 and not self._is_asked:
            if await self._rings_within(min(left, WAY_EVERY_S)):
                end = min(end, soonest)
                await rung()
            elif (now := await asyncio.to_thread(self._way)) != way:
                way = now
                if now is not None:
                    break
        self._is_asked = False

    async def _rings_within(self, seconds: float) -> bool:
        # Not `asyncio.wait_for`: before Python 3.12 a ring at the same moment makes it forget that it was cancelled.
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True

    def _was_asked(self) -> bool:
        asked, self._is_asked = self._is_asked, False
        return asked


def backoff_s(failures: int) -> float:
    """How long to wait after so many failures in a row: twice as long each time, and never just when others do."""
    longest = min(FIRST_BACKOFF_S * 2.0 ** min(failures - 1, 20), LONGEST_BACKOFF_S)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  # spreads devices in time, guards nothing
