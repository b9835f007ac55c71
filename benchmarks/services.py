"""What the services cost: one posting, ten thousand, the view models, and the bytes they leave on disk."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

from pythonjsonlogger.json import JsonFormatter

from benchmarks.figures import Figure, median
from benchmarks.first_view import plan_page
from benchmarks.household import LAST_MONTH, drafts, furnish, opened, post
from quartermaster.domain.posting import PostingDraft
from quartermaster.services.history import history
from quartermaster.services.month_views import month_list, month_view
from quartermaster.services.postings import add_posting, add_postings, ledger, payees
from quartermaster.storage.store import Store
from quartermaster.storage.work import Work

SINGLE, COLD_STARTS, PAGES, SIZES = 300, 7, 20, (10_000, 100_000)
MEGABYTE = 1_000_000


def measured(folder: Path) -> list[Figure]:
    """All figures that need no browser, at both sizes of the household."""
    figures: list[Figure] = []
    with _logged(folder):
        for size in SIZES:
            figures += _at_size(folder, size)
    return figures


def _at_size(folder: Path, size: int) -> list[Figure]:
    path = folder / f"{size}.db"
    label = f"{size:,} postings"
    with opened(path) as store:
        entries = furnish(store)
        bare = _bytes(store)
        first, *rest = (drafts(entries, 10_000, seed) for seed in range(size // 10_000))
        seconds = _seconds(lambda: _in_one_action(store, first))
        grown = _bytes(store) - bare
        for more in rest:
            post(store, more)
        insert = _yardstick(folder)
        single = _single(store, drafts(entries, SINGLE, seed=99))
        queries = _queries(store)
        page = median([_seconds(lambda: _read(store, history)) for _ in range(PAGES)]) * 1000
    figures = [
        Figure(f"posting added, {label}", single, "ms", 3),
        Figure(f"  of a bare insert, {label}", single / insert, "times", 8),
        Figure("  the bare insert, same durability", insert, "ms"),
        Figure(f"month's view model, first in its process, {label}", _cold(path, "month"), "ms", 5),
        Figure(f"plan's view model with its funds, first in its process, {label}", _cold(path, "plan"), "ms", 5),
        Figure(f"months of palette and picker, first in their process, {label}", _cold(path, "months"), "ms", 5),
        Figure(f"the archive, first in its process, {label}", _cold(path, "archive"), "ms"),
        Figure(f"a page of the history, {label}", page, "ms", 10),
        *(Figure(f"queries of {name}, {label}", count, "", None) for name, count in queries.items()),
    ]
    if not rest:
        figures.append(Figure("10,000 postings in one action", seconds, "s", 2))
        figures.append(Figure("10,000 postings with their log on disk", grown / MEGABYTE, "MB", 8))
    return figures


def _single(store: Store, wanted: list[PostingDraft]) -> float:
    """Milliseconds to add one posting, each in a transaction of its own."""
    taken = []
    for draft in wanted:
        before = time.perf_counter()
        with store.write() as work:
            add_posting(work, draft)
        taken.append(time.perf_counter() - before)
    return median(taken) * 1000


def _in_one_action(store: Store, wanted: list[PostingDraft]) -> None:
    with store.write() as work:
        add_postings(work, wanted)


def _yardstick(folder: Path) -> float:
    """Milliseconds for the same insert by sqlite3 alone: one table, WAL, synchronous=FULL."""
    path = folder / "yardstick.db"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(
            "CREATE TABLE posting (id BLOB PRIMARY KEY, entry BLOB, day TEXT, amount INTEGER, payee TEXT)"
        )
        taken = []
        for _ in range(SINGLE):
            row = (uuid4().bytes, uuid4().bytes, "2026-05-17", 1234, "Marlow Market")
            before = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO posting VALUES (?, ?, ?, ?, ?)", row)
            connection.execute("COMMIT")
            taken.append(time.perf_counter() - before)
    return median(taken) * 1000


def _cold(path: Path, which: str) -> float:
    """Milliseconds of the first view model in a fresh process that has opened its store."""
    command = [sys.executable, "-m", "benchmarks.first_view", str(path), which]
    return median([float(subprocess.check_output(command)) for _ in range(COLD_STARTS)])


def _read(store: Store, ask: Callable[[Work], object]) -> object:
    with store.read() as work:
        return ask(work)


def _queries(store: Store) -> dict[str, int]:
    with store.read() as work:
        view = month_view(work, LAST_MONTH)
    assert view is not None
    entry = view.lines[0].entry.id
    return {
        "the month": _counted(store, lambda work: month_view(work, LAST_MONTH)),
        "the plan with its funds": _counted(store, plan_page),
        "the archive": _counted(store, month_list),
        "one entry's ledger": _counted(store, lambda work: ledger(work, entry)),
        "payee completion": _counted(store, lambda work: payees(work, "Pay")),
        "a page of the history": _counted(store, history),
    }


def _counted(store: Store, ask: Callable[[Work], object]) -> int:
    said: list[str] = []
    with store.read() as work:
        driver = work.connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_trace_callback(said.append)
        try:
            ask(work)
        finally:
            driver.set_trace_callback(None)
    return len(said)


def _bytes(store: Store) -> int:
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return store.path.stat().st_size


def _seconds(act: Callable[[], object]) -> float:
    before = time.perf_counter()
    act()
    return time.perf_counter() - before


@contextmanager
def _logged(folder: Path) -> Iterator[None]:
    """Events become JSON lines in a file, as a server writes them to its output."""
    logger = logging.getLogger("quartermaster.events")
    handler = logging.FileHandler(folder / "events.log")
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()
