"""Bringing a backup back: checked on a copy first, written in one transaction, under a new identity."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from quartermaster.storage.backup import (
    BEFORE_RESTORE,
    Backup,
    copy_database,
    private_file,
    private_folder,
    sync_folder,
)
from quartermaster.storage.failures import Damaged, Missing, NotQuartermaster, translated
from quartermaster.storage.identity import take_identity
from quartermaster.storage.migrate import revision_of, upgrade
from quartermaster.storage.soundness import strange_schema
from quartermaster.storage.store import open_engine
from quartermaster.storage.succession import alone, require_sound, succeed

_BESIDE = ("-wal", "-shm", "-journal")


def restore(source: Path, database: Path, backups: Path, device: UUID, now: datetime | None = None) -> Backup | None:
    """Replace the database's content by the backup's; the backup of what was there, if anything was.

    The restored file speaks as `device`, an id that never said anything. Refused, with nothing touched, when the
    source is no sound Quartermaster database, is newer than the program, or another process has the database open.
    A database that is too damaged to be backed up is put aside as it is.
    """
    with translated():
        private_folder(database.parent)
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=database.parent) as folder:
            candidate = Path(folder) / "candidate.db"
            _check(source, candidate)
            _bring_up(source, candidate)
            _take_identity(candidate, device)
            try:
                with alone(database) as live:
                    before = succeed(candidate, live, database, backups, BEFORE_RESTORE, now)
            except (Damaged, sqlite3.DatabaseError) as error:
                if not _is_damage(error):
                    raise
                before = _put_aside(database, backups, now)
                _put_in_place(candidate, database)
    return before


def _is_damage(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return isinstance(error, Damaged) or code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _put_aside(database: Path, backups: Path, now: datetime | None) -> Backup:
    """Keep a damaged file and its write-ahead log as they are: someone may still get something out of it."""
    created = (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    aside = private_folder(backups) / f"damaged-{created:%Y%m%d-%H%M%S}.db"
    for suffix in ("", *_BESIDE):
        part = Path(f"{database}{suffix}")
        if part.exists():
            kept = private_file(Path(f"{aside}{suffix}"))
            shutil.copyfile(part, kept)
            _make_durable(kept)
    sync_folder(backups)
    return Backup(aside, created, "damaged", aside.stat().st_size)


def _put_in_place(candidate: Path, database: Path) -> None:
    """Only for a damaged file: nobody can be at work in it, and its log must not meet the new one."""
    _make_durable(candidate)
    for suffix in _BESIDE:
        Path(f"{database}{suffix}").unlink(missing_ok=True)
    candidate.replace(database)
    sync_folder(database.parent)


def _make_durable(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


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
    require_sound(candidate, f"{source} is damaged: some of its rows refer to nothing. Name another backup.")


def _bring_up(source: Path, candidate: Path) -> None:
    """Upgrade the copy. Refuses one that lacks a part, or brings along what would change what is written later."""
    fault: object
    try:
        upgrade(candidate)
        with closing(sqlite3.connect(candidate)) as connection:
            fault = next(strange_schema(connection), None)
    except DBAPIError as error:
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_ERROR:
            raise
        # It says which version made it, and that version's migration finds something else.
        fault = error.orig
    if fault is not None:
        raise NotQuartermaster(f"{source} is not as Quartermaster made it ({fault}). Name another backup.")


def _take_identity(candidate: Path, device: UUID) -> None:
    engine = open_engine(candidate)
    try:
        with engine.connect() as opened:
            connection = opened.execution_options(quartermaster_write=True)
            with connection.begin():
                take_identity(connection, device)
    finally:
        engine.dispose()
