"""Closing the store: whoever is inside comes to the end, nobody comes in after, and the log is folded into the file."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from quartermaster.storage.failures import Closed
from quartermaster.storage.store import Store
from tests.living import plan_entry
from tests.running import WITHIN_S


def _has_log(database: Path) -> bool:
    return database.with_name(f"{database.name}-wal").exists()


def _until_it_closes(store: Store) -> None:
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        try:
            store.data_version()
        except Closed:
            return
        time.sleep(0.001)  # looked at again; nothing depends on how long


def test_what_is_being_read_is_read_to_its_end_and_the_log_is_folded(store: Store, database: Path) -> None:
    plan_entry(store)
    inside, seen = threading.Event(), list[str]()

    def read() -> None:
        with store.read() as work:
            inside.set()
            _until_it_closes(store)
            seen.extend(entry.name for entry in work.plan_entries())

    reading = threading.Thread(target=read)
    reading.start()
    assert inside.wait(WITHIN_S)
    store.close()
    assert seen == ["Groceries"]
    assert not _has_log(database)
    reading.join()


def test_a_late_look_does_not_open_the_file_again(store: Store, database: Path) -> None:
    plan_entry(store)
    store.close()
    for use in (store.data_version, lambda: store.read().__enter__(), lambda: store.write().__enter__()):
        with pytest.raises(Closed):
            use()
    assert not _has_log(database)


def test_writers_that_wait_for_their_turn_are_not_waited_for(store: Store, database: Path) -> None:
    inside, refused = threading.Event(), list[Closed]()

    def write() -> None:
        with store.write():
            inside.set()
            _until_it_closes(store)

    def write_later() -> None:
        try:
            plan_entry(store)
        except Closed as no:
            refused.append(no)

    first, *later = [threading.Thread(target=job) for job in (write, write_later, write_later)]
    first.start()
    assert inside.wait(WITHIN_S)
    for writer in later:
        writer.start()
    store.close()
    for writer in (first, *later):
        writer.join(WITHIN_S)
    assert len(refused) == 2
    assert not _has_log(database)


def test_an_exchange_of_the_file_that_ends_after_the_program_leaves_it_closed(store: Store, database: Path) -> None:
    plan_entry(store)
    store.set_aside()
    store.close()
    store.reopen(database)
    with pytest.raises(Closed):
        plan_entry(store)
    assert not _has_log(database)


def test_it_goes_on_after_it_was_set_aside(store: Store, database: Path) -> None:
    store.set_aside()
    store.reopen(database)
    plan_entry(store)
    assert store.data_version() == store.data_version()


def test_closing_twice_is_harmless(store: Store) -> None:
    store.close()
    store.close()
