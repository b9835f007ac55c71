"""The real window on a screen of its own: started, looked at, typed into, closed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from quartermaster.storage.store import Store
from quartermaster.storage.time_ordered import now_ms, time_ordered_id
from tests.running import WITHIN_S, environment, patience
from tests.window.screen import Screen


class Opened:
    """`quartermaster` on a data file in `folder`, with everything of its person there too; opened in the `with` block.

    `closed` is its exit code once it has ended.
    """

    def __init__(
        self,
        screen: Screen,
        folder: Path,
        *words: str,
        env: Mapping[str, str | None] | None = None,
        program: tuple[str, ...] = (sys.executable, "-m", "quartermaster"),
    ) -> None:
        self.screen, self.folder = screen, folder
        self.database = folder / "quartermaster.db"
        self.own = folder / "quartermaster.window"
        self.mark = f"OPENED_BY={uuid4()}"
        self._command = [*program, *words]
        name, _, value = self.mark.partition("=")
        self._env = environment(
            folder,
            {
                **screen.env,
                "HOME": str(folder),
                "XDG_STATE_HOME": str(folder / "state"),
                "XDG_CACHE_HOME": str(folder / "cache"),
                "LC_ALL": "C.UTF-8",
                "PYTHONFAULTHANDLER": "1",
                name: value,
                **(env or {}),
            },
        )
        self._process: subprocess.Popen[bytes] | None = None
        self.said = folder / "said"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for process in self.processes():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if self._process is not None:
            self._process.wait(WITHIN_S)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        return "".join(path.read_text(encoding="utf-8") for path in (self.folder / "state").rglob("*.log"))

    def start(self) -> None:
        (self.folder / "started-from").mkdir(exist_ok=True)
        with self.said.open("ab") as said:
            self._process = subprocess.Popen(
                self._command, cwd=self.folder / "started-from", env=self._env, stdout=said, stderr=said
            )

    def again(self) -> subprocess.CompletedProcess[str]:
        """Start it a second time beside the first."""
        return subprocess.run(
            self._command,
            cwd=self.folder,
            env=self._env,
            capture_output=True,
            text=True,
            timeout=2 * WITHIN_S,
            check=False,
        )

    def until(self, happened: Callable[[], object], within_s: float = WITHIN_S) -> None:
        """Wait for something; fails with what is on the screen and what the program said."""
        deadline = time.monotonic() + patience(within_s)
        while not happened():
            assert time.monotonic() < deadline, self._how_it_is()
            time.sleep(0.05)

    def comes(self, happened: Callable[[], object], within_s: float) -> bool:
        """Wait for something that may not happen; whether it did."""
        deadline = time.monotonic() + within_s
        while not happened():
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)
        return True

    def _how_it_is(self) -> str:
        picture = self.screen.picture(self.folder / "failed.png")
        said = self.said.read_text(encoding="utf-8")
        return f"it never happened; see {picture}; titles: {self.screen.titles()}\n{said}{self.log[-2000:]}"

    def until_titled(self, *titles: str) -> None:
        """Wait until a window has one of these titles, and the keyboard."""
        self.until(lambda: self.front() in titles or not self.is_running)
        assert self.is_running, self.said.read_text(encoding="utf-8")

    def front(self) -> str:
        """The title of the window that has the keyboard."""
        return self.screen.do("getactivewindow", "getwindowname")

    def key(self, *keys: str) -> None:
        self.screen.do("key", "--delay", "60", *keys)

    def write(self, text: str) -> None:
        self.screen.do("type", "--delay", "25", text)

    def find(self, words: str, title: str) -> None:
        """Go there, or do that, by the palette; until the page has this title."""

        def chosen() -> None:
            # A dialog may still be open.
            self.key("Escape", "ctrl+k")
            self.write(words)
            self.key("Return")

        self.until_it_leads_to(title, chosen)

    def until_it_leads_to(self, title: str, do: Callable[[], None]) -> None:
        """Do it, and again where it was not heard: a page that was just drawn does not hear the keyboard yet."""
        self._again_until(lambda: self.front() == title, do)

    def ended_by(self, key: str) -> int:
        """The same for a key that ends the program; the exit code."""
        self._again_until(lambda: not self.is_running, lambda: self.key(key))
        return self.ended()

    def _again_until(self, happened: Callable[[], bool], do: Callable[[], None]) -> None:
        def is_over() -> bool:
            do()
            return self.comes(happened, patience(5.0))

        self.until(is_over)

    def quick_add(self, payee: str) -> None:
        """Open the quick add with this payee in it, once the page hears the keyboard."""

        def is_typed() -> bool:
            self.key("Escape", "a", "ctrl+a")
            self.write(payee)
            self.key("ctrl+a", "ctrl+c", "End")
            return self.screen.clipboard() == payee

        self.until(is_typed)

    def page_text(self) -> str:
        """All text of the page, as a person would copy it."""
        self.key("ctrl+a", "ctrl+c")
        return self.screen.clipboard()

    def close(self) -> int:
        """Click the window's cross, as it were; the exit code."""
        self.key("alt+F4")
        return self.ended()

    def ended(self) -> int:
        """The exit code, as soon as it has ended; fails with what is on the screen, and where each thread stands."""
        assert self._process is not None
        try:
            return self._process.wait(patience(WITHIN_S))
        except subprocess.TimeoutExpired:
            how = self._how_it_is()
            # A key that got lost on its way, and a program that hangs, are not the same fault.
            self.key("alt+F4")
            hears = self.comes(lambda: not self.is_running, patience(5.0))
            if not hears:
                self.signal(signal.SIGABRT)
                self._process.wait(WITHIN_S)
            said = self.said.read_text(encoding="utf-8")
            raise AssertionError(f"{how}\nalt+F4 now: {'it ended' if hears else 'it hangs'}\n{said}") from None

    def signal(self, which: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(which)

    def processes(self) -> list[int]:
        """All processes that this start has led to and that still run."""
        found = []
        for folder in Path("/proc").iterdir():
            with suppress(OSError):
                if folder.name.isdigit() and self.mark.encode() in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
        return found

    def server_part(self) -> int:
        """The process behind the window."""
        [part] = [
            process
            for process in self.processes()
            if b"--behind-the-window" in Path(f"/proc/{process}/cmdline").read_bytes()
        ]
        return part

    def remembered(self) -> dict[str, Any]:
        kept: dict[str, Any] = json.loads((self.own / "memory.json").read_text(encoding="utf-8"))
        return kept

    def remember(self, **memory: object) -> None:
        """As if it had been closed like this."""
        self.own.mkdir(exist_ok=True)
        (self.own / "memory.json").write_text(json.dumps(memory), encoding="utf-8")

    def store(self) -> Store:
        """The same file, opened by this process. Close it."""
        return Store(self.database, now_ms=now_ms, new_id=time_ordered_id)
