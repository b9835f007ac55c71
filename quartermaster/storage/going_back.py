"""Taking back an upgrade: a file that a later program has taken over becomes what it was before it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from quartermaster.storage.backup import BEFORE_MIGRATION, Backup, list_backups
from quartermaster.storage.failures import Newer, StorageFailure, translated
from quartermaster.storage.migrate import revision_of
from quartermaster.storage.restore import restore

_HEADS = "SELECT device_no, max(counter), hash FROM change GROUP BY device_no ORDER BY device_no"
"""How far the log is, and which log it is: each device's changes are hashed in a chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneBack:
    """The backup that was restored, and the one of what was there."""

    to: Backup
    before: Backup | None

    @property
    def sentence(self) -> str:
        kept = f" What was there is in {self.before.path}." if self.before else ""
        return f"Nothing was written since the upgrade, so it was taken back: restored {self.to.path}.{kept}"


def go_back(database: Path, backups: Path, device: UUID, now: datetime | None = None) -> GoneBack | None:
    """Restore the newest backup `before-migration` that this program reads; None where it reads the file itself.

    Refused, with nothing touched, when anything was written since that backup, or when that cannot be told: then a
    person has to give it up, by naming the file. End all programs first: what one of them writes after the look
    is only in the backup of what was there.
    """
    with translated():
        try:
            revision_of(database)
        except Newer as newer:
            backup = next(_readable(backups), None)
            if backup is None:
                raise Newer(f"{newer} There is no backup {BEFORE_MIGRATION} that this program reads.") from None
        else:
            return None
        _check_that_nothing_was_written(database, backup.path)
        return GoneBack(to=backup, before=restore(backup.path, database, backups, device, now))


def _readable(backups: Path) -> Iterator[Backup]:
    """The backups before upgrades, newest first, without those that are themselves of a later program."""
    for backup in list_backups(backups):
        if re.fullmatch(rf"{BEFORE_MIGRATION}(-\d+)?", backup.reason):
            try:
                revision_of(backup.path)
            except StorageFailure:
                continue
            yield backup


def _check_that_nothing_was_written(database: Path, backup: Path) -> None:
    try:
        same = _heads(database) == _heads(backup)
    except sqlite3.OperationalError as error:
        raise StorageFailure(
            f"{database} cannot be compared with {backup} ({error}), so it was left as it is. "
            "To give up what was written since, restore that file by its name."
        ) from error
    if not same:
        raise StorageFailure(
            f"Something was written since {backup} was made, so it was not restored. "
            "To give that up, restore that file by its name."
        )


def _heads(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(_HEADS).fetchall()
