"""Bringing a backup back: checked on a copy first, written in one transaction, under a new identity."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

from quartermaster.storage.backup import BEFORE_RESTORE, Backup, back_up, copy_database
from quartermaster.storage.failures import Damaged, InUse, Missing, NotQuartermaster, translated
from quartermaster.storage.identity import take_identity
from quartermaster.storage.migrate import revision_of, upgrade
from quartermaster.storage.store import open_engine


def restore(source: Path, database: Path, backups: Path, device: UUID, now: datetime | None = None) -> Backup | None:
    """Replace the database's content by the backup's; the backup of what was there, if anything was.

    The restored file speaks as `device`, an id that never said anything. Refused, with nothing touched, when the
    source is no sound Quartermaster database, is newer than the program, or another process has the database open.
    """
    with translated():
        database.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=database.parent) as folder:
            candidate = Path(folder) / "candidate.db"
            _check(source, candidate)
            upgrade(candidate)
            _take_identity(candidate, device)
            with _alone(database) as live:
                before = back_up_if_any(database, backups, now, live)
                with closing(sqlite3.connect(candidate)) as checked:
                    checked.backup(live)
    return before


def back_up_if_any(database: Path, backups: Path, now: datetime | None, live: sqlite3.Connection) -> Backup | None:
    """Back up what a restore replaces, so that the restore can be undone."""
    # Taking the lock alone gives a file that was not there a first page: its size says nothing.
    if live.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        return None
    return back_up(database, backups, BEFORE_RESTORE, now, held=live)


def _check(source: Path, candidate: Path) -> None:
    """Copy the source, which is only read, and refuse it unless it is whole and ours."""
    if not source.is_file():
        raise Missing(f"There is no file {source}. Name one of the backups.")
    try:
        copy_database(source, candidate)
    except sqlite3.DatabaseError as error:
        raise NotQuartermaster(f"{source} is not a Quartermaster database, or it is damaged. ({error})") from error
    if revision_of(candidate) is None:
        raise NotQuartermaster(f"{source} is empty. Name a backup that Quartermaster made.")
    with closing(sqlite3.connect(candidate)) as connection:
        if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise Damaged(f"{source} is damaged: some of its rows refer to nothing. Name another backup.")


def _take_identity(candidate: Path, device: UUID) -> None:
    engine = open_engine(candidate)
    try:
        with engine.connect() as opened:
            connection = opened.execution_options(quartermaster_write=True)
            with connection.begin():
                take_identity(connection, device)
    finally:
        engine.dispose()


@contextmanager
def _alone(database: Path) -> Iterator[sqlite3.Connection]:
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


_IN_USE = "Quartermaster is open in another window or process. Close it there, then restore again. Nothing was changed."
