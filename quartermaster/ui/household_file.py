"""What happens to the data file as a whole: backups, restores, and the demo household beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from quartermaster.services import demo
from quartermaster.services.plans import plan_view
from quartermaster.storage.backup import Backup, back_up, list_backups
from quartermaster.storage.migrate import prepare
from quartermaster.storage.restore import restore
from quartermaster.storage.store import Store
from quartermaster.ui.calls import Calls


async def backups(calls: Calls) -> list[Backup]:
    """The backups of the household's own file, newest first."""
    return await calls.off_the_loop(lambda: list_backups(calls.place.backups))


async def back_up_now(calls: Calls) -> Backup:
    """A verified copy of the household's own file as it is at this moment."""
    return await calls.off_the_loop(lambda: back_up(calls.place.database, calls.place.backups, "manual"))


async def restore_backup(calls: Calls, backup: Backup) -> Backup | None:
    """Put the backup in the place of what is there; the backup of what was there, so that this can be undone."""
    place, new_id = calls.place, calls.store.new_id
    return await calls.exchange(lambda: restore(backup.path, place.database, place.backups, new_id()), place.database)


async def open_demo(calls: Calls) -> None:
    """Go on with the demo household, made on its first use. The household's own file is left as it is."""
    household = await calls.read(lambda work: work.household())
    await calls.exchange(_demo_made(calls, household.currency), calls.place.demo)


def switch_to_demo(calls: Calls) -> None:
    """Begin with the demo household, before any page is open."""
    with calls.store.read() as work:
        currency = work.household().currency
    _demo_made(calls, currency)()
    calls.store.reopen(calls.place.demo)


async def back_to_own(calls: Calls) -> None:
    """Leave the demo household; what was done to it is kept."""
    await calls.exchange(lambda: None, calls.place.database)


def _demo_made(calls: Calls, currency: str) -> Callable[[], None]:
    def make() -> None:
        path: Path = calls.place.demo
        # Not among the household's own: a backup of the demo must never be offered there.
        prepare(path, path.parent / "demo-backups")
        store = Store(path, now_ms=calls.store.now_ms, new_id=calls.store.new_id)
        try:
            store.found(currency)
            with store.write() as work:
                if plan_view(work).is_empty and not work.months():
                    demo.fill(work, calls.today())
        finally:
            store.close()

    return make
