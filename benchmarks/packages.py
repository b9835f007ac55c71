"""What the packages weigh and how soon the packaged program is there: needs what `make package` makes."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Figure, median
from tests.running import CHECKOUT, environment
from tests.window.opened import Opened
from tests.window.screen import Screen, missing

DIST = CHECKOUT / "dist"
PACKAGES = ("*.whl", "*.tar.xz", "*.deb", "*.dmg", "*.exe")
LAUNCHER = DIST / "quartermaster" / "quartermaster"
ROUNDS = 5
MEGABYTE = 1_000_000
SAID = "Quartermaster is at "


def measured(folder: Path) -> list[Figure]:
    """Megabytes are millions of bytes; times are medians, the first start left out."""
    if not LAUNCHER.exists():
        sys.exit("There is no package in dist. Run `make package` first.")
    print(f"On {platform.system()} {platform.machine()}, with Python {platform.python_version()}.")
    figures = [_size(path) for pattern in PACKAGES for path in sorted(DIST.glob(pattern))]
    unpacked = sum(path.lstat().st_size for path in LAUNCHER.parent.rglob("*"))
    figures.append(Figure("the folder dist/quartermaster", unpacked / MEGABYTE, "MB"))
    figures.append(_timed("`quartermaster --version`", lambda: _said_its_version(folder)))
    figures.append(_timed("`quartermaster serve`, until healthy", lambda: _served(folder)))
    if not missing():
        screen = Screen()
        try:
            figures.append(_timed("the window, until a page is in it", lambda: _opened(screen, folder)))
        finally:
            screen.close()
    return figures


def _size(path: Path) -> Figure:
    return Figure(path.name, path.stat().st_size / MEGABYTE, "MB")


def _timed(name: str, take: Callable[[], float]) -> Figure:
    take()
    return Figure(name, median([take() for _ in range(ROUNDS)]), "s")


def _said_its_version(folder: Path) -> float:
    before = time.perf_counter()
    subprocess.run([LAUNCHER, "--version"], env=environment(folder), stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - before


def _served(folder: Path) -> float:
    before = time.perf_counter()
    with subprocess.Popen(
        [LAUNCHER, "serve", "--port", "0"],
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stderr
        address = next(line for line in program.stderr if line.startswith(SAID)).removeprefix(SAID).strip()
        while not _is_healthy(address):
            time.sleep(0.005)
        took = time.perf_counter() - before
        program.terminate()
    return took


def _is_healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _opened(screen: Screen, folder: Path) -> float:
    """From the start until the title of a page is in the window's frame. Each time with a household of its own."""
    own = folder / "window"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir()
    before = time.perf_counter()
    with Opened(screen, own, program=(str(LAUNCHER),)) as window:
        window.until_titled("Plan · Quartermaster")
        took = time.perf_counter() - before
        window.close()
    return took
