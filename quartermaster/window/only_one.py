"""One window per data file: the first one holds a lock, and a later one asks it to come to the front."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from threading import Thread
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOCK, SERVED, DOOR = "lock", "served.lock", "door"
LONGEST_SOCKET = 100
"""What every system takes as the path of a socket; a longer one gets a place of the system's own choice."""
ANSWER_WITHIN_S = 10.0
LOOK_EVERY_S = 0.05


class Held:
    """A lock on a file, for as long as this process lives: the system lets go of it, whatever becomes of that."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def let_go(self) -> None:
        self._file.close()


def hold(path: Path, within_s: float = 0.0) -> Held | None:
    """Take the lock; None when another process holds it for longer than that."""
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
    """Where those who come later knock, until it is closed."""

    def __init__(self, folder: Path, on_knock: Callable[[Mapping[str, Any]], None]) -> None:
        self._path, self._on_knock, self._open = folder / DOOR, on_knock, True
        key = secrets.token_bytes(32)
        self._listener = Listener(_address(folder), authkey=key)
        # Made for this user alone, and never there half-written.
        fresh = folder / f"{DOOR}.new"
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump({"address": self._listener.address, "key": key.hex()}, file)
        fresh.replace(self._path)
        Thread(target=self._answer, name="the door", daemon=True).start()

    def close(self) -> None:
        self._open = False
        self._path.unlink(missing_ok=True)
        self._listener.close()

    def _answer(self) -> None:
        while self._open:
            try:
                with self._listener.accept() as visitor:
                    self._on_knock(_heard(visitor))
                    visitor.send_bytes(b"heard")
            except (OSError, EOFError, ValueError, AuthenticationError):
                continue  # A visitor who hung up, or had the wrong key; or the door was closed.


def knock(folder: Path, message: Mapping[str, Any]) -> bool:
    """Tell the window that is open; whether it answered. It may still be opening: then this waits for it."""
    deadline = time.monotonic() + ANSWER_WITHIN_S
    while time.monotonic() < deadline:
        try:
            door = json.loads((folder / DOOR).read_text(encoding="utf-8"))
            with Client(door["address"], authkey=bytes.fromhex(door["key"])) as window:
                window.send_bytes(json.dumps(dict(message)).encode())
                return window.poll(ANSWER_WITHIN_S) and window.recv_bytes() == b"heard"
        except (OSError, ValueError, KeyError, EOFError):
            time.sleep(LOOK_EVERY_S)
    return False


def _heard(visitor: Connection) -> Mapping[str, Any]:
    said = json.loads(visitor.recv_bytes(65_536))
    return said if isinstance(said, dict) else {}


def _address(folder: Path) -> str | None:
    if sys.platform == "win32":
        return None
    path = folder / "door.socket"
    path.unlink(missing_ok=True)
    return str(path) if len(os.fsencode(path)) < LONGEST_SOCKET else None


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
        return True
