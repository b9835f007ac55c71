"""The household's file: opens units of work, commits them, and says afterwards what happened."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

from quartermaster.domain.plan import Household
from quartermaster.storage.failures import Closed, translated
from quartermaster.storage.identity import found_device, is_founded
from quartermaster.storage.work import Event, Work

BUSY_TIMEOUT_MS, LOG_BYTES = 5_000, 1_000_000
CLOSING_S = 1.5
"""How long who closes waits for those inside: an end by SIGTERM must not take 5 s."""
_log = logging.getLogger("quartermaster.events")


_File = tuple[int, int]
"""Which file a path leads to: the device that it is on, and its number there."""
_FILE = "file"
Version = tuple[int, int]
"""Which connection looks, and what SQLite tells it: each connection counts for itself."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What one committed unit of work did: its action's number (None: no synced change; 0: not this device's)."""

    action: int | None
    events: tuple[Event, ...]


class Store:
    """One migrated SQLite file, used by the threads of this process; others may use it at the same time."""

    def __init__(self, path: Path, *, now_ms: Callable[[], int], new_id: Callable[[], UUID]) -> None:
        self.path = path
        self.now_ms = now_ms
        self.new_id = new_id
        self._listeners: list[Callable[[Committed], None]] = []
        # Threads of one process wait in order here rather than by polling the file's lock.
        self._writing = threading.Lock()
        self._watching = threading.Lock()
        self._watcher: sqlite3.Connection | None = None
        self._watched: _File | None = None
        self._watchers = 0
        self._inside, self._at_the_door = 0, threading.Condition()
        self._is_open, self._is_over = True, False
        self._engine = open_engine(path)

    def found(self, currency: str) -> None:
        """Make the household and this device's identity, if the file has none."""
        with self.write() as work:
            if not is_founded(work.connection):
                household = Household(id=self.new_id(), currency=currency)
                found_device(work.connection, household.id, self.new_id())
                work.add(household)

    @contextmanager
    def read(self) -> Iterator[Work]:
        """A consistent snapshot; what is written in it is rolled back."""
        with self._entered(), translated(), self._engine.connect() as connection, connection.begin() as transaction:
            yield Work(connection, self.now_ms, self.new_id)
            transaction.rollback()

    @contextmanager
    def write(self) -> Iterator[Work]:
        """One transaction: commits when the block ends, leaves no trace when it raises. Events go out afterwards."""
        # Who waited for its turn is asked here whether the store is still open.
        with translated(), self._writing, self._entered(), self._engine.connect() as opened:
            connection = opened.execution_options(quartermaster_write=True)
            with connection.begin():
                work = Work(connection, self.now_ms, self.new_id)
                yield work
        self._tell(Committed(work.action, tuple(work.events)))

    def listen(self, callback: Callable[[Committed], None]) -> Callable[[], None]:
        """Call back after each commit, in the committing thread. Returns what ends it."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def data_version(self) -> Version:
        """Another one whenever any other connection, of any process, has committed, and after `reopen`."""
        with self._watching, translated():
            return self._look()

    def close(self) -> None:
        """Let go of the file for good: see `set_aside`. A `reopen` that comes later leaves it closed."""
        with self._at_the_door:
            self._is_over = True
        self.set_aside()

    def set_aside(self) -> None:
        """Let go of the file once those inside are done, until `reopen`; the last one to do so folds its log into it.

        Who comes later is refused: it would open the file again. Who reads is waited for not long, and who writes to
        its end.
        """
        with self._at_the_door:
            self._is_open = False
            self._at_the_door.wait_for(lambda: not self._inside, CLOSING_S)
        with self._writing, self._watching:
            if self._watcher is not None:
                self._watcher.close()
                self._watcher = None
            self._engine.dispose()

    def reopen(self, path: Path) -> None:
        """Go on with another file, or with the same one after it was restored."""
        self.set_aside()
        self.path = path
        self._engine = open_engine(path)
        with self._at_the_door:
            self._is_open = not self._is_over
        with self._watching, suppress(sqlite3.Error, Closed):
            # Looked at from here on: what is committed before the next look is news as well, and a fault is said there.
            self._look()

    @contextmanager
    def _entered(self) -> Iterator[None]:
        with self._at_the_door:
            self._must_be_open()
            self._inside += 1
        try:
            yield
        finally:
            with self._at_the_door:
                self._inside -= 1
                self._at_the_door.notify_all()

    def _must_be_open(self) -> None:
        if not self._is_open:
            raise Closed("The program is ending. Start it again, then try again.")

    def _look(self) -> Version:
        self._must_be_open()
        there = _file_at(self.path)
        if self._watcher is not None and there != self._watched:
            self._watcher.close()
            self._watcher = None
        if self._watcher is None:
            self._watcher, self._watched = _connected(self.path), there
            self._watchers += 1
        return self._watchers, int(self._watcher.execute("PRAGMA data_version").fetchone()[0])

    def _tell(self, committed: Committed) -> None:
        for said in committed.events:
            _log.info(said.name, extra={"event": said.name, **said.fields})
        for listener in tuple(self._listeners):
            try:
                listener(committed)
            except Exception:  # noqa: BLE001  # logged whole; see below
                # It is committed: whoever wrote must not hear that it failed, and the other listeners must hear.
                bug = self.new_id().hex[-8:]
                _log.exception("a listener failed: %s", bug, extra={"event": "bug", "bug": bug})


def open_engine(path: Path) -> Engine:
    """An engine whose transactions are SQLite's real ones: IMMEDIATE for writes, and durable at commit.

    Each is in the file to which the path leads at its beginning, and fails where it leads to none.
    """
    # What people typed is in no error's message.
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, creator=lambda: _connected(path), hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own BEGIN is late and deferred; ours is below.
        connection.isolation_level = None
        for pragma in ("foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}", "synchronous=FULL", "journal_mode=WAL"):
            connection.execute(f"PRAGMA {pragma}")
        # A log that one large action made long is cut again by the next one that begins it anew.
        connection.execute(f"PRAGMA journal_size_limit={LOG_BYTES}")

    @event.listens_for(engine, "checkout")
    def _is_still_there(_connection: sqlite3.Connection, record: Any, _proxy: Any) -> None:
        # A connection follows its file: what it committed in one that was replaced, or is gone, nobody would find.
        there = _file_at(path)
        if record.info.setdefault(_FILE, there) != there:
            raise DisconnectionError  # the pool opens another one

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("quartermaster_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _connected(path: Path) -> sqlite3.Connection:
    """To a file that is there: where none is, as without its volume, none is made. Raises sqlite3.OperationalError."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, check_same_thread=False)


def _file_at(path: Path) -> _File | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
