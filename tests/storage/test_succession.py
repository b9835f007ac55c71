"""One household in the place of another, in one step."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from quartermaster.storage.backup import BEFORE_JOINING, list_backups
from quartermaster.storage.doctor import examine
from quartermaster.storage.failures import Damaged, DiskFull, InUse, translated
from quartermaster.storage.migrate import prepare
from quartermaster.storage.store import Store
from quartermaster.storage.succession import alone, require_sound, succeed
from tests.conftest import Clock
from tests.living import plan_entry, plan_seen


@pytest.fixture
def candidate(tmp_path: Path, clock: Clock) -> Path:
    """Another household's file, larger than the one that it is to succeed."""
    path = tmp_path / "candidate" / "candidate.db"
    prepare(path, path.parent)
    other = Store(path, now_ms=clock, new_id=iter(UUID(int=number) for number in range(900, 2_000)).__next__)
    other.found("EUR")
    for number in range(100):
        plan_entry(other, f"Theirs {number}")
    other.close()
    return path


def names(store: Store) -> list[str]:
    return [one.name for group in plan_seen(store).groups for section in group.sections for one in section.entries]


def test_a_disk_that_becomes_full_in_the_last_step_leaves_what_was_there(
    store: Store, database: Path, candidate: Path
) -> None:
    plan_entry(store, "Mine")
    store.set_aside()
    backups = database.parent / "backups"
    with pytest.raises(DiskFull), translated(), alone(database) as live:
        live.execute(f"PRAGMA max_page_count={live.execute('PRAGMA page_count').fetchone()[0]}")
        succeed(candidate, live, database, backups, BEFORE_JOINING)
    store.reopen(database)
    assert names(store) == ["Mine"]
    assert examine(database).findings == ()
    assert [made.reason for made in list_backups(backups)] == [BEFORE_JOINING]


def test_nobody_is_succeeded_while_another_connection_is_open(store: Store, database: Path, candidate: Path) -> None:
    plan_entry(store, "Mine")
    with pytest.raises(InUse, match="Close it there"), alone(database) as live:
        succeed(candidate, live, database, database.parent / "backups", BEFORE_JOINING)
    assert names(store) == ["Mine"]


def test_a_file_that_is_not_whole_is_refused(candidate: Path) -> None:
    require_sound(candidate, "Not whole.")
    with closing(sqlite3.connect(candidate)) as connection:
        connection.execute("UPDATE change SET device_no = 77 WHERE counter = 2")
        connection.commit()
    with pytest.raises(Damaged, match="Not whole"):
        require_sound(candidate, "Not whole.")
