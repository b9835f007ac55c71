"""Whether a file is whole, by SQLite's own checks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from quartermaster.storage import schema


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


def strange_schema(connection: sqlite3.Connection) -> Iterator[str]:
    """What is missing of this version's tables and indexes, and what is there that acts in the file by itself."""
    found = dict(connection.execute("SELECT name, type FROM sqlite_master"))
    for table in schema.metadata.sorted_tables:
        for name, kind in ((table.name, "table"), *((str(index.name), "index") for index in table.indexes)):
            if found.get(name) != kind:
                yield f"schema: {name} is missing"
    for name, kind in found.items():
        if kind == "trigger":
            yield f"schema: there is a trigger {name}, which Quartermaster did not make"


def broken_pages(connection: sqlite3.Connection) -> Iterator[str]:
    """The same of pages and indexes alone: what a copy of the file would be damaged by too."""
    for (verdict,) in connection.execute("PRAGMA integrity_check"):
        if verdict != "ok":
            yield f"integrity: {verdict}"
