"""Going on with the household of a server, where this device keeps another one."""

from __future__ import annotations

from uuid import UUID

from quartermaster.services.joining import Together, holdings, put_together
from quartermaster.storage.arrival import start_over
from quartermaster.storage.backup import BEFORE_JOINING, Backup, back_up
from quartermaster.sync.errors import SyncFailure
from quartermaster.sync.line import Server
from quartermaster.sync.room import Sync
from quartermaster.ui.calls import Calls
from quartermaster.ui.household_file import restore_backup


async def take_theirs(calls: Calls, sync: Sync, server: Server) -> Backup:
    """Go on with the server's household; the backup of what was here. Raises SyncFailure, with all as it was."""
    place = calls.place
    before = await calls.off_the_loop(lambda: back_up(place.database, place.backups, BEFORE_JOINING))
    await calls.write(start_over)
    try:
        await sync.connect(server)
    except SyncFailure:
        await restore_backup(calls, before)
        raise
    return before


async def replace_theirs(sync: Sync, server: Server, theirs: UUID) -> None:
    """Let the server, which backs up its own first, go on with this device's household. Raises SyncFailure."""
    await sync.connect(server, replace_theirs=theirs)


async def put_both_together(calls: Calls, sync: Sync, server: Server) -> Together:
    """Take the server's household, and write into it what was here. Raises SyncFailure, with all as it was."""
    brought = await calls.read(holdings)
    await take_theirs(calls, sync, server)
    return await calls.write(put_together, brought)
