"""When the file or the disk will not: one sentence, nothing half written, and work goes on when it can again."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from quartermaster.domain.posting import PostingDraft
from quartermaster.services.postings import add_posting
from quartermaster.storage import store as store_module
from quartermaster.storage.doctor import examine
from quartermaster.storage.failures import (
    Damaged,
    DiskFull,
    Locked,
    Missing,
    NotQuartermaster,
    NotWritable,
    StorageFailure,
)
from quartermaster.storage.store import Committed, Store
from tests.conftest import Clock
from tests.living import draft, entry, line, plan_entry, plan_seen, seen, started

MOST = 5_000
UNLIMITED = 1_073_741_823


@pytest.fixture
def store(store: Store) -> Store:
    plan_entry(store)
    started(store)
    return store


def opened(path: Path) -> Store:
    return Store(path, now_ms=Clock(), new_id=uuid4)


def allow_pages(store: Store, more: int) -> None:
    """Let the file grow by so many pages: then SQLite says that the disk is full."""
    with store.read() as work:
        pages = work.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        work.connection.exec_driver_sql(f"PRAGMA max_page_count={pages + more}")


def post_until_it_fails(store: Store, here: UUID, failure: type[StorageFailure]) -> tuple[int, PostingDraft, str]:
    """How many were acknowledged, the draft that was refused, and what was said."""
    for count in range(MOST):
        next_one = draft(here, 1, description="x" * 400)
        try:
            with store.write() as work:
                add_posting(work, next_one)
        except failure as refused:
            return count, next_one, refused.sentence
    raise AssertionError("it never failed")


def heads(database: Path) -> list[tuple[object, ...]]:
    """How far the device's chain goes, the clock, and how many changes there are."""
    with closing(sqlite3.connect(database)) as other:
        query = "SELECT counter, head, clock, (SELECT count(*) FROM change) FROM device, this_device"
        return other.execute(query).fetchall()


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes: writing more fails, as on a broken disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_keeps_what_was_acknowledged_and_nothing_of_what_was_refused(store: Store, database: Path) -> None:
    here, told = entry(store, "Groceries").id, list[Committed]()
    allow_pages(store, more=4)
    store.listen(told.append)
    kept, refused, said = post_until_it_fails(store, here, DiskFull)
    assert said == "The disk is full, so nothing was saved. Free some space, then try again."
    assert kept > 0
    assert line(store, "Groceries").postings == kept == len(told)
    with store.read() as work:
        assert work.posting(refused.id) is None
    assert heads(database)[0][0] == heads(database)[0][3]
    assert examine(database).findings == ()


def test_a_full_disk_refuses_again_and_still_changes_nothing(store: Store, database: Path) -> None:
    here = entry(store, "Groceries").id
    allow_pages(store, more=0)
    kept, refused, _ = post_until_it_fails(store, here, DiskFull)
    before = heads(database)
    for _ in range(3):
        with pytest.raises(DiskFull), store.write() as work:
            add_posting(work, refused)
    assert heads(database) == before
    assert line(store, "Groceries").postings == kept


def test_a_full_disk_can_still_be_read(store: Store) -> None:
    allow_pages(store, more=0)
    post_until_it_fails(store, entry(store, "Groceries").id, DiskFull)
    assert [one.entry.name for one in seen(store).lines] == ["Groceries"]


def test_once_there_is_space_again_the_same_posting_is_added(store: Store, database: Path) -> None:
    allow_pages(store, more=1)
    kept, refused, _ = post_until_it_fails(store, entry(store, "Groceries").id, DiskFull)
    allow_pages(store, more=UNLIMITED)
    with store.write() as work:
        assert add_posting(work, refused).id == refused.id
    assert line(store, "Groceries").postings == kept + 1
    assert examine(database).findings == ()


def test_a_disk_that_fails_while_it_writes_loses_nothing_and_works_again(store: Store, database: Path) -> None:
    here = entry(store, "Groceries").id
    size = max(path.stat().st_size for path in database.parent.glob("quartermaster.db*"))
    with no_file_beyond(size + 100_000):
        kept, refused, said = post_until_it_fails(store, here, StorageFailure)
        assert said.startswith("The disk ")
        assert "nothing was saved" in said
        assert line(store, "Groceries").postings == kept
    with store.write() as work:
        add_posting(work, refused)
    assert line(store, "Groceries").postings == kept + 1
    assert examine(database).findings == ()


def test_a_write_that_waits_too_long_is_refused_and_saves_nothing(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "BUSY_TIMEOUT_MS", 20)
    store = opened(database)
    store.found("USD")
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Locked, match="Nothing was saved; try again in a moment"):
            plan_entry(store)
        assert plan_seen(store).is_empty
    plan_entry(store)
    store.close()


def test_a_file_that_cannot_be_written_is_named_as_that(store: Store) -> None:
    with pytest.raises(NotWritable, match="check who owns the file"), store.write() as work:
        work.connection.exec_driver_sql("PRAGMA query_only=ON")
        add_posting(work, draft(entry(store, "Groceries").id))


def test_a_file_in_a_folder_that_is_not_there_is_named_as_that(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="cannot be opened"):
        plan_seen(opened(tmp_path / "nowhere" / "quartermaster.db"))
    assert not (tmp_path / "nowhere").exists()


def test_a_file_that_is_no_database_is_named_as_that(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Ada, " * 1_000)
    with pytest.raises(NotQuartermaster, match="Choose another one"):
        plan_seen(opened(path))
    assert path.read_text() == "Dear Ada, " * 1_000


def test_a_damaged_file_asks_for_a_backup(store: Store, database: Path) -> None:
    with store.read() as work:
        root = work.connection.exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'plan_entry'").scalar()
    store.set_aside()
    with database.open("r+b") as file:
        file.seek((int(root or 0) - 1) * 4096)
        file.write(b"\xff" * 4096)
    store.reopen(database)
    with pytest.raises(Damaged, match="Restore the newest backup"):
        plan_seen(store)
    store.close()


def test_a_bug_in_a_query_is_no_failure_of_the_file(store: Store) -> None:
    with pytest.raises(Exception, match="no such table") as found, store.read() as work:
        work.connection.exec_driver_sql("SELECT * FROM nowhere")
    assert not isinstance(found.value, StorageFailure)
