"""All of sync in one program: it answers who asks, tells who listens, and asks its own server if it has one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import APIRouter

from quartermaster.storage.digest import Digest
from quartermaster.storage.replay import is_caught_up, replay
from quartermaster.storage.store import Store
from quartermaster.sync.client import Client
from quartermaster.sync.conversation import Outcome
from quartermaster.sync.host import Host
from quartermaster.sync.line import Line, Server
from quartermaster.sync.news import News
from quartermaster.sync.server import router
from quartermaster.sync.use import Use, in_a_thread

MEMORY = "sync.json"
IN_DEMO = "The demo household is open here, and it never syncs. Go back to your own household first."


class Sync:
    """One per program. `use` runs jobs on the file; `joined` is called when the file became another household's.

    `is_demo` tells whether a file that must never be shared is open.
    """

    def __init__(
        self,
        store: Store,
        use: Use,
        *,
        backups: Callable[[], Path],
        server: Server | None = None,
        is_demo: Callable[[], bool] = lambda: False,
        joined: Callable[[], None] = lambda: None,
    ) -> None:
        digest = Digest()
        self.news = News()
        self.client: Client | None = None
        host = Host(store, backups, digest=digest, joined=joined)
        self.routes: APIRouter = router(host, store, self.news, use, closed=lambda: IN_DEMO if is_demo() else None)
        self._store, self._server = store, server
        if server is not None:
            self._line = Line(server)
            memory = (store.path.parent / MEMORY, server.url)
            self.client = Client(store, self._line, use, digest=digest, memory=memory, closed=is_demo, joined=joined)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """From the program's start to its end."""
        silences = [self._store.listen(self.news.committed)]
        keeping: asyncio.Task[None] | None = None
        if self.client is not None:
            silences.append(self._store.listen(self.client.committed))
            keeping = asyncio.create_task(self.client.run(), name="sync")
        try:
            yield
        finally:
            for silence in silences:
                silence()
            self.news.end()
            if keeping is not None:
                keeping.cancel()
                with suppress(asyncio.CancelledError):
                    await keeping
                await self._line.close()

    def changed_elsewhere(self) -> None:
        """Another process wrote to the file."""
        self.news.tell()
        if self.client is not None:
            self.client.wake()


async def sync_once(store: Store, server: Server) -> Outcome:
    """One exchange, for a program that ends after it. Raises SyncFailure."""
    line = Line(server)
    try:
        return await Client(store, line, in_a_thread, memory=(store.path.parent / MEMORY, server.url)).exchange()
    finally:
        await line.close()


def upgrade_rows(store: Store) -> None:
    """Let the rows show what the log holds and an older program could not read; to be called when a file is opened."""
    with store.read() as looking:
        if is_caught_up(looking.connection):
            return
    with store.write() as work:
        replay(work)
