"""Several starts: one window for a household, another for another, whatever else runs on the machine."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
from pathlib import Path

from quartermaster.window.opening import Place
from tests.window.opened import Opened
from tests.window.screen import Screen
from tests.window.test_alone import listening

IN_FRONT = "Quartermaster is open already: its window is in front now.\n"
HANGS = "It is open already, but its window does not answer."
A_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [A-Z]+ ")
LOG_BYTES = 1_000_000


def test_a_second_start_brings_a_covered_window_to_the_front(screen: Screen, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with Opened(screen, tmp_path) as window:
        window.until_titled("Plan · Quartermaster")
        program = (sys.executable, "-m", "tests.window.framed")
        with Opened(screen, tmp_path / "other", str(tmp_path / "other"), "/typed", program=program) as cover:
            cover.until_titled("/typed")
            second = window.again()
            assert (second.returncode, second.stderr) == (0, IN_FRONT)
            window.until_titled("Plan · Quartermaster")
            assert len(screen.windows()) == 2
        assert window.close() == 0


def test_two_starts_at_once_make_one_window(window: Opened) -> None:
    """As a double click on the icon does."""
    with window:
        window.until((window.own / "lock").exists)
        second = window.again()
        assert (second.returncode, second.stderr) == (0, IN_FRONT)
        window.until_titled("Plan · Quartermaster")
        assert len(window.screen.windows()) == 1
        assert window.server_part()  # there is one
        assert window.close() == 0
        window.until(lambda: window.processes() == [])


def test_a_window_that_hangs_is_said_to_hang_in_a_window(window: Opened) -> None:
    with window:
        window.until_titled("Plan · Quartermaster")
        window.signal(signal.SIGSTOP)
        with Opened(window.screen, window.folder) as second:
            second.until_titled("Quartermaster cannot open")
            second.until(lambda: HANGS in second.page_text())
            assert second.ended_by("Return") == 1
        assert HANGS in second.said.read_text(encoding="utf-8")
        window.signal(signal.SIGCONT)
        window.until_titled("Plan · Quartermaster")
        assert window.close() == 0


def test_a_start_while_the_window_closes_opens_it_again(window: Opened) -> None:
    with window:
        window.until_titled("Plan · Quartermaster")
        os.kill(window.server_part(), signal.SIGSTOP)  # so that it takes as long as it may
        window.key("alt+F4")
        window.until(lambda: not (window.own / "door").exists())
        with Opened(window.screen, window.folder) as second:
            assert window.ended() == 0
            second.until_titled("Plan · Quartermaster")
            assert second.close() == 0


def test_each_household_has_a_window_of_its_own_and_its_name_in_the_title(screen: Screen, tmp_path: Path) -> None:
    cabin = {"QUARTERMASTER_DB_URL": f"sqlite:///{tmp_path / 'new' / 'cabin.db'}"}
    with Opened(screen, tmp_path, env=cabin) as first:
        first.until_titled("Plan · cabin · Quartermaster")
        assert (tmp_path / "new").stat().st_mode & 0o077 == 0  # nobody else's business
        with Opened(screen, tmp_path, "demo") as second:
            second.until_titled("Plan · Demo household · Quartermaster")
            second.until(lambda: "Groceries" in second.page_text())
            assert second.close() == 0
        assert first.close() == 0


def test_who_starts_the_demo_beside_an_open_window_is_shown_the_way_there(screen: Screen, tmp_path: Path) -> None:
    with Opened(screen, tmp_path) as window:
        window.until_titled("Plan · Quartermaster")
        demo = Opened(screen, tmp_path, "demo")
        assert demo.again().stderr == IN_FRONT
        window.until_titled("Open the demo household?")
        window.key("alt+s")
        window.until_titled("Settings · Quartermaster")
        window.find("open the demo", "Plan · Demo household · Quartermaster")
        assert demo.again().stderr == IN_FRONT
        window.find("ledger", "Ledger · Demo household · Quartermaster")  # it does not ask any more
        assert window.close() == 0


def test_each_data_file_has_a_folder_of_its_own_for_its_window(tmp_path: Path) -> None:
    names = ("quartermaster.db", "budget.2025", "budget.2026", "a.db", "a", "a.sqlite", "a.sqlite.db")
    folders = [Place.beside(tmp_path / name, tmp_path / "log", "INFO", "human").folder for name in names]
    assert [folder.name for folder in folders] == [
        "quartermaster.window", "budget.2025-window", "budget.2026-window", "a.window", "a-window", "a.sqlite-window",
        "a.sqlite.window",
    ]  # fmt: skip


def test_a_busy_port_does_not_matter(screen: Screen, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        with Opened(screen, tmp_path, env={"QUARTERMASTER_PORT": port}) as window:
            window.until_titled("Plan · Quartermaster")
            own = listening(window)
            os.kill(window.server_part(), signal.SIGKILL)
            window.until_titled("Quartermaster has stopped")
            # Nor does it that somebody took the port in which the window was.
            with socket.create_server(("127.0.0.1", own)):
                window.until(lambda: "Start again" in window.page_text())
                window.until_it_leads_to("Plan · Quartermaster", lambda: window.key("Return"))
                assert listening(window) != own
                assert window.close() == 0


def test_it_has_an_icon_and_a_name_for_the_desktop(window: Opened) -> None:
    with window:
        window.until_titled("Plan · Quartermaster")
        [shown] = window.screen.windows()
        assert '= "quartermaster"' in window.screen.run("xprop", "-id", shown, "WM_CLASS")
        said = window.screen.run("xprop", "-id", shown, "-f", "_NET_WM_ICON", "32c", "_NET_WM_ICON")
        width, height, *_ = (int(number) for number in re.findall(r"\d+", said.partition("=")[2]))
        assert width == height >= 48
        assert window.close() == 0


def test_its_log_is_for_people_and_turns_over_in_the_systems_folder(window: Opened) -> None:
    with window:
        window.until_titled("Plan · Quartermaster")
        [log] = (window.folder / "state" / "quartermaster" / "log").iterdir()
        assert all(A_LINE.match(line) for line in log.read_text(encoding="utf-8").splitlines())
        with log.open("a", encoding="utf-8") as file:
            file.write("x" * LOG_BYTES)
        window.find("archive", "Archive · Quartermaster")
        former = log.with_name(f"{log.name}.1")
        window.until(former.exists)
        assert former.stat().st_size > LOG_BYTES > log.stat().st_size
        assert window.close() == 0
