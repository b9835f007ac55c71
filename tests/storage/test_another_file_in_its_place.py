"""A data file that goes away and comes back while a program runs, as when its volume was not there for a while."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from quartermaster.storage.failures import Missing
from quartermaster.storage.store import Store
from tests.living import plan_entry

BUSY = 4
"""So many units of work at once, each with a connection of its own."""


@contextmanager
def away(database: Path) -> Iterator[None]:
    """The file, and what belongs to it, stand elsewhere."""
    elsewhere = database.parent / "elsewhere"
    elsewhere.mkdir()
    belonging = list(database.parent.glob(f"{database.name}*"))
    for path in belonging:
        path.rename(elsewhere / path.name)
    yield
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()
    for path in belonging:
        (elsewhere / path.name).rename(path)


def names(store: Store) -> set[str]:
    """The plan's entries as each of several connections sees them; they are all used, whichever the pool gives."""
    with ExitStack() as held:
        works = [held.enter_context(store.read()) for _ in range(BUSY)]
        return {entry.name for work in works for entry in work.plan_entries()}


def test_what_was_read_from_another_file_in_its_place_is_not_read_on(store: Store, database: Path) -> None:
    store.set_aside()
    other = database.with_name("other")
    shutil.copy(database, other)
    store.reopen(database)
    plan_entry(store, "Groceries")
    assert names(store) == {"Groceries"}
    with away(database):
        shutil.copy(other, database)
        assert names(store) == set()
    assert names(store) == {"Groceries"}


def test_what_is_written_is_in_the_file_that_is_there(store: Store, database: Path) -> None:
    store.set_aside()
    other = database.with_name("other")
    shutil.copy(database, other)
    store.reopen(database)
    with away(database):
        shutil.copy(other, database)
        names(store)
    plan_entry(store, "Groceries")
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT name FROM plan_entry").fetchall() == [("Groceries",)]


def test_no_file_is_made_where_the_data_file_is_missing(store: Store, database: Path) -> None:
    plan_entry(store, "Groceries")
    with away(database):
        with pytest.raises(Missing), store.read():
            pass
        with pytest.raises(Missing):
            plan_entry(store, "Lost")
        with pytest.raises(Missing):
            store.data_version()
        assert not database.exists()
    assert names(store) == {"Groceries"}


def test_another_file_in_its_place_is_news_and_so_are_commits_in_it(store: Store, database: Path) -> None:
    store.set_aside()
    other = database.with_name("other")
    shutil.copy(database, other)
    store.reopen(database)
    before = store.data_version()
    with away(database):
        shutil.copy(other, database)
        there = store.data_version()
        assert there != before
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("CREATE TABLE anything (id)")
            connection.commit()
        assert store.data_version() != there
    assert store.data_version()[0] > there[0]
