"""`quartermaster` without a word: a window where one can be, and an address on this machine where not."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.running import CHECKOUT, Program

NO_DISPLAY: dict[str, str | None] = {"DISPLAY": None, "WAYLAND_DISPLAY": None}
STAND_IN = """
import os, pathlib, sys, time
settings = {}
def create_window(title, address, **how):
    globals().update(shown=address)
def start(**how):
    pathlib.Path("window").write_text(str(os.getpid()))
    print("Quartermaster is at", shown, file=sys.stderr, flush=True)
    while not pathlib.Path("closed").exists():
        time.sleep(0.02)
"""
"""A webview that shows nothing: it says where it would look, and is closed by a file."""
NOTHING_TO_DRAW_WITH = "settings = {}\ndef create_window(*_, **how): pass\ndef start(**how): raise OSError('no GTK')\n"
Window = Callable[[str], Program]


@pytest.fixture(scope="module")
def display() -> Iterator[dict[str, str | None]]:
    """A screen on which windows can be."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout
    yield {"DISPLAY": f":{server.stdout.readline().strip()}", "WAYLAND_DISPLAY": None}
    server.terminate()
    server.wait(10)


@pytest.fixture
def with_webview(tmp_path: Path, display: dict[str, str | None]) -> Window:
    """The program where a display is, and a webview that does as the text says."""

    def make(webview: str) -> Program:
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "webview.py").write_text(webview, encoding="utf-8")
        return Program(tmp_path, bare=True, env={**display, "PYTHONPATH": f"{CHECKOUT}:{tmp_path / 'site'}"})

    return make


def window_of(program: Program) -> Path:
    """The process of the window; gone when the window is."""
    return Path("/proc", (program.folder / "started-from" / "window").read_text(encoding="utf-8"))


def ended_well(program: Program) -> bool:
    """Whether it is over, and nothing is left open."""
    return not program.is_running and not (program.folder / "quartermaster.db-wal").exists()


def test_without_a_display_it_says_so_and_serves_this_machine_alone(tmp_path: Path) -> None:
    with Program(tmp_path, bare=True, env={**NO_DISPLAY, "QUARTERMASTER_HOST": "0.0.0.0"}) as program:
        assert program.stderr == [
            "No window: there is no display here, so open the address below in a browser.",
            f"Quartermaster is at {program.url}/",
        ]
        assert program.url.startswith("http://127.0.0.1:")
        assert program.get("/")[0] == 200
        assert program.stop() == 0
    assert ended_well(program)
    assert all(re.match(r"\d\d:\d\d:\d\d [A-Z]+ ", line) for line in program.stdout)


def test_without_pywebview_it_names_the_package_and_how_to_get_it(
    tmp_path: Path, display: dict[str, str | None]
) -> None:
    # As if it were not installed, also where it is.
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['webview'] = None\n", encoding="utf-8")
    with Program(tmp_path, bare=True, env={**display, "PYTHONPATH": f"{CHECKOUT}:{tmp_path}"}) as program:
        assert program.stderr == [
            "No window: the package pywebview is missing; install it by `pip install 'quartermaster[window]'`.",
            f"Quartermaster is at {program.url}/",
        ]
        assert program.get("/")[0] == 200
        assert program.stop() == 0


def test_the_demo_without_a_display_is_served_too(tmp_path: Path) -> None:
    with Program(tmp_path, "demo", env=NO_DISPLAY) as program:
        assert "Groceries" in program.get("/")[1]
        assert (tmp_path / "demo.db").exists()


def test_a_window_shows_the_programs_page_and_its_end_ends_the_program(with_webview: Window) -> None:
    with with_webview(STAND_IN) as program:
        assert program.url.startswith("http://127.0.0.1:")
        assert "Quartermaster" in program.get("/")[1]
        assert len(program.stderr) == 1
        (program.folder / "started-from" / "closed").touch()
        program.until(lambda: not program.is_running)
    assert ended_well(program)
    assert program.stop() == 0


def test_a_program_that_is_asked_to_end_closes_its_window(with_webview: Window) -> None:
    with with_webview(STAND_IN) as program:
        window = window_of(program)
        assert window.exists()
        assert program.stop() == 0
    assert ended_well(program)
    assert not window.exists()


def test_a_webview_that_cannot_draw_leaves_the_program_to_a_browser(with_webview: Window) -> None:
    with with_webview(NOTHING_TO_DRAW_WITH) as program:
        assert program.stderr == ["No window: no GTK", f"Quartermaster is at {program.url}/"]
        assert program.get("/")[0] == 200
        assert program.stop() == 0
    assert ended_well(program)
