"""All of sync in one program: it answers who asks, tells who listens, and asks its own server if it has one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import UUID

from fastapi import APIRouter

from quartermaster.storage.digest import Digest
from quartermaster.storage.replay import is_caught_up, replay
from quartermaster.storage.store import Store
from quartermaster.sync.client import Client, Moved, nobody
from quartermaster.sync.conversation import Outcome
from quartermaster.sync.errors import InDemo
from quartermaster.sync.host import Host
from quartermaster.sync.line import Line, Server
from quartermaster.sync.network import way_to
from quartermaster.sync.news import News
from quartermaster.sync.server import router
from quartermaster.sync.status import Status
from quartermaster.sync.use import Use, in_a_thread

MEMORY = "sync.json"
Watch = Callable[[Status], None]


class Sync:
    """One per program. `use` runs jobs on the file. When the file became another household's, `joined` is called, in
    any thread, where a device that asks brought that household; `moved` is awaited where this device asked for it.

    `is_demo` tells whether a file that must never be shared is open, and `is_set_by_operator` whether the server is
    named by a setting, so that a page cannot name another. `currency` is what the operator set, if that is so.
    """

    def __init__(
        self,
        store: Store,
        use: Use,
        *,
        backups: Callable[[], Path],
        server: Server | None = None,
        is_set_by_operator: bool = False,
        currency: str | None = None,
        is_demo: Callable[[], bool] = lambda: False,
        joined: Callable[[], None] = lambda: None,
        moved: Moved = nobody,
    ) -> None:
        self.news = News()
        self.client: Client | None = None
        self.server = server
        self.is_set_by_operator = is_set_by_operator
        self.currency = currency
        self._store, self._use, self._is_demo, self._moved = store, use, is_demo, moved
        self._digest = Digest()
        host = Host(store, backups, digest=self._digest, currency=currency, joined=joined, mended=self._mended)
        self.routes: APIRouter = router(host, store, self.news, use, closed=self._is_closed)
        self._watchers: list[Callable[[Status | None], None]] = []
        self._keeping: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._mended_ms: int | None = None
        self._ends: list[Callable[[], None]] = []

    @property
    def status(self) -> Status | None:
        """How sync stands; None where no server is connected."""
        return self.client.status if self.client is not None else None

    @property
    def repaired_ms(self) -> int | None:
        """When the rows here and on another device differed last, and were made anew, whichever of the two asked."""
        asking = self.status.repaired_ms if self.status is not None else None
        return max((at_ms for at_ms in (asking, self._mended_ms) if at_ms is not None), default=None)

    def watch(self, callback: Callable[[Status | None], None]) -> Callable[[], None]:
        """Call back on the event loop whenever the status changes, or rows were mended. Returns what ends it."""
        self._watchers.append(callback)
        return lambda: self._watchers.remove(callback)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """From the program's start to its end."""
        self._loop = asyncio.get_running_loop()
        silence = self._store.listen(self.news.committed)
        if self.server is not None:
            await self._begin(self.server)
        try:
            yield
        finally:
            silence()
            self.news.end()
            await self._end()

    def _mended(self) -> None:
        """In the thread that answered."""
        self._mended_ms = self._store.now_ms()
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(lambda: self._tell(self.status))

    def _is_closed(self) -> str | None:
        return InDemo().sentence if self._is_demo() else None

    async def connect(
        self, server: Server, *, replace_theirs: UUID | None = None, watch: Watch = lambda _: None
    ) -> Outcome:
        """Exchange once with this server and, when that succeeds, stay in step with it. Raises SyncFailure.

        `replace_theirs` is the household that the server shall give up for this one; it backs it up first. `watch`
        hears on the event loop how it goes on.
        """
        outcome = await self._tried(server, replace_theirs, watch)
        await self.stay_with(server)
        return outcome

    async def stay_with(self, server: Server) -> None:
        """Stay in step with this server from now on, whether or not it answers at the moment."""
        await self.disconnect()
        await self._begin(server)
        self.server = server
        self._tell(self.status)

    async def disconnect(self) -> None:
        """Stay in step with nobody."""
        await self._end()
        self.server = None
        self._tell(None)

    def changed_elsewhere(self) -> None:
        """Another process wrote to the file."""
        self.news.tell()
        if self.client is not None:
            self.client.wake()

    async def _tried(self, server: Server, replace_theirs: UUID | None, watch: Watch) -> Outcome:
        line = Line(server)
        client = self._client(server, line)
        client.watch(watch)
        try:
            return await client.exchange(replace_theirs=replace_theirs)
        finally:
            await line.close()

    def _client(self, server: Server, line: Line) -> Client:
        memory = (self._store.path.parent / MEMORY, server.url)
        return Client(
            self._store,
            line,
            self._use,
            digest=self._digest,
            memory=memory,
            closed=self._is_demo,
            currency=self.currency,
            way=way_to(server.url),
            moved=self._moved,
        )

    async def _begin(self, server: Server) -> None:
        line = Line(server)
        client = self.client = self._client(server, line)
        self._ends = [self._store.listen(client.committed), client.watch(self._tell)]

        async def stay() -> None:
            try:
                await client.run()
            finally:
                await line.close()

        self._keeping = asyncio.create_task(stay(), name="sync")

    async def _end(self) -> None:
        keeping, self._keeping, self.client = self._keeping, None, None
        for end in self._ends:
            end()
        self._ends = []
        if keeping is not None:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping

    def _tell(self, status: Status | None) -> None:
        for callback in tuple(self._watchers):
            callback(status)


async def sync_once(
    store: Store, server: Server, *, currency: str | None = None, watch: Watch = lambda _: None
) -> Outcome:
    """One exchange, for a program that ends after it. Raises SyncFailure."""
    line, memory = Line(server), (store.path.parent / MEMORY, server.url)
    client = Client(store, line, in_a_thread, memory=memory, currency=currency)
    client.watch(watch)
    try:
        return await client.exchange()
    finally:
        await line.close()


def upgrade_rows(store: Store) -> None:
    """Let the rows show what the log holds and an older program could not read; to be called when a file is opened."""
    with store.read() as looking:
        if is_caught_up(looking.connection):
            return
    with store.write() as work:
        replay(work)
