"""The pages on a port of their own, in a file that is kept over a restart, for a real browser."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from playwright.sync_api import Page

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


def open_page(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_function("window.did_handshake === true")


def wait_for(done: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.05)
