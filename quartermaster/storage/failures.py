"""What storage says when the file or the disk will not do what it must.

StorageFailure
├── DiskFull, Locked, NotWritable, Missing, Damaged
├── NotQuartermaster   the file is something else
├── Newer              a later program wrote it
├── InUse              another process has it open
└── Closed             this program let go of it
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError


class StorageFailure(Exception):
    """Nothing of the unit of work was kept. The message says what to do next."""

    @property
    def sentence(self) -> str:
        return str(self)


class DiskFull(StorageFailure):
    """No room is left where the data is."""


class Locked(StorageFailure):
    """Another process is writing for longer than the busy time-out."""


class NotWritable(StorageFailure):
    """The file or its folder is read-only for this user."""


class Missing(StorageFailure):
    """The file cannot be opened."""


class Damaged(StorageFailure):
    """The file's content is broken."""


class NotQuartermaster(StorageFailure):
    """The file is no Quartermaster database."""


class Newer(StorageFailure):
    """The file was written by a later version of the program."""


class InUse(StorageFailure):
    """Another process has the database open."""


class Closed(StorageFailure):
    """The program has let go of the file, because it ends."""


_BY_CODE: dict[int, tuple[type[StorageFailure], str]] = {
    sqlite3.SQLITE_FULL: (DiskFull, "The disk is full, so nothing was saved. Free some space, then try again."),
    sqlite3.SQLITE_BUSY: (Locked, "Another program is busy with the data. Nothing was saved; try again in a moment."),
    sqlite3.SQLITE_LOCKED: (Locked, "Another program is busy with the data. Nothing was saved; try again in a moment."),
    sqlite3.SQLITE_READONLY: (
        NotWritable,
        "The data can be read but not written. Nothing was saved; check who owns the file and its folder.",
    ),
    sqlite3.SQLITE_CANTOPEN: (Missing, "The data file cannot be opened. Check that its folder exists and is yours."),
    sqlite3.SQLITE_CORRUPT: (Damaged, "The data file is damaged. Restore the newest backup."),
    sqlite3.SQLITE_NOTADB: (NotQuartermaster, "That file is not a Quartermaster database. Choose another one."),
    sqlite3.SQLITE_IOERR: (
        StorageFailure,
        "The disk did not answer as it should, so nothing was saved. Check the disk, then try again.",
    ),
}


@contextmanager
def translated() -> Iterator[None]:
    """Turn errors about files and disks into sentences; bugs pass through as they are."""
    try:
        yield
    except DBAPIError as error:
        failure = _failure(error.orig)
        if failure is None:
            raise
        raise failure from error
    except (sqlite3.Error, OSError) as error:
        failure = _failure(error)
        if failure is None:
            raise
        raise failure from error


def _failure(error: BaseException | None) -> StorageFailure | None:
    if isinstance(error, OSError):
        return _of_the_system(error)
    # The low byte is the primary code; the rest tells variants such as IOERR_WRITE apart.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code not in _BY_CODE:
        return None
    failure, sentence = _BY_CODE[code]
    return failure(sentence)


def _of_the_system(error: OSError) -> StorageFailure | None:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull("The disk is full, so nothing was saved. Free some space, then try again.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR):
        return NotWritable(f"{error.filename} cannot be written: {error.strerror}. Check who owns it and its folder.")
    if error.errno == errno.EIO:
        return StorageFailure("The disk did not answer as it should, so nothing was saved. Check it, then try again.")
    return None
