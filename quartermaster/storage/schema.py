"""The tables: the change log, who speaks, and the rows that the log makes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text

APPLICATION_ID = 0x514D5452
"""`PRAGMA application_id` of a Quartermaster file: "QMTR"."""

metadata = MetaData()

device = Table(
    "device",
    metadata,
    # The number stands for the id inside this file only: a change row carries 1 byte instead of 16.
    Column("no", Integer, primary_key=True),
    Column("id", LargeBinary(16), nullable=False, unique=True),
    Column("counter", Integer, nullable=False),
    Column("head", LargeBinary(32), nullable=False),
    Column("name", String(120)),
)

this_device = Table(
    "this_device",
    metadata,
    Column("only", Integer, CheckConstraint("only = 1", name="one_row"), primary_key=True),
    Column("household", LargeBinary(16), nullable=False),
    Column("device_no", Integer, ForeignKey("device.no"), nullable=False),
    Column("clock", Integer, nullable=False),
)

change = Table(
    "change",
    metadata,
    Column("device_no", Integer, ForeignKey("device.no"), primary_key=True),
    Column("counter", Integer, primary_key=True),
    Column("stamp", Integer, nullable=False),
    Column("action", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("record", LargeBinary(16), nullable=False),
    Column("op", String(6), nullable=False),
    Column("fields", Text, nullable=False),
    Column("seen", Text),
    Column("hash", LargeBinary(32), nullable=False),
    Index("change_by_record", "record"),
    sqlite_with_rowid=False,
)

lost_edit = Table(
    "lost_edit",
    metadata,
    Column("device_no", Integer, ForeignKey("device.no"), primary_key=True),
    Column("counter", Integer, primary_key=True),
    Column("field", String(40), primary_key=True),
    sqlite_with_rowid=False,
)
"""This device's own list of what its people should look at; it does not travel."""

met = Table(
    "met",
    metadata,
    Column("device_no", Integer, ForeignKey("device.no"), primary_key=True),
    Column("at_ms", Integer, nullable=False),
)
"""When this device last exchanged with another one; it does not travel either."""

left_alone = Table(
    "left_alone",
    metadata,
    Column("record", LargeBinary(16), primary_key=True),
    Column("called", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Entries that share a name because a person of this device wants them to; nor does this travel."""


def _synced(name: str, *columns: Column[Any] | Index) -> Table:
    """A table whose rows only `changelog` writes.

    `born_*` is the stamp of the insert that won; `edits` holds, as JSON, the stamps of fields edited since.
    References between synced rows are no foreign keys: changes may arrive in any order.
    """
    return Table(
        name,
        metadata,
        Column("id", LargeBinary(16), primary_key=True),
        Column("deleted", Integer, nullable=False),
        Column("born_stamp", Integer, nullable=False),
        Column("born_device", Integer, ForeignKey("device.no"), nullable=False),
        Column("edits", Text),
        *columns,
        sqlite_with_rowid=False,
    )


household = _synced(
    "household",
    Column("currency", String(3), nullable=False),
    Column("debt_target", LargeBinary(16)),
)

plan_entry = _synced(
    "plan_entry",
    Column("section", String(20), nullable=False),
    Column("name", String(120), nullable=False),
    Column("planned", Integer, nullable=False),
    Column("notes", String(1024)),
    Column("position", Integer, nullable=False),
    Column("goal", Integer),
    Column("goal_date", String(10)),
    Column("opening_balance", Integer),
    Column("debt_balance", Integer),
    Column("apr_basis_points", Integer),
)

month = _synced(
    "month",
    Column("year_month", String(7), nullable=False),
    Column("state", String(10), nullable=False),
    Column("activated_ms", Integer),
    Column("closed_ms", Integer),
    Column("debt_target", LargeBinary(16)),
)

month_entry = _synced(
    "month_entry",
    Column("month_id", LargeBinary(16), nullable=False),
    Column("section", String(20), nullable=False),
    Column("name", String(120), nullable=False),
    Column("planned", Integer, nullable=False),
    Column("notes", String(1024)),
    Column("position", Integer, nullable=False),
    Column("origin_name", String(120)),
    Column("origin_planned", Integer),
    Column("source", LargeBinary(16)),
    Index("month_entry_by_month", "month_id"),
)

posting = _synced(
    "posting",
    Column("entry_id", LargeBinary(16), nullable=False),
    Column("day", String(10), nullable=False),
    Column("amount", Integer, nullable=False),
    # A payee is found whatever the case it is typed in.
    Column("payee", String(120, collation="NOCASE")),
    Column("description", String(500)),
    # Covers the sums of a month; in the order of a ledger.
    Index("posting_by_entry", "entry_id", "day", "deleted", "amount"),
    # Completion of payees and "where did this payee last go" must not read every posting.
    Index("posting_by_payee", "payee", "day"),
    # The newest of the whole household, without reading all of them.
    Index("posting_by_day", "day"),
)

device_card = _synced(
    "device_card",
    Column("name", String(120)),
    Column("forgotten", Integer),
)
"""What people say of a device: `device` is what this file knows of it."""
