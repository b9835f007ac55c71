"""What a person waits for who opens the window: the splash, and then the page, as painted on a screen."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, median
from benchmarks.household import drafts, furnish, opened, post
from quartermaster.window.lacking import toolkit
from tests.window.opened import Opened
from tests.window.screen import Screen, missing

STARTS = 5
POSTINGS = 10_000
GIVEN_UP_S = 60.0
SHIELD = bytes.fromhex("23446b")
"""The colour of the splash's mark, in the middle of the window."""
ACTIVE = bytes.fromhex("e3eaf3")
"""The colour behind the rail's active link, which no splash has."""
MIDDLE, RAIL = (500, 250, 300, 300), (0, 60, 190, 160)
"""Left, top, width and height, in a window that is at the screen's corner."""


def measured(folder: Path) -> list[Figure]:
    """Medians of some starts; the first one, with cold caches, is a figure of its own. Empty where no window can be."""
    if lacking := missing():
        print(f"The window is not measured: install {', '.join(lacking)}.", file=sys.stderr)
        return []
    with opened(folder / "quartermaster.db") as store:
        post(store, drafts(furnish(store), POSTINGS))
    screen = Screen()
    try:
        (splash, page), *warm = [_start(screen, folder) for _ in range(STARTS + 1)]
    finally:
        screen.close()
    return [
        Figure("window: start → splash painted, first time", splash, "s", 3),
        Figure("window: start → splash painted", median([one[0] for one in warm]), "s", 3),
        Figure("window: start → page painted, first time", page, "s"),
        Figure("window: start → page painted", median([one[1] for one in warm]), "s"),
    ]


def _start(screen: Screen, folder: Path) -> tuple[float, float]:
    window = Opened(screen, folder)
    window.remember(x=0, y=0)
    seen = _Eye(screen)
    began = time.perf_counter()
    with window:
        splash = seen.until(MIDDLE, SHIELD, began)
        page = seen.until(RAIL, ACTIVE, began)
        window.close()
    return splash, page


class _Eye:
    """Looks at the screen as fast as it can: some milliseconds a glance."""

    def __init__(self, screen: Screen) -> None:
        toolkit()  # makes `gi` importable
        import gi

        gi.require_version("Gdk", "3.0")
        from gi.repository import Gdk

        self._gdk: Any = Gdk
        self._root = Gdk.Display.open(screen.env["DISPLAY"]).get_default_screen().get_root_window()

    def until(self, where: tuple[int, int, int, int], colour: bytes, began: float) -> float:
        """Seconds from `began` until this colour is there."""
        while time.perf_counter() - began < GIVEN_UP_S:
            seen = self._gdk.pixbuf_get_from_window(self._root, *where)
            now = time.perf_counter()
            if seen is not None and colour in seen.get_pixels():
                return now - began
            time.sleep(0.005)
        return float("nan")
