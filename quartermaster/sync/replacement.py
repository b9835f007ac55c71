"""The file that receives a household which is to take the place of the server's: beside it, page by page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from quartermaster.storage.store import Committed, Store
from quartermaster.storage.succession import PREFIX, candidate, sweep


class Received(Store):
    """What is committed in it happens to nobody yet."""

    def _tell(self, committed: Committed) -> None:
        pass


@contextmanager
def receiving(store: Store, household: UUID) -> Iterator[Received]:
    """What has been received of the household so far, also after a cut or a new start, open for the next page."""
    folder = _folder(store, household)
    if not folder.exists():
        sweep(folder.parent)
        folder.mkdir(mode=0o700)
    with store.read() as work:
        currency = work.household().currency
    received = candidate(folder / "received.db", store, currency, Received)
    try:
        yield received
    finally:
        received.close()


def discard(store: Store, household: UUID) -> None:
    """Remove the file: it has moved in."""
    shutil.rmtree(_folder(store, household), ignore_errors=True)


def _folder(store: Store, household: UUID) -> Path:
    return store.path.parent / f"{PREFIX}{household.hex}"
