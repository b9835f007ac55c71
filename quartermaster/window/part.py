"""The server part as its window sees it: started, given orders, heard and ended."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from quartermaster.window.lacking import has_display
from quartermaster.window.serving import BEHIND, Orders

ENDING_S = 10.0


@dataclass(frozen=True, slots=True)
class Ready:
    """It answers on this port of 127.0.0.1."""

    port: int


@dataclass(frozen=True, slots=True)
class Refused:
    """It cannot serve this household: what to tell the person, and the code to exit with."""

    sentence: str
    code: int


@dataclass(frozen=True, slots=True)
class Ended:
    """It is not there any more."""

    code: int


class ServerPart:
    """A process of its own, so that neither drags the other down. It ends when this process does."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603  # our own program
            [*_program(), BEHIND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A program of the desktop may have no stderr at all: its part then speaks to nobody.
            stderr=None if sys.__stderr__ is not None else subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            errors="replace",  # what a library prints may be in any
            **_apart(),
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def order(self, orders: Orders) -> None:
        assert self._process.stdin
        # It may have ended already: `hear` says so.
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{orders.written()}\n")
            self._process.stdin.flush()

    def hear(self) -> Ready | Refused | Ended:
        """What it says next; waits for it."""
        assert self._process.stdout
        for line in self._process.stdout:
            if (told := _told(line)) is not None:
                return told
        return Ended(self._process.wait())

    def end(self) -> None:
        """Let it finish its requests and let go of the file; it does not outlive this call."""
        assert self._process.stdin
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def early(words: Sequence[str]) -> ServerPart | None:
    """Start it before anything else is looked at, where these words are likely to open a window."""
    wanted = list(words) in ([], ["demo"]) and has_display() and find_spec("webview") is not None
    return ServerPart() if wanted else None


def _program() -> list[str]:
    """The same program. With -P, never a `quartermaster.py` that lies in the folder where it was started."""
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-P", "-m", "quartermaster"]


def _told(line: str) -> Ready | Refused | None:
    """None for what a library printed before the line was the window's alone; it goes where errors go."""
    try:
        said = json.loads(line)
        return Ready(said["port"]) if said["told"] == "ready" else Refused(said["sentence"], said["code"])
    except (ValueError, TypeError, KeyError):
        sys.stderr.write(line)
        return None


def _apart() -> dict[str, Any]:
    """Out of reach of a Ctrl+C at the terminal: the window hears it and ends both in order."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}
