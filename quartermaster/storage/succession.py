"""One household in the place of another in the data file: what was there is backed up, the other moves in whole."""

from __future__ import annotations

import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, delete, insert, select

from quartermaster.storage import schema
from quartermaster.storage.backup import Backup, back_up, private_file
from quartermaster.storage.failures import Damaged, InUse
from quartermaster.storage.identity import take_identity
from quartermaster.storage.migrate import prepare
from quartermaster.storage.own_name import own_name, say_name_again
from quartermaster.storage.soundness import faults
from quartermaster.storage.store import Store
from quartermaster.storage.work import ARRIVED, Work

PREFIX = ".joining-"
"""Of folders beside the data file in which another household is received."""
ABANDONED_S = {PREFIX: 3_600.0, ".restore-": 86_400.0, ".received-": 86_400.0}
"""Nothing takes so long, not even a file on a slow line: what is older was left by a kill or a power cut."""
_OURS = re.compile(r"[a-z0-9_]{8}|[0-9a-f]{32}")
"""How the name of such a folder ends: the data file may lie where other programs have hidden folders too."""
AT_ONCE = 2_000
S = TypeVar("S", bound=Store)
_IN_USE = "Quartermaster is open in another window or process. Close it there, then try again. Nothing was changed."


@contextmanager
def alone(database: Path) -> Iterator[sqlite3.Connection]:
    """A connection that nobody else can be beside; the write-ahead log is folded in and gone.

    Every connection to a WAL file holds a shared lock for as long as it is open, so leaving WAL mode works only
    for the last one. The exclusive lock is then kept until the end. https://sqlite.org/wal.html, "Persistence".
    """
    with closing(sqlite3.connect(private_file(database), isolation_level=None, timeout=0.2)) as live:
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


def candidate(path: Path, like: Store, currency: str, kind: type[S]) -> S:
    """A file to receive a household in: until something came it holds nothing, and it speaks under an id of its own."""
    prepare(path, path.parent)
    store = kind(path, now_ms=like.now_ms, new_id=like.new_id)
    store.found(currency)
    return store


def move_in(work: Work, arrived: Connection) -> None:
    """Put another file's content in the place of this one's in a unit of work, beside others that use this file.

    Both have this program's schema. This one goes on under an id that never said anything, and under its name. The
    caller has backed it up.
    """
    tables, name = schema.metadata.sorted_tables, own_name(work)
    for table in reversed(tables):
        work.connection.execute(delete(table))
    for table in tables:
        rows = arrived.execute(select(table).execution_options(yield_per=AT_ONCE))
        for some in rows.mappings().partitions():
            work.connection.execute(insert(table), [dict(row) for row in some])
    take_identity(work.connection, work.new_id())
    say_name_again(work, name)
    work.action = ARRIVED


def sweep(beside: Path) -> None:
    """Remove what interrupted joinings and restores left there: copies of households that nobody would look for."""
    for prefix, after_s in ABANDONED_S.items():
        for left in beside.glob(f"{prefix}*"):
            if not _OURS.fullmatch(left.name.removeprefix(prefix)):
                continue
            with suppress(FileNotFoundError):
                if time.time() - left.stat().st_mtime > after_s:
                    shutil.rmtree(left, ignore_errors=True)
