"""A program of the future: postings have tags, there are wishes, and pets are a section; names are longer.

`python -m tests.sync.future FILE` upgrades a file and prints, as JSON, what its rows then hold and what the doctor
finds.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Column, String

from quartermaster.storage import kinds, schema, shapes

# Before anything else turns tables into statements.
schema.posting.append_column(Column("tag", String(20)))
_wish = schema._synced("wish", Column("title", String(20), nullable=False))
_fields: Any = kinds.KINDS["posting"].fields
_fields["tag"] = kinds._plain("tag")
_kinds: Any = kinds.KINDS
_kinds["wish"] = kinds._kind(_wish, dict, kinds._plain("title"))  # type: ignore[arg-type]  # no record is made of it
_sections: Any = shapes._SECTIONS
shapes._SECTIONS = _sections | {"pets"}
_checks: Any = shapes.FIELDS["plan_entry"]
_checks["name"] = shapes._a_text(500)

from quartermaster.storage.doctor import examine  # noqa: E402
from quartermaster.storage.store import Store  # noqa: E402
from quartermaster.sync.room import upgrade_rows  # noqa: E402


def main(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE posting ADD COLUMN tag VARCHAR(20)")
        connection.execute(
            "CREATE TABLE wish (id BLOB PRIMARY KEY, deleted INTEGER, born_stamp INTEGER, born_device INTEGER,"
            " edits TEXT, title VARCHAR(20)) WITHOUT ROWID"
        )
        connection.commit()
    store = Store(path, now_ms=lambda: 0, new_id=uuid4)
    upgrade_rows(store)
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        tags = [tag for (tag,) in connection.execute("SELECT tag FROM posting ORDER BY amount")]
        pets = connection.execute("SELECT name FROM plan_entry WHERE section = 'pets' ORDER BY name").fetchall()
        wishes = [title for (title,) in connection.execute("SELECT title FROM wish WHERE deleted = 0")]
    told = {"tags": tags, "wishes": wishes, "pets": [name for (name,) in pets], "findings": examine(path).findings}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
