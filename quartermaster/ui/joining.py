"""Going on with the household of a server, where this device keeps another one.

Theirs is received into a file of its own beside the data file. Only when all of it is there, with what is brought
along, and checked, it takes the place of this device's household: in one step, while nobody else uses the file.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from uuid import UUID

from quartermaster.services.joining import Holdings, Preview, Together, holdings, preview, put_together
from quartermaster.storage.backup import BEFORE_JOINING, Backup, copy_connection
from quartermaster.storage.failures import translated
from quartermaster.storage.own_name import own_name, say_name_again
from quartermaster.storage.store import Store
from quartermaster.storage.succession import PREFIX, alone, candidate, require_sound, succeed
from quartermaster.sync.errors import Rejected
from quartermaster.sync.line import Server
from quartermaster.sync.room import Sync, Watch, sync_once
from quartermaster.sync.status import Status
from quartermaster.ui.calls import Calls
from quartermaster.ui.place import Place


def _unwatched(_: Status) -> None:
    """For who does not look."""


async def preview_together(calls: Calls, server: Server, theirs: UUID, watch: Watch = _unwatched) -> Preview:
    """What `put_both_together` would do; nothing is changed. Raises as that does."""
    async with _received(calls, server, theirs, watch) as received:
        brought = await calls.read(holdings)

        def looking() -> Preview:
            with received.write() as work:
                return preview(work, brought)

        return await calls.off_the_loop(looking)


async def take_theirs(calls: Calls, sync: Sync, server: Server, theirs: UUID, watch: Watch = _unwatched) -> Backup:
    """Go on with the server's household; the backup of what was here. `watch` hears how receiving it goes on.

    Raises SyncFailure or StorageFailure, with all as it was. The caller lets the pages know.
    """
    async with _received(calls, server, theirs, watch) as received:
        place = calls.place
        before = await calls.exchange(partial(move_in, received, place), place.database, quietly=True)
    await sync.stay_with(server)
    return before


async def put_both_together(
    calls: Calls, sync: Sync, server: Server, theirs: UUID, watch: Watch = _unwatched
) -> Together:
    """Go on with the server's household, and write into it what is here. The rest as `take_theirs`; raises Refused."""
    async with _received(calls, server, theirs, watch) as received:
        place = calls.place
        done = await calls.exchange(partial(move_in_together, received, place), place.database, quietly=True)
    await sync.stay_with(server)
    return done


async def replace_theirs(sync: Sync, server: Server, theirs: UUID, watch: Watch = _unwatched) -> None:
    """Let the server, which backs up its own first, go on with this device's household. Raises SyncFailure."""
    await sync.connect(server, replace_theirs=theirs, watch=watch)


def move_in(received: Store, place: Place) -> Backup:
    """Put the household that was received in the place of this device's; the backup of that."""
    received.close()
    with translated():
        require_sound(received.path, "What the server sent did not arrive whole. Nothing was changed; try again.")
        with alone(place.database) as live:
            before = succeed(received.path, live, place.database, place.backups, BEFORE_JOINING)
    assert before is not None
    return before


def move_in_together(received: Store, place: Place) -> Together:
    """Write what this device's household holds into the one that was received, then as `move_in`."""
    with translated(), alone(place.database) as live:
        # Read while nobody writes: no posting of the last moment is left out.
        mine = received.path.with_name("mine.db")
        copy_connection(live, mine)
        brought = _read(received, mine)
        with received.write() as work:
            done = put_together(work, brought)
        received.close()
        require_sound(received.path, "The two could not be put together. Nothing was changed; try again.")
        succeed(received.path, live, place.database, place.backups, BEFORE_JOINING)
    return done


def _read(like: Store, path: Path) -> Holdings:
    store = Store(path, now_ms=like.now_ms, new_id=like.new_id)
    try:
        with store.read() as work:
            return holdings(work)
    finally:
        store.close()


@asynccontextmanager
async def _received(calls: Calls, server: Server, theirs: UUID, watch: Watch) -> AsyncIterator[Store]:
    """The server's household in a file of its own, which is gone at the end. Raises SyncFailure or StorageFailure."""
    beside = calls.place.database.parent
    folder = Path(await calls.off_the_loop(lambda: tempfile.mkdtemp(prefix=PREFIX, dir=beside)))
    try:
        name = await calls.read(own_name)
        store = await calls.off_the_loop(partial(_new, calls, folder / "received.db", name))
        try:
            outcome = await sync_once(store, server, currency=calls.sync.currency if calls.sync else None, watch=watch)
            if outcome.household != theirs:
                raise Rejected("The server keeps yet another household by now. Connect again to see which.")
            yield store
        finally:
            await calls.off_the_loop(store.close)
    finally:
        await calls.off_the_loop(partial(shutil.rmtree, folder))


def _new(calls: Calls, path: Path, name: str | None) -> Store:
    """A file that holds nothing yet but this device's name, and speaks under an id of its own."""
    store = candidate(path, calls.store, calls.money.currency, Store)
    with store.write() as work:
        say_name_again(work, name)
    return store
