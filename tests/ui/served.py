"""The pages on a port of their own, in a file that is kept over a restart, for a real browser."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from playwright.sync_api import Page, WebSocketRoute

ROOT = Path(__file__).parents[2]
OPEN, CLOSED, ABSENT = "/month/2026-05", "/month/2026-04", "/month/2027-01"


class Server:
    """The pages on a port of their own; can be stopped and started again on the same file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

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
        self.process = subprocess.Popen(command, env=kept, cwd=self.folder, stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                httpx.get(f"{self.url}/settings/backups/none")
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("the pages did not come up")

    def keeps(self, typed: str) -> bool:
        """Whether this stands in a draft on disk, where it outlives the process."""
        said = json.dumps(typed)
        return any(said in file.read_text(encoding="utf-8") for file in (self.folder / "storage").glob("*.json"))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


class Line:
    """What a page's server says, which can be held back: a slow link. Made before the page is opened."""

    def __init__(self, page: Page) -> None:
        self._page, self._held, self._is_held = page, list[str | bytes](), False
        page.route_web_socket(re.compile("socket.io"), self._routed)

    def _routed(self, socket: WebSocketRoute) -> None:
        self._socket = socket
        upstream = socket.connect_to_server()
        upstream.on_message(lambda said: self._held.append(said) if self._is_held else socket.send(said))

    def hold(self) -> None:
        self._is_held = True

    def wait_for(self, text: str, times: int = 1) -> None:
        """Wait until the server has said this so often; the page has not heard it."""
        until = time.monotonic() + 20
        while sum(str(said).count(text) for said in self._held) < times:
            assert time.monotonic() < until
            self._page.wait_for_timeout(50)

    def release(self) -> None:
        """Let the page hear what was held, in its order, and go on."""
        self._is_held = False
        for said in self._held:
            self._socket.send(said)
        self._held.clear()


def open_page(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_function("window.did_handshake === true")


def wait_for(done: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.05)
