"""What the window remembers: its size and place, its zoom, the page, and who sits before it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quartermaster.window.memory import DEFAULT, Memory, keep, recalled, zoomed
from tests.window.opened import Opened

DARK, LIGHT = "12161A", "F6F4EE"
"""The paper of both themes."""


def test_what_is_kept_is_recalled(tmp_path: Path) -> None:
    kept = Memory(width=800, height=600, x=-5, y=7, maximized=True, zoom=1.25, page="/month/2026-05")
    keep(kept, tmp_path / "memory.json")
    assert recalled(tmp_path / "memory.json") == kept
    assert [path.name for path in tmp_path.iterdir()] == ["memory.json"]


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "null", "{", '{"width": 12, "height": 1e9, "x": "1", "y": null, "zoom": 1.234, "page": 7}',
        '{"width": true, "maximized": "yes", "page": "//evil.example"}', '{"x": 99999999, "page": "https://a"}', "\x00",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_not_recalled(tmp_path: Path, text: str) -> None:
    (tmp_path / "memory.json").write_text(text, encoding="utf-8")
    assert recalled(tmp_path / "memory.json") == Memory()


def test_a_memory_that_cannot_be_kept_is_no_error(tmp_path: Path) -> None:
    keep(Memory(), tmp_path / "missing" / "memory.json")
    assert recalled(tmp_path / "missing" / "memory.json") == Memory(width=DEFAULT[0], height=DEFAULT[1])


def test_zoom_goes_in_steps_between_its_ends() -> None:
    assert zoomed(1.0, 1) == 1.1
    assert zoomed(1.07, 1) == 1.25
    assert zoomed(3.0, 1) == 3.0
    assert zoomed(0.5, -1) == 0.5
    assert zoomed(1.1, -1) == 1.0
    assert zoomed(2.5, 0) == 1.0


def test_size_place_zoom_and_page_are_as_they_were(window: Opened) -> None:
    with window:
        window.until_titled("Plan · Quartermaster")
        [shown] = window.screen.windows()
        window.screen.do("windowsize", "--sync", shown, "900", "640")
        window.screen.do("windowmove", "--sync", shown, "150", "90")
        window.key("ctrl+plus", "ctrl+plus")
        window.find("archive", "Archive · Quartermaster")
        before = place(window)
        assert window.close() == 0
        kept = window.remembered()
        assert (kept["width"], kept["height"], kept["maximized"]) == (900, 640, False)
        assert (kept["zoom"], kept["page"]) == (1.25, "/archive")
        window.start()
        window.until_titled("Archive · Quartermaster")
        window.until(lambda: place(window) == before)
        assert window.close() == 0
        assert window.remembered() == kept


def test_a_window_that_filled_the_screen_does_so_again_and_knows_its_former_size(window: Opened) -> None:
    window.remember(width=900, height=640, x=100, y=80)
    with window:
        window.until_titled("Plan · Quartermaster")
        maximize_or_restore(window)
        window.until(lambda: place(window)["WIDTH"] == "1440")
        assert window.close() == 0
        assert json.loads(json.dumps(window.remembered()))["maximized"] is True
        window.start()
        window.until_titled("Plan · Quartermaster")
        window.until(lambda: place(window)["WIDTH"] == "1440")
        maximize_or_restore(window)
        window.until(lambda: place(window)["WIDTH"] == "900")
        assert window.close() == 0
        assert window.remembered()["maximized"] is False


def test_a_window_is_not_put_where_no_screen_is_any_more(window: Opened) -> None:
    window.remember(width=900, height=640, x=5000, y=4000)
    with window:
        window.until_titled("Plan · Quartermaster")
        assert 0 <= int(place(window)["X"]) <= 540
        assert window.close() == 0


def test_the_theme_that_was_chosen_is_there_at_the_next_start(window: Opened) -> None:
    with window:
        window.until_titled("Plan · Quartermaster")
        window.until(lambda: paper(window) == LIGHT)
        window.find("theme dark", "Plan · Quartermaster")
        window.until(lambda: paper(window) == DARK)
        assert window.close() == 0
        window.start()
        window.until_titled("Plan · Quartermaster")
        window.until(lambda: paper(window) == DARK)
        assert window.close() == 0


def place(window: Opened) -> dict[str, str]:
    """Where the window is and how large, as the screen says it."""
    shown = window.screen.do("search", "--onlyvisible", "--name", "Quartermaster").split()
    said = window.screen.run("xwininfo", "-id", shown[-1]) if shown else ""
    names = {"Absolute upper-left X": "X", "Absolute upper-left Y": "Y", "Width": "WIDTH", "Height": "HEIGHT"}
    lines = [line.strip().partition(":") for line in said.splitlines()]
    return {"X": "", "WIDTH": ""} | {names[name]: value.strip() for name, _, value in lines if name in names}


def maximize_or_restore(window: Opened) -> None:
    """By a double click on the title."""
    where = place(window)
    window.screen.do("mousemove", str(int(where["X"]) + 300), str(int(where["Y"]) - 10))
    window.screen.do("click", "--repeat", "2", "--delay", "80", "1")


def paper(window: Opened) -> str:
    """The colour in the lower left of the window, between the rail's links."""
    where = place(window)
    at = f"1x1+{int(where['X']) + 8}+{int(where['Y']) + int(where['HEIGHT']) - 120}"
    picture = ("import", "-window", "root", "-crop", at, "-depth", "8", "txt:-")
    return window.screen.run(*picture).split("#")[-1][:6]
