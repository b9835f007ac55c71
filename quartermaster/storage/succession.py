"""One household in the place of another in the data file: what was there is backed up, the other moves in whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from quartermaster.storage.backup import Backup, back_up
from quartermaster.storage.failures import Damaged, InUse
from quartermaster.storage.soundness import faults

_IN_USE = "Quartermaster is open in another window or process. Close it there, then try again. Nothing was changed."


@contextmanager
def alone(database: Path) -> Iterator[sqlite3.Connection]:
    """A connection that nobody else can be beside; the write-ahead log is folded in and gone.

    Every connection to a WAL file holds a shared lock for as long as it is open, so leaving WAL mode works only
    for the last one. The exclusive lock is then kept until the end. https://sqlite.org/wal.html, "Persistence".
    """
    with closing(sqlite3.connect(database, isolation_level=None, timeout=0.2)) as live:
        try:
            live.execute("PRAGMA locking_mode=EXCLUSIVE")
            if live.execute("PRAGMA journal_mode=DELETE").fetchone()[0] != "delete":
                raise InUse(_IN_USE)
            live.execute("BEGIN EXCLUSIVE")
            live.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise InUse(_IN_USE) from error
            raise
        yield live


def succeed(
    candidate: Path, live: sqlite3.Connection, database: Path, backups: Path, reason: str, now: datetime | None = None
) -> Backup | None:
    """Put the candidate's content in the place of the database's; the backup of what was there, if anything was.

    `live` holds the database alone. It is one transaction of SQLite's: a kill at any moment, and a disk that
    becomes full, leave the one household or the other, whole.
    """
    before = None
    # Taking the lock alone gives a file that was not there a first page: its size says nothing.
    if live.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        before = back_up(database, backups, reason, now, held=live)
    with closing(sqlite3.connect(candidate)) as made:
        made.backup(live)
    return before


def require_sound(candidate: Path, damaged: str) -> None:
    """Refuse, with the sentence, a file that is not whole."""
    with closing(sqlite3.connect(candidate)) as connection:
        if next(faults(connection), None) is not None:
            raise Damaged(damaged)
