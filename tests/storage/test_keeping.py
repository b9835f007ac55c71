"""Migrations, backups, restore and the doctor, on real files."""

from __future__ import annotations

import errno
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from quartermaster.storage import migrate
from quartermaster.storage.backup import DAILY, back_up, daily_is_due, kept_dailies, list_backups, thin
from quartermaster.storage.doctor import examine
from quartermaster.storage.failures import Damaged, DiskFull, InUse, Missing, Newer, NotQuartermaster, StorageFailure
from quartermaster.storage.restore import restore
from quartermaster.storage.schema import metadata
from quartermaster.storage.store import Store, open_engine
from tests.living import entry, line, plan_entry, plan_seen, posted, started

AT_ONCE = 6
NOON = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)
NEW_DEVICE = UUID(int=0xBEEF)


def test_a_migrated_file_has_exactly_the_schema_that_the_code_expects(database: Path) -> None:
    engine = open_engine(database)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert differences == []


def test_preparing_again_changes_nothing(database: Path, tmp_path: Path) -> None:
    assert migrate.prepare(database, tmp_path / "backups").was == "current"
    assert list_backups(tmp_path / "backups") == []


def test_a_newer_file_is_refused_in_a_sentence(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(Newer, match="Update this program"):
        migrate.prepare(database, tmp_path / "backups")


def test_a_failed_migration_leaves_the_file_as_it_was_and_names_the_backup(
    store: Store, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan_entry(store)
    store.close()
    before = list(_dump(database))
    scripts = tmp_path / "scripts"
    (scripts / "versions").mkdir(parents=True)
    source = migrate._scripts()
    for path in (*source.glob("*.*"), *source.glob("versions/*.py")):
        (scripts / path.relative_to(source)).write_text(path.read_text())
    (scripts / "versions" / "9999_breaks.py").write_text(
        f"from alembic import op\nrevision = '9999'\ndown_revision = '{migrate.head()}'\n"
        "def upgrade():\n"
        "    op.execute('ALTER TABLE posting ADD COLUMN x INTEGER')\n"
        "    op.execute('DROP TABLE nowhere')\n"
    )
    monkeypatch.setattr(migrate, "_scripts", lambda: scripts)
    migrate.head.cache_clear()
    migrate.known_revisions.cache_clear()
    try:
        with pytest.raises(StorageFailure, match="before-migration"):
            migrate.prepare(database, tmp_path / "backups")
    finally:
        migrate.head.cache_clear()
        migrate.known_revisions.cache_clear()
    assert list(_dump(database)) == before
    assert len(list_backups(tmp_path / "backups")) == 1


def test_a_backup_is_one_file_that_holds_what_was_committed(store: Store, database: Path, tmp_path: Path) -> None:
    plan_entry(store)
    backup = back_up(database, tmp_path / "backups", "Before the Move!", NOON)
    assert backup.path.name == "quartermaster-20260517-120000-before-the-move.db"
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [backup.path.name]
    assert examine(backup.path).findings == ()


@pytest.mark.parametrize("can_link", [True, False], ids=["with hard links", "without"])
def test_two_backups_of_one_second_both_stay(
    store: Store, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_link: bool
) -> None:
    if not can_link:
        monkeypatch.setattr(os, "link", _refused)
    first = back_up(database, tmp_path / "backups", "now", NOON)
    second = back_up(database, tmp_path / "backups", "now", NOON)
    assert first.path != second.path
    assert len(list_backups(tmp_path / "backups")) == 2


@pytest.mark.parametrize("can_link", [True, False], ids=["with hard links", "without"])
def test_backups_that_are_made_at_once_all_stay_and_are_whole(
    store: Store, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_link: bool
) -> None:
    if not can_link:
        monkeypatch.setattr(os, "link", _refused)
    folder = tmp_path / "backups"
    for _ in range(300):
        plan_entry(store)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        made = list(threads.map(lambda _: back_up(database, folder, "now", NOON), range(AT_ONCE)))
    assert len({backup.path for backup in made}) == AT_ONCE
    assert sorted(folder.iterdir()) == sorted(backup.path for backup in made)
    assert all(examine(backup.path).findings == () for backup in made)


def _refused(*_: object) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


def test_dailies_thin_to_seven_days_eight_weeks_and_twelve_months() -> None:
    created = [NOON - timedelta(days=days) for days in range(800)]
    kept = sorted(kept_dailies(created), reverse=True)
    assert kept[:7] == created[:7]
    assert len({moment.strftime("%Y-%m") for moment in kept}) == 12
    assert 7 + 7 + 10 <= len(kept) <= 7 + 8 + 12
    # 17 May 2026 is a Sunday: the newest of each older week is a Sunday as well, until the months alone are kept.
    weeks = [NOON - timedelta(weeks=weeks) for weeks in range(9)]
    assert [moment in kept for moment in weeks] == [True] * 8 + [False]


def test_thinning_never_removes_what_a_person_or_a_restore_made(store: Store, database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    for days in range(10):
        back_up(database, folder, "daily", NOON - timedelta(days=days))
    back_up(database, folder, "before-restore", NOON - timedelta(days=900))
    back_up(database, folder, "tax-year", NOON - timedelta(days=901))
    thin(folder)
    reasons = [backup.reason for backup in list_backups(folder)]
    assert reasons.count("daily") < 10
    assert {"before-restore", "tax-year"} <= set(reasons)


def test_a_daily_backup_is_due_once_a_day(store: Store, database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    assert daily_is_due(folder, NOON)
    back_up(database, folder, "daily", NOON)
    assert not daily_is_due(folder, NOON + timedelta(hours=11))
    assert daily_is_due(folder, NOON + timedelta(hours=13))


def test_a_restore_brings_back_what_was_and_can_be_undone(store: Store, database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    plan_entry(store, "Groceries")
    started(store)
    earlier = back_up(database, folder, "earlier", NOON)
    posted(store, entry(store, "Groceries").id, 555)
    store.set_aside()
    undo = restore(earlier.path, database, folder, NEW_DEVICE, NOON)
    store.reopen(database)
    assert line(store, "Groceries").applied == 0
    assert undo is not None
    store.set_aside()
    restore(undo.path, database, folder, UUID(int=0xCAFE), NOON)
    store.reopen(database)
    assert line(store, "Groceries").applied == 555
    assert examine(database).findings == ()


def test_after_a_restore_the_device_speaks_under_a_new_identity(store: Store, database: Path, tmp_path: Path) -> None:
    backup = back_up(database, tmp_path / "backups", "now", NOON)
    store.set_aside()
    restore(backup.path, database, tmp_path / "backups", NEW_DEVICE, NOON)
    store.reopen(database)
    plan_entry(store)
    with closing(sqlite3.connect(database)) as connection:
        said = connection.execute(
            "SELECT device.id, change.counter FROM change JOIN device ON no = device_no WHERE kind = 'plan_entry'"
        ).fetchall()
    assert said == [(NEW_DEVICE.bytes, 1)]


def test_a_restore_is_refused_while_another_connection_is_open(store: Store, database: Path, tmp_path: Path) -> None:
    plan_entry(store)
    backup = back_up(database, tmp_path / "backups", "now", NOON)
    before = list(_dump(database))
    with pytest.raises(InUse, match="Close it there"):
        restore(backup.path, database, tmp_path / "backups", NEW_DEVICE, NOON)
    assert list(_dump(database)) == before
    plan_entry(store, "Still works")


@pytest.mark.parametrize("content", [b"", b"not a database" * 500, b"SQLite format 3\x00" + b"\x00" * 4000])
def test_a_file_that_is_not_ours_is_refused_and_nothing_is_touched(
    store: Store, database: Path, tmp_path: Path, content: bytes
) -> None:
    plan_entry(store)
    store.close()
    before = database.read_bytes()
    other = tmp_path / "other.db"
    other.write_bytes(content)
    with pytest.raises(StorageFailure):
        restore(other, database, tmp_path / "backups", NEW_DEVICE, NOON)
    assert database.read_bytes() == before


def test_a_foreign_sqlite_file_is_refused(database: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE notes (text)")
    with pytest.raises(NotQuartermaster):
        restore(other, database, tmp_path / "backups", NEW_DEVICE, NOON)
    with pytest.raises(NotQuartermaster):
        migrate.prepare(other, tmp_path / "backups")
    with pytest.raises(Missing):
        restore(tmp_path / "nowhere.db", database, tmp_path / "backups", NEW_DEVICE, NOON)


def test_a_backup_whose_rows_refer_to_nothing_is_refused_and_nothing_is_touched(
    store: Store, database: Path, tmp_path: Path
) -> None:
    plan_entry(store)
    backup = back_up(database, tmp_path / "backups", "now", NOON)
    store.close()
    with closing(sqlite3.connect(backup.path)) as connection:
        connection.execute("UPDATE plan_entry SET born_device = 99")
        connection.commit()
    before = list(_dump(database))
    with pytest.raises(Damaged, match="some of its rows refer to nothing"):
        restore(backup.path, database, tmp_path / "backups", NEW_DEVICE)
    assert list(_dump(database)) == before
    assert [one.path for one in list_backups(tmp_path / "backups")] == [backup.path]


def test_leftover_wal_files_never_mix_with_a_restored_file(store: Store, database: Path, tmp_path: Path) -> None:
    backup = back_up(database, tmp_path / "backups", "now", NOON)
    plan_entry(store, "Only in the write-ahead log")
    leftover = Path(f"{database}-wal").read_bytes()
    store.set_aside()
    Path(f"{database}-wal").write_bytes(leftover)
    restore(backup.path, database, tmp_path / "backups", NEW_DEVICE, NOON)
    store.reopen(database)
    with store.read() as work:
        assert work.plan_entries() == []
    assert examine(database).findings == ()


def test_the_doctor_finds_a_row_that_the_log_did_not_make(store: Store, database: Path) -> None:
    plan_entry(store)
    assert examine(database).findings == ()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE plan_entry SET planned = planned + 1")
        connection.commit()
    assert any("plan_entry" in finding for finding in examine(database).findings)


def test_the_doctor_finds_a_log_that_was_rewritten(store: Store, database: Path) -> None:
    plan_entry(store)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE change SET fields = replace(fields, 'Groceries', 'Gold') WHERE kind = 'plan_entry'")
        connection.commit()
    assert any("not what was committed" in finding for finding in examine(database).findings)


def test_a_full_disk_refuses_the_posting_and_keeps_nothing_of_it(store: Store, database: Path) -> None:
    plan_entry(store)
    started(store)
    groceries = entry(store, "Groceries").id
    with store.write() as work:
        pages = work.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    with pytest.raises(DiskFull, match="Free some space"), store.write() as work:
        work.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        _post_until_full(work, groceries)
    assert line(store, "Groceries").postings == 0
    store.reopen(database)
    posted(store, groceries, 700)
    assert line(store, "Groceries").applied == 700
    assert examine(database).findings == ()


def _post_until_full(work: object, entry_id: UUID) -> None:
    from quartermaster.services.postings import add_posting
    from tests.living import draft

    for _ in range(5_000):
        add_posting(work, draft(entry_id, description="x" * 400))  # type: ignore[arg-type]


def _dump(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize("at", [0, 100, 4096], ids=["header", "first page", "second page"])
def test_a_restore_puts_a_damaged_file_aside_as_it_is(store: Store, database: Path, tmp_path: Path, at: int) -> None:
    plan_entry(store)
    folder = tmp_path / "backups"
    backup = back_up(database, folder, "manual", NOON)
    store.close()
    with database.open("rb+") as file:
        file.seek(at)
        file.write(b"damage" * 600)
    damaged = database.read_bytes()
    aside = restore(backup.path, database, folder, NEW_DEVICE, NOON)
    assert aside is not None
    assert aside.path.read_bytes()[100:] == damaged[100:]
    assert aside.path not in [listed.path for listed in list_backups(folder)]
    restored = Store(database, now_ms=lambda: 0, new_id=lambda: NEW_DEVICE)
    assert [entry.name for group in plan_seen(restored).groups for s in group.sections for entry in s.entries]
    restored.close()
    assert examine(database).findings == ()


def test_a_second_daily_backup_of_one_second_is_thinned_like_the_first(
    store: Store, database: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    for _ in range(2):
        back_up(database, folder, DAILY, NOON - timedelta(days=900))
    for day in range(800):
        if day % 5 == 0:
            back_up(database, folder, DAILY, NOON - timedelta(days=day))
    thin(folder)
    assert not [made for made in list_backups(folder) if made.created < NOON - timedelta(days=850)]
