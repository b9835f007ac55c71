"""What happens to the data file as a whole: backups, restores, and the demo household beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from uuid import UUID

from quartermaster.services import demo
from quartermaster.services.plans import plan_view
from quartermaster.storage.backup import Backup, back_up, list_backups
from quartermaster.storage.migrate import prepare
from quartermaster.storage.restore import restore
from quartermaster.storage.store import Store
from quartermaster.sync.room import upgrade_rows
from quartermaster.ui.calls import Calls
from quartermaster.ui.place import Place


async def backups(calls: Calls) -> list[Backup]:
    """The backups of the household's own file, newest first."""
    return await calls.off_the_loop(lambda: list_backups(calls.place.backups))


async def backup_fault(calls: Calls) -> str | None:
    """A sentence where the household's own file is not backed up as it should be."""
    return None if calls.in_demo else await calls.off_the_loop(calls.daily.fault)


async def back_up_now(calls: Calls) -> Backup:
    """A verified copy of the household's own file as it is at this moment."""
    return await calls.off_the_loop(lambda: back_up(calls.place.database, calls.place.backups, "manual"))


async def restore_file(calls: Calls, source: Path, *, quietly: bool = False) -> Backup | None:
    """Put what a file holds in the place of what is there; the backup of what was there, so that it can be undone.

    The file may be anywhere; it is only read, and refused (StorageFailure) unless it is a sound household's. `quietly`:
    the caller lets the pages know.
    """
    place, new_id = calls.place, calls.store.new_id
    job = partial(restore, source, place.database, place.backups, new_id())
    return await calls.exchange(job, place.database, quietly=quietly)


async def open_demo(calls: Calls) -> None:
    """Go on with the demo household, made on its first use. The household's own file is left as it is."""
    household = await calls.read(lambda work: work.household())
    make = partial(make_demo, calls.place.demo, household.currency, calls.store.now_ms, calls.store.new_id, calls.today)
    await calls.exchange(make, calls.place.demo)


async def back_to_own(calls: Calls) -> None:
    """Leave the demo household; what was done to it is kept."""
    await calls.exchange(lambda: make_own(calls.place, calls.store.now_ms, calls.store.new_id), calls.place.database)


def make_demo(
    path: Path, currency: str, now_ms: Callable[[], int], new_id: Callable[[], UUID], today: Callable[[], date]
) -> None:
    """Make the demo household's file, unless it is there: then it keeps the money that it has."""
    # Not among the household's own: a backup of the demo must never be offered there.
    with _made(path, path.parent / "demo-backups", currency, now_ms, new_id) as store, store.write() as work:
        if plan_view(work).is_empty and not work.months():
            demo.fill(work, today())
            # Nobody did any of it: a log that began with hundreds of made-up events would hide what really happens.
            work.events.clear()


def make_own(place: Place, now_ms: Callable[[], int], new_id: Callable[[], UUID]) -> None:
    """Make the household's own file ready: a program that began with the demo has not touched it yet."""
    with _made(place.database, place.backups, place.currency, now_ms, new_id) as store:
        upgrade_rows(store)


@contextmanager
def _made(
    path: Path, backups: Path, currency: str, now_ms: Callable[[], int], new_id: Callable[[], UUID]
) -> Iterator[Store]:
    """A file that is migrated and founded, for a moment."""
    prepare(path, backups)
    store = Store(path, now_ms=now_ms, new_id=new_id)
    try:
        store.found(currency)
        yield store
    finally:
        store.close()
