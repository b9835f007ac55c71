"""Statements turned into SQL once, at import: SQLAlchemy needs longer for that than SQLite to answer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql import ClauseElement

_DIALECT = SQLiteDialect_pysqlite(paramstyle="qmark")


class Prepared:
    """One statement, as SQL and the order of its parameters. Values go to SQLite as they are: numbers, texts, bytes.

    A parameter made with `expanding=True` takes a sequence.
    """

    def __init__(self, statement: ClauseElement) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        self._sql = str(compiled)
        self._names: tuple[str, ...] = tuple(getattr(compiled, "positiontup", None) or ())
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}
        self._lists = tuple(name for name in compiled.params if _marker(name) in self._sql)

    def rows(self, connection: Connection, **given: Any) -> list[tuple[Any, ...]]:
        """What SQLite answers."""
        return self._run(connection, given).fetchall()

    def records(self, connection: Connection, **given: Any) -> list[dict[str, Any]]:
        """What SQLite answers, by the names of the columns."""
        cursor = self._run(connection, given)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def do(self, connection: Connection, **given: Any) -> None:
        """Execute it for what it does."""
        self._run(connection, given)

    def do_for_each(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Execute it for many sets of parameters, all of the same names."""
        _cursor(connection).executemany(self._sql, [self._in_order(row) for row in rows])

    def _run(self, connection: Connection, given: Mapping[str, Any]) -> sqlite3.Cursor:
        if not self._lists:
            return _cursor(connection).execute(self._sql, self._in_order(given))
        sql = self._sql
        values: list[Any] = []
        for name in self._lists:
            sql = sql.replace(_marker(name), ", ".join("?" * len(given[name])))
        for name in self._names:
            values += given[name] if name in self._lists else [given.get(name, self._fixed.get(name))]
        return _cursor(connection).execute(sql, values)

    def _in_order(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        fixed = self._fixed
        return tuple([given[name] if name in given else fixed[name] for name in self._names])


def _cursor(connection: Connection) -> sqlite3.Cursor:
    # The driver's own cursor, in SQLAlchemy's transaction: its result objects cost more than the small answers do.
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver.cursor()


def _marker(name: str) -> str:
    return f"__[POSTCOMPILE_{name}]"
