"""`quartermaster` without a word: a window where one can be, and an address on this machine where not."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.running import CHECKOUT, WITHIN_S, Program, command

NO_DISPLAY: dict[str, str | None] = {"DISPLAY": None, "WAYLAND_DISPLAY": None}
WITH_PYWEBVIEW = pytest.mark.skipif(find_spec("webview") is None, reason="pywebview is not installed")
Without = Callable[..., Program]


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
    server.wait(WITHIN_S)


@pytest.fixture
def without(tmp_path: Path, display: dict[str, str | None]) -> Without:
    """The program where a display is, and these packages are not, whether they are installed or not."""

    def make(*packages: str, **env: str) -> Program:
        hidden = "".join(f"sys.modules[{name!r}] = None\n" for name in packages)
        (tmp_path / "sitecustomize.py").write_text(f"import sys\n{hidden}", encoding="utf-8")
        browser = tmp_path / "browser"
        browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/browsed\n', encoding="utf-8")
        browser.chmod(0o700)
        said = {**display, "PYTHONPATH": f"{CHECKOUT}:{tmp_path}", "BROWSER": f"{browser} %s", **env}
        return Program(tmp_path, bare=True, env=said)

    return make


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


def test_without_pywebview_it_names_the_package_and_opens_a_browser_instead(without: Without) -> None:
    with without("webview") as program:
        assert program.stderr == [
            "No window: the package pywebview is missing; install it by `pip install 'quartermaster[window]'`.",
            f"Quartermaster is at {program.url}/",
        ]
        browsed = program.folder / "browsed"
        program.until(lambda: browsed.exists() and browsed.read_text(encoding="utf-8") == f"{program.url}/\n")
        assert program.get("/")[0] == 200
        assert program.stop() == 0
    assert ended_well(program)


def test_without_a_window_a_busy_port_does_not_matter_and_a_second_start_opens_the_browser_again(
    without: Without, tmp_path: Path
) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as busy,
        without("webview", QUARTERMASTER_PORT=str(busy.getsockname()[1])) as program,
    ):
        browsed = tmp_path / "browsed"
        program.until(browsed.exists)
        assert program.get("/")[0] == 200
        browsed.unlink()
        second = command(tmp_path, env=program._env)
        assert (second.returncode, second.stderr.splitlines()[-1]) == (
            0,
            "Quartermaster runs already: its page is opened in the browser.",
        )
        program.until(lambda: browsed.exists() and browsed.read_text(encoding="utf-8") == f"{program.url}/\n")
        assert program.stop() == 0
    assert ended_well(program)


@WITH_PYWEBVIEW
def test_without_anything_to_draw_with_it_names_the_systems_package(without: Without) -> None:
    with without("gi", "PySide6", "PyQt6") as program:
        assert program.stderr[0].startswith("No window: the system's webview is missing; on Debian and Ubuntu install ")
        assert "`sudo apt install python3-gi gir1.2-webkit2-4.1`" in program.stderr[0]
        assert program.get("/")[0] == 200
        assert program.stop() == 0
    assert ended_well(program)


@WITH_PYWEBVIEW
def test_on_a_display_that_does_not_answer_it_serves_a_browser(without: Without) -> None:
    with without(DISPLAY=":9999") as program:
        assert program.get("/")[0] == 200
        assert [line for line in program.stderr if line.startswith("No window: ")] == [
            "No window: the display does not answer."
        ]
        assert program.stop() == 0
    assert ended_well(program)


def test_the_demo_without_a_display_is_served_too(tmp_path: Path) -> None:
    with Program(tmp_path, "demo", env=NO_DISPLAY) as program:
        assert "Groceries" in program.get("/")[1]
        assert (tmp_path / "demo.db").exists()
