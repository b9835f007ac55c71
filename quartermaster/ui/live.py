"""Tells the open pages that the household changed: here, in another tab, or in another process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

from nicegui import Event, app, background_tasks, context, run

from quartermaster.storage.failures import Closed, StorageFailure
from quartermaster.storage.store import Committed, Store, Version
from quartermaster.ui.gate import Gate

LOOK_EVERY_S = 0.4


class OneAtATime:
    """Does a job of a page; calls while it is under way become one more turn of it."""

    def __init__(self, job: Callable[[], Awaitable[None]]) -> None:
        self._job = job
        self._busy = self._again = False

    async def __call__(self) -> None:
        self._again = True
        if self._busy or context.client.is_deleted:
            return
        self._busy = True
        try:
            while self._again:
                self._again = False
                await self._job()
        finally:
            self._busy = False


class Live:
    """`changed` fires on the loop, soon after a commit and once for commits in quick succession.

    A page subscribes inside its function and reads again; faces that did not change send nothing. `replaced` fires
    when the file itself was exchanged (a restore, the demo): whatever a page shows is then another household's.
    A client in `staying` does the exchange itself, and goes on by itself.
    `elsewhere` fires when another process wrote to the file, and `synced` when sync stands otherwise than before.
    """

    def __init__(self, store: Store, gate: Gate) -> None:
        self.changed = Event[[]]()
        self.replaced = Event[[]]()
        self.elsewhere = Event[[]]()
        self.synced = Event[[]]()
        self.started = Event[[]]()
        self.staying: set[str] = set()
        self._store, self._gate = store, gate
        self._known: Version | None = None
        self._pending = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Listen to this process, and look what others committed, from the program's start to its end."""
        if app.is_started:
            self._begin()
        else:
            app.on_startup(self._begin)

    def soon(self, job: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a job on the event loop of the pages, unless the program ends. From any thread, once it has started."""

        async def doing() -> None:
            with suppress(Closed):
                await job()

        if self._loop is not None:
            self._loop.call_soon_threadsafe(lambda: background_tasks.create(doing(), name="soon"))

    def _begin(self) -> None:
        loop = self._loop = asyncio.get_running_loop()
        app.on_shutdown(self._store.listen(partial(self._committed, loop)))
        # Before the first page: it misses nothing that is committed while it is drawn.
        self._known = self._version()
        self.started.emit()
        background_tasks.create(self._watch(), name="watch the data file")

    def _committed(self, loop: asyncio.AbstractEventLoop, committed: Committed) -> None:
        """In the committing thread."""
        if committed.action is not None and not loop.is_closed():
            self._known = self._version()
            loop.call_soon_threadsafe(self._soon)

    def _soon(self) -> None:
        if not self._pending:
            self._pending = True
            asyncio.get_running_loop().call_soon(self._emit)

    def _emit(self) -> None:
        self._pending = False
        self.changed.emit()

    async def _watch(self) -> None:
        while not app.is_stopping:
            await asyncio.sleep(LOOK_EVERY_S)
            async with self._gate.through():
                version = await run.io_bound(self._version)
            if version is not None and version != self._known:
                self._known = version
                self._emit()
                self.elsewhere.emit()

    def _version(self) -> Version | None:
        try:
            return self._store.data_version()
        except StorageFailure:
            return None  # A page that reads will say so; the next look may find the file again.
