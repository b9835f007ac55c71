"""A restore takes nothing that this program would not have made itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from quartermaster.storage.backup import back_up
from quartermaster.storage.failures import NotQuartermaster
from quartermaster.storage.restore import restore
from quartermaster.storage.store import Store

NEW_DEVICE = UUID(int=0xBEEF)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("DROP TABLE posting", "posting is missing"),
        ("DROP TABLE lost_edit; CREATE VIEW lost_edit AS SELECT 1", "lost_edit is missing"),
        ("CREATE TRIGGER thief AFTER INSERT ON posting BEGIN UPDATE posting SET amount = 0; END", "a trigger thief"),
        ("UPDATE alembic_version SET version_num = '0001'", "already exists"),
    ],
)
def test_a_file_that_is_not_as_the_program_makes_it_is_refused_and_nothing_is_touched(
    harm: str, said: str, store: Store, database: Path, tmp_path: Path
) -> None:
    made = back_up(database, tmp_path / "kept", "manual")
    with closing(sqlite3.connect(made.path)) as connection:
        connection.executescript(harm)
    store.close()
    before = database.read_bytes()
    with pytest.raises(NotQuartermaster, match=said):
        restore(made.path, database, tmp_path / "backups", NEW_DEVICE)
    assert database.read_bytes() == before
