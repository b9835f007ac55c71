"""Whether the newest backup is young enough and sound: what monitoring asks."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from quartermaster.storage.backup import Backup, list_backups, newest
from quartermaster.storage.failures import StorageFailure, translated
from quartermaster.storage.migrate import revision_of
from quartermaster.storage.soundness import faults


@dataclass(frozen=True, slots=True)
class Verdict:
    """`fault` says in a sentence what is wrong; None: nothing."""

    newest: Backup | None
    age: timedelta
    fault: str | None


def verdict(folder: Path, older_than: timedelta, now: datetime) -> Verdict:
    """Look at the newest backup in the folder. Reads only."""
    found = newest(list_backups(folder), now)
    if found is None:
        return Verdict(None, timedelta.max, f"There is no backup in {folder}.")
    age = now - found.created
    fault = _unsound(found.path)
    if fault is None and age > older_than:
        fault = "It is too old. See whether the program runs, and whether its log has backup_failed."
    return Verdict(found, age, fault)


def _unsound(path: Path) -> str | None:
    try:
        if revision_of(path) is None:
            return "It is empty. Make another one."
        with translated(), closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            fault = next(faults(connection), None)
    except StorageFailure as failure:
        return failure.sentence
    return None if fault is None else f"It is damaged ({fault}). Make another one, and check the disk."
