"""Whether a file is whole, by SQLite's own checks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator


def faults(connection: sqlite3.Connection) -> Iterator[str]:
    """What is wrong with the file; nothing when all of it can be read and every reference leads somewhere."""
    try:
        yield from broken_pages(connection)
        for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
            yield f"foreign key: row {row} of {table} refers to nothing in {parent}"
    except sqlite3.DatabaseError as error:
        # Some damage is such that the check itself cannot go on.
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        yield f"integrity: {error}"


def broken_pages(connection: sqlite3.Connection) -> Iterator[str]:
    """The same of pages and indexes alone: what a copy of the file would be damaged by too."""
    for (verdict,) in connection.execute("PRAGMA integrity_check"):
        if verdict != "ok":
            yield f"integrity: {verdict}"
