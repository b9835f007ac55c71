"""The packaged program's window on a screen: a day with it, as tests/window tries it with the program itself."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from quartermaster.storage.doctor import examine
from tests.packages.made import LAUNCHER, made, newer
from tests.window.opened import Opened
from tests.window.screen import Screen, skip_or_fail
from tests.window.test_a_day import add_by_typing, household

pytestmark = pytest.mark.package


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    made("quartermaster")
    skip_or_fail()
    screen = Screen()
    yield screen
    screen.close()


@pytest.fixture
def window(screen: Screen, tmp_path: Path) -> Opened:
    return Opened(screen, tmp_path, program=(str(LAUNCHER),))


def test_what_is_typed_into_it_is_there_when_it_is_opened_again(window: Opened) -> None:
    a_day(window)


def a_day(window: Opened) -> None:
    """Opened, written into, opened twice, closed, opened again."""
    month = household(window)
    window.remember(page=f"/month/{month}")
    with window:
        add_by_typing(window, month)
        second = window.again()
        assert (second.returncode, second.stderr) == (0, "Quartermaster is open already: its window is in front now.\n")
        window.screen.picture(window.folder / "a-day.png")
        assert window.close() == 0
        window.until(lambda: window.processes() == [])
        window.start()
        window.until_titled(f"{month.title} · Quartermaster")
        window.until(lambda: "22.50" in window.page_text())
        assert window.close() == 0
    assert examine(window.database).findings == ()


def test_both_its_processes_are_the_packaged_program(window: Opened) -> None:
    with window:
        window.until_titled("Plan · Quartermaster")
        assert Path(f"/proc/{window.server_part()}/exe").resolve() == LAUNCHER
        # The webview's processes are the system's, and see no library of the package.
        environments = [Path(f"/proc/{process}/environ").read_bytes() for process in webviews(window)]
        assert environments
        assert not [one for one in environments if b"\0LD_LIBRARY_PATH=" in one]
        assert window.close() == 0


def webviews(window: Opened) -> list[int]:
    return [one for one in window.processes() if "WebKit" in Path(f"/proc/{one}/exe").resolve().name]


def test_a_newer_file_is_refused_in_its_window(window: Opened) -> None:
    household(window)
    newer(window.database)
    with window:
        window.until_titled("Quartermaster cannot open")
        window.until(lambda: "was written by a newer Quartermaster (schema 9999)" in window.page_text())
        window.key("Return")
        assert window.ended() == 1


def test_a_window_that_is_killed_leaves_no_process_and_a_sound_file(window: Opened) -> None:
    household(window)
    with window:
        window.until_titled("Plan · Quartermaster")
        window.signal(signal.SIGKILL)
        window.ended()
        window.until(lambda: window.processes() == [])
    with closing(window.store()) as store:
        assert examine(store.path).findings == ()
