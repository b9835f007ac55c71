"""The pages on a port of their own, in a file that is kept over a restart, for a real browser."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from playwright.sync_api import Page, WebSocketRoute

from tests.running import WITHIN_S, free_port
from tests.witnesses import hear

ROOT = Path(__file__).parents[2]
OPEN, CLOSED, ABSENT = "/month/2026-05", "/month/2026-04", "/month/2027-01"


class Server:
    """The pages on a port of their own; can be stopped and started again on the same file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.start()
        self._unheard = hear(self._said)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("PYTEST", "NICEGUI"))}
        kept |= {"PYTHONPATH": str(ROOT), "NICEGUI_STORAGE_PATH": str(self.folder / "storage")}
        command = [
            sys.executable,
            str(Path(__file__).with_name("serving.py")),
            str(self.port),
            str(self.folder / "q.db"),
        ]
        with (self.folder / "said").open("ab") as said:
            self.process = subprocess.Popen(command, env=kept, cwd=self.folder, stderr=said)
        wait_for(self._is_up)

    def keeps(self, typed: str) -> bool:
        """Whether this stands in a draft on disk, where it outlives the process."""
        said = json.dumps(typed)
        return any(said in file.read_text(encoding="utf-8") for file in (self.folder / "storage").glob("*.json"))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(WITHIN_S)

    def end(self) -> None:
        """Stop it, and report of it no more."""
        self.stop()
        self._unheard()

    def _said(self) -> str:
        return (self.folder / "said").read_text(encoding="utf-8", errors="replace")

    def _is_up(self) -> bool:
        try:
            httpx.get(f"{self.url}/settings/backups/none", timeout=WITHIN_S)
        except httpx.TransportError:
            return False
        return True


class Line:
    """What a page and its server say to each other, held back as on a slow link. Made before the page is opened."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._said, self._typed = list[str | bytes](), list[str | bytes]()
        self._holds_said = self._holds_typed = False
        self._last = ""
        page.route_web_socket(re.compile("socket.io"), self._routed)

    def _routed(self, socket: WebSocketRoute) -> None:
        self._socket, self._server = socket, socket.connect_to_server()
        self._server.on_message(self._hear)
        socket.on_message(lambda typed: self._typed.append(typed) if self._holds_typed else self._server.send(typed))

    def _hear(self, said: str | bytes) -> None:
        if self._holds_said:
            self._said.append(said)
            return
        self._socket.send(said)
        self._holds_said = bool(self._last) and self._last in str(said)

    def hold(self) -> None:
        """Keep from the page what the server says."""
        self._holds_said = True

    def hold_after(self, text: str) -> None:
        """The same, once it has said this."""
        self._last = text

    def hold_typed(self) -> None:
        """Keep from the server what is done on the page."""
        self._holds_typed = True

    def wait_for(self, text: str, times: int = 1) -> None:
        """Wait until this was said so often; who it is for has not heard it."""
        until = time.monotonic() + WITHIN_S
        while sum(str(held).count(text) for held in (*self._said, *self._typed)) < times:
            assert time.monotonic() < until
            self._page.wait_for_timeout(50)

    def release(self) -> None:
        """Let both hear what was held, in its order, and go on."""
        self._holds_said = self._holds_typed = False
        self._last = ""
        for typed in self._typed:
            self._server.send(typed)
        for said in self._said:
            self._socket.send(said)
        self._typed.clear()
        self._said.clear()


def open_page(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_function("window.did_handshake === true")


def wait_for(done: Callable[[], bool], seconds: float = WITHIN_S) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.05)
