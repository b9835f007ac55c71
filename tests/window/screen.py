"""A screen for the window: an X server with a window manager, and hands on its keyboard."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from quartermaster.window.lacking import toolkit
from tests.running import WITHIN_S, patience

TOOLS = {"Xvfb": "xvfb", "openbox": "openbox", "xdotool": "xdotool", "xprop": "x11-utils", "import": "imagemagick"}
READ_CLIPBOARD = """
import gi
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk
print(Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).wait_for_text() or "")
"""


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
        self._try_the_keyboard()

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

    def _try_the_keyboard(self) -> None:
        """With the first key on a screen its keyboard becomes another one, and the window manager lets go of its keys
        for a moment: alt+F4 would be lost in it. What it is asked after that it answers when it has them again.
        """
        self.do("key", "shift")
        desktops = str(int(self.do("get_num_desktops")) + 1)
        self.do("set_num_desktops", desktops)
        deadline = time.monotonic() + patience(WITHIN_S)
        while self.do("get_num_desktops") != desktops:
            assert time.monotonic() < deadline, "the window manager does not answer"
            time.sleep(0.02)

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


def missing() -> list[str]:
    """The packages without which no window can be tried here."""
    tools = [package for command, package in TOOLS.items() if shutil.which(command) is None]
    with suppress(ImportError):
        import webview  # noqa: F401

        return tools if toolkit() == "gtk" else [*tools, "python3-gi and gir1.2-webkit2-4.1, for this Python"]
    return [*tools, "pywebview (pip install 'quartermaster[window]')"]


def skip_or_fail() -> None:
    """Where no window can be tried: a failure in CI, and a sentence elsewhere."""
    if lacking := missing():
        skip_or_fail_without(f"to try the window, install {', '.join(lacking)}")


def skip_or_fail_without(sentence: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)
