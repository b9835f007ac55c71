"""The real window on a screen of its own: started, looked at, typed into, closed."""

from __future__ import annotations

import json
import os
import shutil
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

import pytest

from quartermaster.storage.store import Store
from quartermaster.window.lacking import toolkit
from tests.running import WITHIN_S, environment, patience

TOOLS = {"Xvfb": "xvfb", "openbox": "openbox", "xdotool": "xdotool", "xprop": "x11-utils", "import": "imagemagick"}
READ_CLIPBOARD = """
import gi
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk
print(Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).wait_for_text() or "")
"""


def missing() -> list[str]:
    """The packages without which no window can be tried here."""
    tools = [package for command, package in TOOLS.items() if shutil.which(command) is None]
    with suppress(ImportError):
        import webview  # noqa: F401

        return tools if toolkit() == "gtk" else [*tools, "python3-gi and gir1.2-webkit2-4.1, for this Python"]
    return [*tools, "pywebview (pip install 'quartermaster[window]')"]


class Screen:
    """An X server with a window manager, and hands on its keyboard."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp", "-noreset"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._server.stdout
        self.env = {
            "DISPLAY": f":{self._server.stdout.readline().strip()}",
            "WAYLAND_DISPLAY": None,
            "GDK_BACKEND": "x11",
            "NO_AT_BRIDGE": "1",
            "GSETTINGS_BACKEND": "memory",
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
        }
        self._manager = self._managed()

    def close(self) -> None:
        for process in (self._manager, self._server):
            process.terminate()
            process.wait(WITHIN_S)

    def _managed(self) -> subprocess.Popen[bytes]:
        """The window manager, once it manages; started again where it did not find its screen, as in a crowd."""
        deadline = time.monotonic() + patience(WITHIN_S)
        while time.monotonic() < deadline:
            manager = subprocess.Popen(["openbox"], env=self._whole(), stderr=subprocess.DEVNULL)
            while manager.poll() is None:
                if "window id" in self.run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK"):
                    return manager
                time.sleep(0.05)
        raise AssertionError("no window manager starts on the screen")

    def do(self, *words: str) -> str:
        """One word to xdotool, and what it answers; nothing when there is no such window."""
        return self.run("xdotool", *words)

    def run(self, *words: str, env: Mapping[str, str | None] | None = None) -> str:
        whole = {name: value for name, value in {**self._whole(), **(env or {})}.items() if value is not None}
        ran = subprocess.run(words, env=whole, capture_output=True, text=True, timeout=WITHIN_S, check=False)
        return ran.stdout.strip()

    def titles(self) -> list[str]:
        """Of the windows that can be seen, the last one in front."""
        return [self.do("getwindowname", window) for window in self.windows()]

    def windows(self) -> list[str]:
        return self.do("search", "--onlyvisible", "--name", ".").split()

    def picture(self, path: Path) -> Path:
        """What is to be seen, as a file."""
        self.run("import", "-window", "root", str(path))
        return path

    def clipboard(self) -> str:
        python = sys.executable
        preparing = "from quartermaster.window.lacking import toolkit; toolkit()"
        return self.run(python, "-c", f"{preparing}\n{READ_CLIPBOARD}", env={"PYTHONPATH": os.getcwd()})  # noqa: PTH109

    def _whole(self) -> dict[str, str]:
        changed = {**os.environ, **self.env}
        return {name: value for name, value in changed.items() if value is not None}


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
            timeout=patience(60),
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
        self.key("ctrl+k")
        self.write(words)
        self.key("Return")
        self.until_titled(title)

    def page_text(self) -> str:
        """All text of the page, as a person would copy it."""
        self.key("ctrl+a", "ctrl+c")
        return self.screen.clipboard()

    def close(self) -> int:
        """Click the window's cross, as it were; the exit code."""
        self.key("alt+F4")
        return self.ended()

    def ended(self) -> int:
        assert self._process is not None
        return self._process.wait(patience(WITHIN_S))

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
        return Store(self.database, now_ms=lambda: time.time_ns() // 1_000_000, new_id=uuid4)


def skip_or_fail() -> None:
    """Where no window can be tried: a failure in CI, and a sentence elsewhere."""
    if lacking := missing():
        skip_or_fail_without(f"to try the window, install {', '.join(lacking)}")


def skip_or_fail_without(sentence: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)
