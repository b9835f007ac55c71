"""What travels: for each kind of record, its fields, and how each looks in a change and in a row.

A field has three faces: the record's `value`, the change's `wire` (JSON) and the row's columns.
Names that arrive are looked up here and never trusted otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Table

from quartermaster.domain.device import DeviceCard
from quartermaster.domain.month import Lifecycle, Month, MonthEntry, MonthState
from quartermaster.domain.plan import Household, PlanEntry
from quartermaster.domain.posting import Posting
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.storage import schema
from quartermaster.storage.merge import DELETED

Record = Household | PlanEntry | Month | MonthEntry | Posting | DeviceCard
Wire = Any


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind. `read` and `write` go between the wire and the row's columns."""

    name: str
    columns: tuple[str, ...]
    to_wire: Callable[[Any], Wire]
    to_value: Callable[..., Any]
    to_columns: Callable[[Wire], tuple[Any, ...]]
    from_columns: Callable[..., Wire]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record that travels."""

    name: str
    table: Table
    record: Callable[..., Record]
    fields: Mapping[str, Field]
    decoded: tuple[tuple[str, tuple[str, ...], Callable[..., Any]], ...]
    """Of each field that a record has: its name, its columns, and how its value is read from them."""

    def wire(self, record: Record) -> dict[str, Wire]:
        """All fields of an accepted record, as a change carries them."""
        return {name: field.to_wire(getattr(record, name)) for name, field in self.fields.items() if name != DELETED}

    def decode(self, row: Mapping[str, Any] | RowMapping) -> Record:
        """The record that a row holds."""
        values = {
            name: to_value(row[columns[0]]) if len(columns) == 1 else to_value(*(row[column] for column in columns))
            for name, columns, to_value in self.decoded
        }
        return self.record(id=UUID(bytes=row["id"]), **values)


def _same(value: Any) -> Any:
    return value


def _plain(name: str) -> Field:
    return Field(name, (name,), _same, _same, lambda wire: (wire,), _same)


def _coded(name: str, to_wire: Callable[[Any], Wire], to_value: Callable[[Any], Any]) -> Field:
    """A field whose column holds the wire form, None standing for None."""
    return Field(
        name,
        (name,),
        lambda value: None if value is None else to_wire(value),
        lambda column: None if column is None else to_value(column),
        lambda wire: (wire,),
        _same,
    )


def _ref(name: str) -> Field:
    return Field(
        name,
        (name,),
        lambda value: None if value is None else value.hex,
        lambda column: None if column is None else UUID(bytes=column),
        lambda wire: (None if wire is None else bytes.fromhex(wire),),
        lambda column: None if column is None else column.hex(),
    )


def _day(name: str) -> Field:
    return _coded(name, date.isoformat, date.fromisoformat)


def _lifecycle() -> Field:
    """State and its times only make sense together, so they travel as one."""
    return Field(
        "lifecycle",
        ("state", "activated_ms", "closed_ms"),
        lambda value: [value.state.value, value.activated_ms, value.closed_ms],
        lambda state, activated, closed: Lifecycle(state=MonthState(state), activated_ms=activated, closed_ms=closed),
        tuple,
        lambda *columns: list(columns),
    )


def _kind(table: Table, record: Callable[..., Record], *fields: Field) -> Kind:
    deleted = Field(DELETED, (DELETED,), bool, bool, lambda wire: (int(wire),), bool)
    decoded = tuple((field.name, field.columns, field.to_value) for field in fields)
    return Kind(table.name, table, record, {field.name: field for field in (*fields, deleted)}, decoded)


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        _kind(schema.household, Household, _plain("currency"), _ref("debt_target")),
        _kind(
            schema.plan_entry,
            PlanEntry,
            _coded("section", str, Section),
            _plain("name"),
            _plain("planned"),
            _plain("notes"),
            _plain("position"),
            _plain("goal"),
            _day("goal_date"),
            _plain("opening_balance"),
            _plain("debt_balance"),
            _plain("apr_basis_points"),
        ),
        _kind(schema.month, Month, _coded("year_month", str, YearMonth.parse), _lifecycle(), _ref("debt_target")),
        _kind(
            schema.month_entry,
            MonthEntry,
            _ref("month_id"),
            _coded("section", str, Section),
            _plain("name"),
            _plain("planned"),
            _plain("notes"),
            _plain("position"),
            _plain("origin_name"),
            _plain("origin_planned"),
            _ref("source"),
        ),
        _kind(
            schema.posting,
            Posting,
            _ref("entry_id"),
            _day("day"),
            _plain("amount"),
            _plain("payee"),
            _plain("description"),
        ),
        _kind(schema.device_card, DeviceCard, _plain("name"), _plain("forgotten")),
    )
}

_KIND_OF: Mapping[type, Kind] = {
    Household: KINDS["household"],
    PlanEntry: KINDS["plan_entry"],
    Month: KINDS["month"],
    MonthEntry: KINDS["month_entry"],
    Posting: KINDS["posting"],
    DeviceCard: KINDS["device_card"],
}


def kind_of(record: Record) -> Kind:
    """The kind that a record is of."""
    return _KIND_OF[type(record)]


def record_name(record: type) -> str:
    """The name of a record type's kind."""
    return _KIND_OF[record].name
