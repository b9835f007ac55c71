"""The server part of the window: a process that hears from its window over stdin, and tells it how it goes."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket

    import uvicorn

LOOK_EVERY_S = 0.01
BEHIND = "--behind-the-window"
"""The one word of its command line. What is secret comes over stdin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What the window wants: this key and badge, this log and lock, this port where it is free, perhaps the demo."""

    key: str
    badge: str
    log: str
    lock: str
    port: int = 0
    demo: bool = False

    @property
    def log_file(self) -> Path:
        return Path(self.log)

    @property
    def lock_file(self) -> Path:
        return Path(self.lock)

    def written(self) -> str:
        return json.dumps(asdict(self))


class Line:
    """The line to the window. Whatever else is printed goes to stderr from now on."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        sys.stdout = sys.stderr

    def orders(self) -> Orders | None:
        """Wait for the window's orders; None when it went without giving any."""
        said = sys.stdin.readline()
        return Orders(**json.loads(said)) if said else None

    def refused(self, sentence: str, code: int) -> None:
        self._say(told="refused", sentence=sentence, code=code)

    def serve(self, server: uvicorn.Server, listening: socket.socket) -> None:
        """Say when it answers, and end it when the window goes, however it goes."""

        def end_with_the_window() -> None:
            while sys.stdin.readline():
                pass
            server.should_exit = True

        def say_when_ready() -> None:
            while not server.started and not server.should_exit:
                time.sleep(LOOK_EVERY_S)
            self._say(told="ready", port=listening.getsockname()[1])

        for job in (end_with_the_window, say_when_ready):
            Thread(target=job, name=job.__name__, daemon=True).start()
        with listening:
            server.run(sockets=[listening])

    def _say(self, **message: Any) -> None:
        # The window may have gone: then stdin ends as well.
        with suppress(BrokenPipeError):
            self._out.write(f"{json.dumps(message)}\n")
            self._out.flush()
