"""One window per data file: the first one holds a lock, and a later one asks it to come to the front."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from contextlib import ExitStack, suppress
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import IO, TYPE_CHECKING, Any

from quartermaster.storage.failures import NotWritable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOCK, SERVED, DOOR, SOCKET = "lock", "served.lock", "door", "door.socket"
ANSWER_WITHIN_S = 15.0
"""Longer than a window that closes gives its server part to end."""
LOOK_EVERY_S = 0.05
LONGEST_MESSAGE = 65_536
HEARD = b"heard"
BACKLOG = 16


def folder_beside(database: Path) -> Path:
    """Where what belongs to a data file's window is kept. No two data files share it."""
    file = database.resolve()
    # Who has not the usual ending has another one here too.
    usual = file.name.endswith(".db")
    return file.with_name(f"{file.name.removesuffix('.db')}.window" if usual else f"{file.name}-window")


class Held:
    """A lock on a file, for as long as this process lives: the system lets go of it, whatever becomes of that."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def let_go(self) -> None:
        self._file.close()


def hold(path: Path, within_s: float = 0.0) -> Held | None:
    """Take the lock; None when another process holds it for longer than that. Raises NotWritable where none is kept."""
    deadline = time.monotonic() + within_s
    while True:
        file = path.open("ab")
        if _locked(file):
            return Held(file)
        file.close()
        if time.monotonic() >= deadline:
            return None
        time.sleep(LOOK_EVERY_S)


class Door:
    """Where those who come later knock, until it is closed. An OSError of `on_knock` leaves the knock unheard."""

    def __init__(self, folder: Path, on_knock: Callable[[Mapping[str, Any]], None]) -> None:
        self._path, self._on_knock, self._open = folder / DOOR, on_knock, True
        self._key = secrets.token_hex(32)
        self._elsewhere = ExitStack()
        # Without the library's own key: its handshake waits for ever.
        self._listener = _listening(folder, self._elsewhere)
        # Made for this user alone, and never there half-written.
        fresh = folder / f"{DOOR}.new"
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump({"address": self._listener.address, "key": self._key}, file)
        fresh.replace(self._path)
        Thread(target=self._answer, name="the door", daemon=True).start()

    def close(self) -> None:
        self._open = False
        self._path.unlink(missing_ok=True)
        self._listener.close()
        self._elsewhere.close()

    def _answer(self) -> None:
        while self._open:
            try:
                visitor = self._listener.accept()
            except OSError:
                # The door was closed; or this process has as many files open as it may, and will not always have.
                time.sleep(LOOK_EVERY_S)
            else:
                # In a thread of its own: nobody at the door keeps the others waiting.
                Thread(target=self._hear, args=(visitor,), name="at the door", daemon=True).start()

    def _hear(self, visitor: Connection) -> None:
        with visitor, suppress(OSError, EOFError, ValueError):
            if not visitor.poll(ANSWER_WITHIN_S):
                return
            said = json.loads(visitor.recv_bytes(LONGEST_MESSAGE))
            if isinstance(said, dict) and secrets.compare_digest(str(said.pop("key", "")).encode(), self._key.encode()):
                self._on_knock(said)
                visitor.send_bytes(HEARD)


def first(folder: Path, message: Mapping[str, Any]) -> Held | None:
    """The lock, for the first window of a household; None once the one that has it has heard this message.

    That one may still be opening, and it may be closing. Raises TimeoutError when it neither hears nor lets go.
    """
    taken: list[Held] = []

    def is_free() -> bool:
        if (held := hold(folder / LOCK)) is not None:
            taken.append(held)
        return bool(taken)

    if is_free():
        return taken[0]
    if knock(folder, message, unless=is_free):
        return None
    if not taken:
        raise TimeoutError
    return taken[0]


def knock(folder: Path, message: Mapping[str, Any], unless: Callable[[], bool] = lambda: False) -> bool:
    """Tell the window that is open; whether it answered in time. It may still be opening: then this waits for it.

    `unless` is asked all the while, and ends the waiting.
    """
    heard, given_up = Event(), Event()

    def visit() -> None:
        while not given_up.is_set():
            if _is_heard(folder, message):
                heard.set()
                return
            time.sleep(LOOK_EVERY_S)

    # In a thread: a connection to a process that was stopped is taken by nobody, and cannot be given up.
    Thread(target=visit, name="knocking", daemon=True).start()
    deadline = time.monotonic() + ANSWER_WITHIN_S
    while not heard.wait(LOOK_EVERY_S) and time.monotonic() < deadline and not unless():
        pass
    given_up.set()
    return heard.is_set()


def _is_heard(folder: Path, message: Mapping[str, Any]) -> bool:
    """One try. While a new window opens, the file may still be the former one's, with another key."""
    try:
        door = json.loads((folder / DOOR).read_text(encoding="utf-8"))
        with Client(door["address"]) as window:
            window.send_bytes(json.dumps({**message, "key": door["key"]}).encode())
            return window.poll(ANSWER_WITHIN_S) and window.recv_bytes(LONGEST_MESSAGE) == HEARD
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        return False


def _listening(folder: Path, elsewhere: ExitStack) -> Listener:
    """In the folder; elsewhere where its path is too long for a socket, or where there are none, as on a stick."""
    if sys.platform == "win32":
        return Listener(backlog=BACKLOG)  # a pipe, which has no place
    path = folder / SOCKET
    with suppress(OSError):
        path.unlink(missing_ok=True)
        return Listener(str(path), backlog=BACKLOG)
    temporary = elsewhere.enter_context(TemporaryDirectory(prefix="quartermaster-"))
    return Listener(str(Path(temporary) / SOCKET), backlog=BACKLOG)


if sys.platform == "win32":
    import msvcrt

    def _locked(file: IO[bytes]) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _locked(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise NotWritable(
                f"{Path(file.name).parent} is where no lock can be kept ({error.strerror}), so two programs could "
                "write into one household. Keep the data file on a disk of this machine."
            ) from None
        return True
