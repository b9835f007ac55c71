"""Making all rows anew from the log: a repair, and what an upgrade does that knows more of what the log holds."""

from __future__ import annotations

import zlib
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, select

from quartermaster.storage import schema
from quartermaster.storage.change import compact
from quartermaster.storage.changelog import CHUNK, rebuild
from quartermaster.storage.kinds import KINDS
from quartermaster.storage.merge import RULES
from quartermaster.storage.prepared import Prepared
from quartermaster.storage.understanding import takes
from quartermaster.storage.work import ARRIVED, Work

_RECORDS = Prepared(
    select(schema.change.c.record)
    .where(schema.change.c.record > bindparam("after"))
    .distinct()
    .order_by(schema.change.c.record)
    .limit(CHUNK)
)


def is_caught_up(connection: Connection) -> bool:
    """Whether the rows were made by a program that knew the same kinds and fields, and merged by the same rules.

    Changes of kinds and fields that an older program did not know are in its log, but not in its rows.
    """
    return bool(connection.exec_driver_sql("PRAGMA user_version").scalar_one() == _fingerprint())


def replay(work: Work) -> None:
    """Let all rows be what the log makes of them: wrong ones are made anew, and those that it does not make go."""
    made: dict[str, set[bytes]] = {name: set() for name in KINDS}
    after = b""
    while rows := _RECORDS.rows(work.connection, after=after):
        records = [record for (record,) in rows]
        after = records[-1]
        for name, ids in rebuild(work.connection, [UUID(bytes=record) for record in records]).items():
            made[name] |= ids
    for name, table in ((name, kind.table) for name, kind in KINDS.items()):
        stored = {row.id for row in work.connection.execute(select(table.c.id))}
        for made_up in stored - made[name]:
            work.connection.execute(delete(table).where(table.c.id == made_up))
    work.connection.exec_driver_sql(f"PRAGMA user_version={_fingerprint()}")
    work.action = ARRIVED


def _fingerprint() -> int:
    """Stands for the kinds, fields and values that this program knows, and its rules; kept in the file's own header."""
    known = {name: sorted(kind.fields) for name, kind in KINDS.items()}
    return zlib.crc32(compact([known, takes(), RULES]).encode()) & 0x7FFFFFFF
