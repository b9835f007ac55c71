"""Tells the devices that are connected that there is something new, at once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

from quartermaster.storage.change import compact
from quartermaster.storage.exchange import Vector
from quartermaster.storage.store import Committed

HEARTBEAT_S = 15.0
"""Proxies give up on a stream that is silent for longer than 30 to 60 seconds."""
MOST_LISTENERS = 100


def fingerprint(vector: Vector) -> str:
    """Stands for everything that a file knows: who has the same one has nothing to ask for."""
    said = {device.hex: [counter, head.hex()] for device, (counter, head) in vector.items()}
    return hashlib.sha256(compact(said).encode()).hexdigest()[:32]


class News:
    """One per program. `committed` may be called in any thread; all else lives on the event loop."""

    def __init__(self) -> None:
        self._listeners: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self.has_ended = False

    @property
    def is_full(self) -> bool:
        return len(self._listeners) >= MOST_LISTENERS

    def committed(self, committed: Committed) -> None:
        """Something may be new; to be called after each commit."""
        if committed.action is not None:
            self.tell()

    def tell(self) -> None:
        """Wake everyone who listens."""
        for event, loop in tuple(self._listeners.items()):
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    def end(self) -> None:
        """Let every stream end: the program does."""
        self.has_ended = True
        self.tell()

    @contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """An event that is set when something may be new."""
        event = asyncio.Event()
        self._listeners[event] = asyncio.get_running_loop()
        try:
            yield event
        finally:
            del self._listeners[event]


async def stream(
    news: News, known: Callable[[], Awaitable[str | None]], heartbeat_s: float = HEARTBEAT_S
) -> AsyncIterator[bytes]:
    """Server-sent events: the fingerprint of what is known, now and whenever it changes."""
    with news.listening() as woken:
        told = None
        while not news.has_ended:
            now = await known()
            if now is not None and now != told:
                told = now
                yield f"event: vector\ndata: {now}\n\n".encode()
            try:
                async with asyncio.timeout(heartbeat_s):
                    await woken.wait()
            except TimeoutError:
                yield b": still here\n\n"
            woken.clear()
