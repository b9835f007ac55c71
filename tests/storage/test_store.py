"""The store: real transactions on a real file, which other programs may use at the same time."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from quartermaster.domain.errors import Refused
from quartermaster.domain.section import Section
from quartermaster.services.plans import add_plan_entry
from quartermaster.services.postings import add_posting, add_postings
from quartermaster.storage.doctor import examine
from quartermaster.storage.identity import found_device
from quartermaster.storage.store import LOG_BYTES, Committed, Store
from quartermaster.storage.work import Work
from tests.conftest import Clock
from tests.living import draft, entry, line, plan_entry, plan_seen, posted, started
from tests.running import CHECKOUT


@contextmanager
def another(database: Path) -> Iterator[Store]:
    """A second program on the same file."""
    store = Store(database, now_ms=Clock(), new_id=uuid4)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def impatient(database: Path) -> Iterator[sqlite3.Connection]:
    """A plain connection that waits for nobody."""
    with closing(sqlite3.connect(database, isolation_level=None, timeout=0)) as connection:
        yield connection


def names(work: Work) -> list[str]:
    return [entry.name for entry in work.plan_entries()]


def everything(store: Store) -> list[list[tuple[Any, ...]]]:
    """All rows of the tables that a change touches: log, counters, clock, plan."""
    tables = ("change", "device", "this_device", "plan_entry", "posting")
    with store.read() as work:
        return [
            [tuple(row) for row in work.connection.exec_driver_sql(f"SELECT * FROM {table}").all()] for table in tables
        ]


@pytest.mark.parametrize("way", ["read", "write"])
def test_every_connection_is_durable_checks_references_and_waits(store: Store, way: str) -> None:
    with getattr(store, way)() as work:
        found = {
            name: work.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 5_000}


def test_a_row_that_refers_to_nothing_is_refused_by_the_file_itself(store: Store) -> None:
    with pytest.raises(IntegrityError), store.write() as work:
        work.connection.exec_driver_sql("UPDATE this_device SET device_no = 99")


def test_a_write_holds_the_lock_from_its_first_moment(store: Store, database: Path) -> None:
    with impatient(database) as other:
        with store.write(), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN IMMEDIATE")


def test_a_read_holds_no_lock_that_a_writer_needs(store: Store, database: Path) -> None:
    with store.read() as work, another(database) as other:
        assert names(work) == []
        plan_entry(other)
        assert names(work) == []
    assert not plan_seen(store).is_empty


def test_a_reader_is_never_kept_waiting_and_sees_what_was_committed(store: Store, database: Path) -> None:
    plan_entry(store, "Before")
    with impatient(database) as other, store.write() as work:
        add_plan_entry(work, section=Section.FOOD, name="Not yet", planned=1)
        assert other.execute("SELECT name FROM plan_entry").fetchall() == [("Before",)]
        with store.read() as reading:
            assert names(reading) == ["Before"]


@pytest.mark.parametrize("same_store", [True, False], ids=["in one program", "in two"])
def test_a_second_writer_waits_and_builds_on_what_the_first_did(store: Store, database: Path, same_store: bool) -> None:
    trying = threading.Event()
    seen: list[list[str]] = []

    def second(mine: Store) -> None:
        trying.set()
        with mine.write() as work:
            seen.append(names(work))

    with another(database) as other:
        thread = threading.Thread(target=second, args=(store if same_store else other,))
        with store.write() as work:
            thread.start()
            trying.wait()
            add_plan_entry(work, section=Section.FOOD, name="First", planned=1)
        thread.join()
    assert seen == [["First"]]


def test_many_threads_and_two_programs_lose_nothing_and_leave_no_gap(store: Store, database: Path) -> None:
    plan_entry(store)
    started(store)
    here = entry(store, "Groceries").id
    with another(database) as other:
        threads = [
            threading.Thread(target=lambda mine=mine: [posted(mine, here, 1) for _ in range(10)])
            for mine in (store, other) * 3
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert line(store, "Groceries").applied == 60
    assert examine(database).findings == ()


@pytest.mark.parametrize("failure", [Refused("No."), RuntimeError("a bug")])
def test_a_verb_that_fails_leaves_no_trace(store: Store, failure: Exception) -> None:
    plan_entry(store)
    told: list[Committed] = []
    before = everything(store)
    store.listen(told.append)
    with pytest.raises(type(failure)), store.write() as work:
        add_plan_entry(work, section=Section.FOOD, name="Half", planned=1)
        work.announce("never")
        raise failure
    assert everything(store) == before
    assert told == []
    plan_entry(store, "Next")
    with store.read() as work:
        assert [row.counter for row in work.connection.exec_driver_sql("SELECT counter FROM device")] == [3]


def test_no_message_of_an_error_holds_what_was_typed(store: Store) -> None:
    with store.read() as work, pytest.raises(DBAPIError) as failed:
        work.connection.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": "Dr. Private"})
    assert "Private" not in str(failed.value)


def test_what_is_written_in_a_read_is_gone(store: Store) -> None:
    before = everything(store)
    with store.read() as work:
        add_plan_entry(work, section=Section.FOOD, name="Read only", planned=1)
    assert everything(store) == before


def test_one_unit_of_work_is_one_action(store: Store) -> None:
    told: list[Committed] = []
    store.listen(told.append)
    with store.write() as work:
        for name in ("one", "two"):
            add_plan_entry(work, section=Section.FOOD, name=name, planned=1)
    plan_entry(store, "three")
    with store.read() as work:
        rows = work.connection.exec_driver_sql(
            "SELECT counter, action FROM change WHERE kind = 'plan_entry' ORDER BY counter"
        ).all()
    assert [tuple(row) for row in rows] == [(2, 2), (3, 2), (4, 4)]
    assert [committed.action for committed in told] == [2, 4]


def test_events_go_out_after_the_commit_that_they_report(store: Store, database: Path) -> None:
    plan_entry(store)
    started(store)
    here, found = entry(store, "Groceries").id, []

    def look(committed: Committed) -> None:
        with another(database) as other:
            found.append((committed.events[0].name, line(other, "Groceries").postings))

    store.listen(look)
    posted(store, here)
    assert found == [("posting_added", 1)]


def test_an_event_becomes_one_record_of_the_log_after_the_commit(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    plan_entry(store)
    started(store)
    caplog.set_level(logging.INFO, "quartermaster.events")
    with store.write() as work:
        add_posting(work, draft(entry(store, "Groceries").id, 700, payee="Secret", description="Secret"))
        assert caplog.records == []
    [record] = caplog.records
    assert (record.name, record.levelname, record.getMessage()) == ("quartermaster.events", "INFO", "posting_added")
    assert (record.__dict__["event"], record.__dict__["amount"]) == ("posting_added", 700)
    assert "Secret" not in str(record.__dict__)


def test_a_listener_hears_every_commit_in_order_until_it_ends(store: Store) -> None:
    heard: list[tuple[str, int, int]] = []
    first = store.listen(lambda committed: heard.append(("first", committed.action or 0, threading.get_ident())))
    store.listen(lambda committed: heard.append(("second", committed.action or 0, threading.get_ident())))
    plan_entry(store)
    first()
    plan_entry(store, "Rent")
    me = threading.get_ident()
    assert heard == [("first", 2, me), ("second", 2, me), ("second", 3, me)]


def test_the_data_version_tells_of_every_commit_by_whomever_and_of_nothing_else(store: Store, database: Path) -> None:
    versions = [store.data_version()]
    with another(database) as other:
        plan_entry(store)
        versions.append(store.data_version())
        plan_entry(other, "Rent")
        versions.append(store.data_version())
        _in_a_process(database, "plan_entry(store, 'From elsewhere')")
        versions.append(store.data_version())
        assert len(set(versions)) == 4
        with pytest.raises(Refused), other.write() as work:
            add_plan_entry(work, section=Section.FOOD, name="", planned=1)
        plan_seen(other)
        assert store.data_version() == store.data_version() == versions[-1]
    with store.read() as work:
        assert "From elsewhere" in names(work)


def test_two_programs_share_one_identity_and_one_chain(store: Store, database: Path) -> None:
    plan_entry(store)
    _in_a_process(database, "plan_entry(store, 'Rent')")
    plan_entry(store, "Water")
    with store.read() as work:
        rows = work.connection.exec_driver_sql("SELECT device_no, counter FROM change ORDER BY counter").all()
    assert [tuple(row) for row in rows] == [(1, 1), (1, 2), (1, 3), (1, 4)]
    assert examine(database).findings == ()


def test_founding_again_changes_nothing(store: Store) -> None:
    before = everything(store)
    store.found("EUR")
    assert everything(store) == before
    assert plan_seen(store).household.currency == "USD"


def test_a_file_has_one_identity(store: Store) -> None:
    with pytest.raises(IntegrityError), store.write() as work:
        found_device(work.connection, UUID(int=1), UUID(int=2))


def test_a_reopened_store_goes_on_where_it_was(store: Store, database: Path) -> None:
    plan_entry(store)
    store.data_version()
    store.reopen(database)
    plan_entry(store, "Rent")
    store.data_version()
    assert examine(database).findings == ()


def test_a_commit_right_after_the_file_was_exchanged_is_news(store: Store, database: Path) -> None:
    before = store.data_version()
    store.reopen(database)
    after = store.data_version()
    store.reopen(database)
    with another(database) as other:
        plan_entry(other)
    # SQLite's own count begins at the same number on every connection.
    versions = [before, after, store.data_version()]
    assert len(set(versions)) == 3
    store.reopen(database)
    plan_entry(store)
    assert store.data_version()[1] > before[1]


def test_a_log_that_one_large_action_made_long_is_cut_again_soon(store: Store, database: Path) -> None:
    plan_entry(store)
    started(store)
    log, groceries = Path(f"{database}-wal"), entry(store, "Groceries").id
    with store.write() as work:
        add_postings(work, [draft(groceries) for _ in range(9_000)])
    assert log.stat().st_size > 4 * LOG_BYTES
    posted(store, groceries)
    assert log.stat().st_size <= LOG_BYTES


def test_the_last_one_to_close_leaves_a_single_file(store: Store, database: Path) -> None:
    plan_entry(store)
    assert Path(f"{database}-wal").exists()
    store.close()
    assert [path.name for path in database.parent.glob("*.db*")] == [database.name]


def _in_a_process(database: Path, act: str) -> None:
    said = (
        "import sys, time, uuid; from pathlib import Path; from tests.living import *;"
        "store = Store(Path(sys.argv[1]), now_ms=lambda: time.time_ns() // 10**6, new_id=uuid.uuid4);"
        f"{act}; store.close()"
    )
    subprocess.run([sys.executable, "-c", said, str(database)], cwd=CHECKOUT, check=True, timeout=60)


def test_a_listener_that_fails_neither_fails_the_write_nor_silences_the_others(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Committed] = []

    def fails(_: Committed) -> None:
        raise ZeroDivisionError

    store.listen(fails)
    store.listen(heard.append)
    with caplog.at_level("ERROR", logger="quartermaster.events"):
        plan_entry(store)
    assert len(heard) == 1
    assert [record.event for record in caplog.records] == ["bug"]  # type: ignore[attr-defined]  # an extra
