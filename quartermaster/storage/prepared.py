"""Statements turned into SQL once, at import: SQLAlchemy needs longer for that than SQLite to answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, CursorResult
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

    def run(self, connection: Connection, **given: Any) -> CursorResult[Any]:
        """Execute it once."""
        if not self._lists:
            return connection.exec_driver_sql(self._sql, self._in_order(given))
        sql = self._sql
        values: list[Any] = []
        for name in self._lists:
            sql = sql.replace(_marker(name), ", ".join("?" * len(given[name])))
        for name in self._names:
            values += given[name] if name in self._lists else [given.get(name, self._fixed.get(name))]
        return connection.exec_driver_sql(sql, tuple(values))

    def run_for_each(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Execute it for many sets of parameters, all of the same names."""
        connection.exec_driver_sql(self._sql, [self._in_order(row) for row in rows])

    def _in_order(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        fixed = self._fixed
        return tuple([given[name] if name in given else fixed[name] for name in self._names])


def _marker(name: str) -> str:
    return f"__[POSTCOMPILE_{name}]"
