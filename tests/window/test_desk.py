"""What a page may ask of the window around it: files are really saved, and nothing is lost without a question."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from quartermaster.window.native import geometry, to_front
from tests.running import CHECKOUT, WITHIN_S, environment
from tests.window.framed import CONTENT
from tests.window.opened import Opened
from tests.window.screen import Screen

Framed = Callable[[str], Opened]


@pytest.fixture
def framed(screen: Screen, tmp_path: Path) -> Framed:
    """A window on one of the pages of tests/window/framed.py, not yet opened."""
    program = (sys.executable, "-m", "tests.window.framed")
    return lambda page: Opened(screen, tmp_path, str(tmp_path), page, program=program)


def asked(window: Opened) -> list[str]:
    return (window.folder / "asked").read_text(encoding="utf-8").split()


def until_ready(window: Opened, page: str) -> None:
    """Until the page hears the keyboard."""
    window.until_titled(page)
    window.until(lambda: "Text." in window.page_text())


def save_as(window: Opened, path: Path) -> None:
    """Press the page's one link, and name the file."""
    window.key("Return")
    name_it(window, path)


def name_it(window: Opened, path: Path) -> None:
    window.until_titled("Save file")
    window.key("ctrl+a")
    window.write(str(path))
    answer(window, "Save file")


def answer(window: Opened, dialog: str) -> None:
    """Enter, until the dialog has taken it: the first one may be for the list of names that fit."""

    def answered() -> bool:
        window.key("Return")
        deadline = time.monotonic() + 2
        while window.front() == dialog and time.monotonic() < deadline:
            time.sleep(0.05)
        return window.front() != dialog

    window.until(answered)


def choose(window: Opened, path: Path) -> None:
    """A file of the machine, in the desktop's dialog: the line for its path opens a moment after it is asked for."""
    window.until_titled("Select File")

    def chosen() -> bool:
        if window.front() == "Select File":
            window.key("ctrl+l", "ctrl+a")
            window.write(str(path))
        window.key("Return")
        return window.comes(lambda: window.front() not in ("Select File", ""), 2.0)

    window.until(chosen)


def write_into(window: Opened, text: str) -> None:
    """Into the page's one field, once it hears the keyboard."""
    if not text:
        return

    def written() -> bool:
        window.key("ctrl+a")
        window.write(text)
        return window.page_text() == text

    window.until(written)


@pytest.mark.parametrize(("page", "content"), [("/save", CONTENT), ("/made", b"a;b")])
def test_a_download_is_saved_where_the_person_says(framed: Framed, tmp_path: Path, page: str, content: bytes) -> None:
    target = tmp_path / "saved"
    with framed(page) as window:
        until_ready(window, page)
        save_as(window, target)
        window.until(target.exists)
        assert target.read_bytes() == content
        assert window.close() == 0


def test_a_file_that_is_there_is_replaced_only_after_a_question(framed: Framed, tmp_path: Path) -> None:
    target = tmp_path / "saved"
    target.write_bytes(b"before")
    with framed("/save") as window:
        until_ready(window, "/save")
        save_as(window, target)
        window.until_titled("Replace the file?")
        window.key("Escape")
        window.until_titled("Save file")
        assert target.read_bytes() == b"before"
        name_it(window, target)
        window.until_titled("Replace the file?")
        window.key("alt+r")
        window.until(lambda: target.read_bytes() == CONTENT)
        assert window.close() == 0


@pytest.mark.parametrize("page", ["/cut", "/gone"])
def test_a_download_that_fails_is_told_and_leaves_what_was_there(framed: Framed, tmp_path: Path, page: str) -> None:
    target = tmp_path / "saved"
    target.write_bytes(b"before")
    with framed(page) as window:
        until_ready(window, page)
        save_as(window, target)
        window.until_titled("Replace the file?")
        window.key("alt+r")
        window.until_titled("It was not saved")
        assert target.read_bytes() == b"before"
        assert list(tmp_path.glob(".saved*")) == []
        window.key("Return")
        window.until_titled(page)
        assert window.close() == 0


def test_what_cannot_be_written_is_told(framed: Framed, tmp_path: Path) -> None:
    with framed("/save") as window:
        until_ready(window, "/save")
        save_as(window, Path("/proc/saved"))
        window.until_titled("It was not saved")
        window.key("Return")
        window.until_titled("/save")
        assert window.close() == 0


def test_a_page_lets_the_person_choose_a_file_of_the_machine(framed: Framed, tmp_path: Path) -> None:
    (tmp_path / "statement.csv").write_text("a;b", encoding="utf-8")
    with framed("/choose") as window:
        until_ready(window, "/choose")
        window.key("space")
        choose(window, tmp_path / "statement.csv")
        window.until_titled("statement.csv")
        assert window.close() == 0


def test_the_window_never_leaves_the_programs_own_pages(framed: Framed) -> None:
    with framed("/leave") as window:
        until_ready(window, "/leave")
        window.key("Return", "Return")
        window.key("ctrl+r")
        window.until(lambda: len(asked(window)) == 2)
        assert [line.partition("/")[2] for line in asked(window)] == ["leave", "leave"]
        assert window.close() == 0


def test_closing_asks_only_when_what_was_typed_would_be_lost(framed: Framed) -> None:
    with framed("/typed") as window:
        window.until_titled("/typed")
        write_into(window, "Marlow")
        window.key("alt+F4")
        window.until_titled("Close without what you typed?")
        window.key("Return")  # nothing is lost by Enter alone
        window.until_titled("/typed")
        window.key("alt+F4")
        window.until_titled("Close without what you typed?")
        window.key("alt+c")
        assert window.ended() == 0


def test_an_enter_that_nobody_has_dealt_with_counts_as_typed(framed: Framed) -> None:
    with framed("/parked") as window:
        until_ready(window, "/parked")
        window.key("alt+F4")
        window.until_titled("Close without what you typed?")
        window.key("alt+c")
        assert window.ended() == 0


@pytest.mark.parametrize(("page", "typed"), [("/typed", ""), ("/sent", "Marlow")])
def test_it_does_not_ask_when_nothing_is_lost(framed: Framed, page: str, typed: str) -> None:
    with framed(page) as window:
        window.until_titled(page)
        write_into(window, typed)
        assert window.close() == 0


def test_a_page_that_hangs_can_be_closed(framed: Framed) -> None:
    with framed("/hanging") as window:
        window.until((window.folder / "asked").exists)
        window.until_titled("Quartermaster")
        assert window.close() == 0


def test_a_window_on_windows_says_where_it_is_and_nothing_while_it_is_minimized() -> None:
    """By a stand-in: such a system is not here."""
    window = SimpleNamespace(gui=SimpleNamespace(renderer="edgechromium"), x=5, y=7, width=900, height=640)
    states = ("Normal", "Maximized", "Minimized")
    found = []
    for state in states:
        window.native = SimpleNamespace(WindowState=state)
        found.append(geometry(window))
    assert found == [(5, 7, 900, 640, False), (5, 7, 900, 640, True), None]


@pytest.mark.parametrize(("state", "asked"), [("Maximized", ["show"]), ("Minimized", ["restore", "show"])])
def test_a_window_that_comes_to_the_front_stays_as_large_as_it_is(state: str, asked: list[str]) -> None:
    done: list[str] = []
    window = SimpleNamespace(
        gui=SimpleNamespace(renderer="edgechromium"),
        native=SimpleNamespace(WindowState=state),
        restore=lambda: done.append("restore"),
        show=lambda: done.append("show"),
    )
    to_front(window, "")
    assert done == asked


OPEN = """
import sys
from types import SimpleNamespace
from quartermaster.window.desk import Desk, Source
for address in sys.argv[1:]:
    Desk(SimpleNamespace(tell=print), Source(), lambda: None).open_outside(address)
"""


def test_only_links_to_the_world_open_in_the_browser(tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/browsed\n', encoding="utf-8")
    browser.chmod(0o700)
    wanted = ["https://example.org/a?b=c", "mailto:sam@example.org"]
    other = ["file:///etc/passwd", "javascript:alert(1)", "data:text/html,a", "--help", ""]
    subprocess.run(
        [sys.executable, "-c", OPEN, *other, *wanted],
        env=environment(tmp_path, {"BROWSER": f"{browser} %s"}),
        cwd=CHECKOUT,
        check=True,
        timeout=WITHIN_S,
    )
    assert (tmp_path / "browsed").read_text(encoding="utf-8").splitlines() == wanted


def test_a_link_that_no_browser_opens_is_shown(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", OPEN, "https://example.org/a?b=c"],
        env=environment(tmp_path, {"BROWSER": None, "PATH": str(tmp_path)}),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert said.stdout == "No browser was found The link leads to https://example.org/a?b=c\n"
