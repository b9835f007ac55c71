"""Taking back an upgrade: the backup before it comes back only where nothing was written since."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from quartermaster.storage.backup import back_up, list_backups
from quartermaster.storage.doctor import examine
from quartermaster.storage.failures import Newer, StorageFailure
from quartermaster.storage.going_back import go_back
from quartermaster.storage.store import Store
from tests.living import plan_entry, plan_seen

NOON = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)
NEW_DEVICE = UUID(int=0xBEEF)


@pytest.fixture
def upgraded(store: Store, database: Path, tmp_path: Path) -> Path:
    """A household with one entry, whose file a later program has taken over; the backup before that."""
    plan_entry(store, "Groceries")
    store.close()
    return _upgrade(database, tmp_path / "backups", NOON, "9999")


def test_an_upgrade_in_which_nothing_was_written_is_taken_back(
    upgraded: Path, database: Path, tmp_path: Path, clock: Callable[[], int]
) -> None:
    gone_back = go_back(database, tmp_path / "backups", NEW_DEVICE)
    assert gone_back is not None
    assert gone_back.to.path == upgraded
    assert gone_back.before is not None
    assert gone_back.before.reason == "before-restore"
    assert examine(database).findings == ()
    with closing(Store(database, now_ms=clock, new_id=uuid4)) as store:
        sections = [section for group in plan_seen(store).groups for section in group.sections]
        assert [entry.name for section in sections for entry in section.entries] == ["Groceries"]


def test_what_was_written_since_the_upgrade_is_never_given_up(upgraded: Path, database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        # What a later program would write, as far as this one can.
        connection.execute(
            "INSERT INTO change SELECT device_no, counter + 1, stamp + 1, action, kind, record, op,"
            " fields, seen, randomblob(32) FROM change ORDER BY counter DESC LIMIT 1"
        )
        connection.commit()
    before = database.read_bytes()
    with pytest.raises(StorageFailure, match=f"written since {upgraded} was made.*restore that file by its name"):
        go_back(database, tmp_path / "backups", NEW_DEVICE)
    assert database.read_bytes() == before
    assert [backup.path for backup in list_backups(tmp_path / "backups")] == [upgraded]


def test_a_log_that_this_program_cannot_compare_is_not_given_up(upgraded: Path, database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("ALTER TABLE change RENAME TO utterance")
        connection.commit()
    with pytest.raises(StorageFailure, match=f"cannot be compared with {upgraded}"):
        go_back(database, tmp_path / "backups", NEW_DEVICE)


def test_a_file_that_this_program_reads_stays_as_it_is(store: Store, database: Path, tmp_path: Path) -> None:
    plan_entry(store)
    back_up(database, tmp_path / "backups", "before-migration", NOON)
    store.close()
    before = database.read_bytes()
    assert go_back(database, tmp_path / "backups", NEW_DEVICE) is None
    assert database.read_bytes() == before


def test_where_nothing_is_yet_there_is_nothing_to_go_back_from(tmp_path: Path) -> None:
    assert go_back(tmp_path / "none.db", tmp_path / "backups", NEW_DEVICE) is None
    assert list(tmp_path.iterdir()) == []


def test_of_several_upgrades_the_last_that_this_program_reads_is_taken(
    upgraded: Path, database: Path, tmp_path: Path
) -> None:
    _upgrade(database, tmp_path / "backups", NOON + timedelta(days=1), "99999")
    gone_back = go_back(database, tmp_path / "backups", NEW_DEVICE)
    assert gone_back is not None
    assert gone_back.to.path == upgraded


def test_without_a_backup_before_the_upgrade_the_newer_file_is_refused(
    upgraded: Path, database: Path, tmp_path: Path
) -> None:
    upgraded.rename(tmp_path / "elsewhere.db")
    with pytest.raises(Newer, match="no backup before-migration that this program reads"):
        go_back(database, tmp_path / "backups", NEW_DEVICE)


def _upgrade(database: Path, backups: Path, when: datetime, revision: str) -> Path:
    """What a later program does to the file at its start."""
    backup = back_up(database, backups, "before-migration", when)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("ALTER TABLE posting ADD COLUMN mood" + revision)
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        connection.commit()
    return backup.path
