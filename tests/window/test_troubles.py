"""When things go wrong: a window says so, and nothing is left behind."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.command import upgrade
from sqlalchemy import create_engine

from quartermaster.domain.year_month import YearMonth
from quartermaster.storage.backup import list_backups
from quartermaster.storage.migrate import _config
from quartermaster.storage.schema import APPLICATION_ID
from tests.running import CHECKOUT, command
from tests.window.opened import Opened
from tests.window.screen import Screen
from tests.window.test_a_day import applied, household

STOPPED, CANNOT = "Quartermaster has stopped", "Quartermaster cannot open"


def test_a_crash_of_the_server_part_is_told_and_what_was_typed_is_there_when_it_is_started_again(
    window: Opened,
) -> None:
    with window:
        window.until_titled("Plan · Quartermaster")
        window.quick_add("Marlow M")
        window.write("ar")
        os.kill(window.server_part(), signal.SIGKILL)
        window.until_titled(STOPPED)
        assert "has ended by itself, with the code -9." in window.log
        log = str(next((window.folder / "state").rglob("*.log")))
        window.until(lambda: log in window.page_text())
        window.until_it_leads_to("Plan · Quartermaster", lambda: window.key("Return"))
        window.until(lambda: _has_payee(window, "Marlow Mar"))
        assert window.close() == 0
        window.until(lambda: window.processes() == [])


def test_closing_asks_while_the_server_part_hangs_and_keeps_what_was_typed_once_it_answers(window: Opened) -> None:
    month = household(window)
    window.remember(page=f"/month/{month}")
    with window:
        _close_while_it_hangs(window, month, "1")
        assert window.close() == 0
        assert applied(window) == [1_000]
        window.start()
        window.until_titled(f"{month.title} · Quartermaster")
        window.until(lambda: _has_payee(window, "Marlow Market"))
        assert window.close() == 0


def test_a_posting_that_was_entered_while_the_server_part_hung_is_saved_before_the_window_closes(
    window: Opened,
) -> None:
    month = household(window)
    window.remember(page=f"/month/{month}")
    with window:
        _close_while_it_hangs(window, month, "Return")
        assert window.close() == 0
        assert applied(window) == [2_250]


def _drafts(window: Opened) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in window.folder.glob("browsers/*.json"))


def _close_while_it_hangs(window: Opened, month: YearMonth, key: str) -> None:
    """A posting, complete but for this key; the window asks, and the server part answers again after that."""
    window.until_titled(f"{month.title} · Quartermaster")
    window.quick_add("Marlow Market")
    window.write("\t12.50\t")

    def chosen() -> bool:
        window.key("g")
        return window.comes(lambda: '"entry_id"' in _drafts(window), 2.0)

    window.until(chosen)
    window.key("shift+Tab")
    part = window.server_part()
    os.kill(part, signal.SIGSTOP)
    window.key(key, "alt+F4")
    window.until_titled("Close without what you typed?")
    window.key("Escape")
    window.until_titled(f"{month.title} · Quartermaster")
    os.kill(part, signal.SIGCONT)


NO_PAGES = "import sys\nsys.modules['nicegui'] = None"
NONSENSE = """
import sys
if "--behind-the-window" in sys.orig_argv:
    print('{"told": "refused", "sentence": 1, "code": 1}', flush=True)
"""


@pytest.mark.parametrize(("start", "said"), [(NO_PAGES, "import of nicegui"), (NONSENSE, "AttributeError")])
def test_what_happened_is_in_the_log_however_early_it_was(
    screen: Screen, tmp_path: Path, start: str, said: str
) -> None:
    (tmp_path / "start").mkdir()
    (tmp_path / "start" / "sitecustomize.py").write_text(start, encoding="utf-8")
    with Opened(screen, tmp_path, env={"PYTHONPATH": f"{tmp_path / 'start'}{os.pathsep}{CHECKOUT}"}) as window:
        window.until_titled(STOPPED)
        assert said in window.log
        assert window.close() == 1
        window.until(lambda: window.processes() == [])


def test_a_page_that_crashes_comes_back_and_is_told_of_when_it_does_so_again(window: Opened) -> None:
    with window:
        window.until_titled("Plan · Quartermaster")
        window.find("archive", "Archive · Quartermaster")
        window.quick_add("Marlow M")
        window.write("ar")
        window.until(lambda: "Marlow Mar" in _drafts(window))
        kill_the_page(window)
        window.until(lambda: _has_payee(window, "Marlow Mar"))
        assert window.front() == "Archive · Quartermaster"
        kill_the_page(window)
        window.until_titled("Quartermaster cannot show its pages")
        window.until(lambda: "Make room, then open Quartermaster again." in window.page_text())
        assert window.log.count("The process that draws the page has ended by itself.") == 2
        assert window.ended_by("Return") == 0
        window.until(lambda: window.processes() == [])


def kill_the_page(window: Opened) -> None:
    """As the system does where memory is short."""
    drawing = [one for one in window.processes() if Path(f"/proc/{one}/exe").resolve().name == "WebKitWebProcess"]
    assert drawing
    for process in drawing:
        os.kill(process, signal.SIGKILL)


BUGS = """
import signal, sys, threading
if "--behind-the-window" not in sys.orig_argv:
    def fail(where): raise RuntimeError(f"a bug in {where}")
    def both(*_):
        threading.Thread(target=fail, args=("a thread",)).start()
        fail("the window")
    signal.signal(signal.SIGUSR2, both)
"""


def test_a_bug_in_the_window_itself_is_in_the_log_whole_and_on_stderr(screen: Screen, tmp_path: Path) -> None:
    (tmp_path / "start").mkdir()
    (tmp_path / "start" / "sitecustomize.py").write_text(BUGS, encoding="utf-8")
    with Opened(screen, tmp_path, env={"PYTHONPATH": f"{tmp_path / 'start'}{os.pathsep}{CHECKOUT}"}) as window:
        window.until_titled("Plan · Quartermaster")
        window.signal(signal.SIGUSR2)
        window.until(lambda: {"a thread", "the window"} <= set(re.findall("RuntimeError: a bug in (.+)", window.log)))
        assert "ERROR   nobody caught RuntimeError\nTraceback (most recent call last):\n" in window.log
        window.find("archive", "Archive · Quartermaster")  # it goes on, and so does the log of its server part
        assert "path=/archive" in window.log
        assert window.close() == 0
    assert "RuntimeError: a bug in the window" in window.said.read_text(encoding="utf-8")


def test_starting_again_twice_starts_once(window: Opened) -> None:
    with window:
        window.until_titled("Plan · Quartermaster")
        os.kill(window.server_part(), signal.SIGKILL)
        window.until_titled(STOPPED)
        window.until(lambda: "Start again" in window.page_text())
        window.key("Return", "Return", "Return")
        window.until_titled("Plan · Quartermaster")
        assert window.server_part()  # there is one
        assert window.close() == 0
        window.until(lambda: window.processes() == [])


def test_a_signal_that_comes_before_the_window_is_not_lost(window: Opened) -> None:
    with window:
        window.until((window.own / "door").exists)
        window.signal(signal.SIGTERM)
        assert window.ended() == 0
        window.until(lambda: window.processes() == [])


def _has_payee(window: Opened, payee: str) -> bool:
    """Whether this is in the first field of the quick add; otherwise it is opened, and the next look may find it."""
    window.key("ctrl+a", "ctrl+c", "End")
    has = window.screen.clipboard() == payee
    if not has:
        window.key("Escape", "a")
    return has


def test_a_file_that_a_newer_program_wrote_is_refused_in_a_window(window: Opened) -> None:
    assert command(window.folder, "migrate").returncode == 0
    with closing(sqlite3.connect(window.database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = window.database.read_bytes()
    with window:
        window.until_titled(CANNOT)
        window.until(lambda: "was written by a newer Quartermaster (schema 9999)" in window.page_text())
        assert window.ended_by("Return") == 1
    assert window.database.read_bytes() == before
    assert "Update this program, then open it again." in window.said.read_text(encoding="utf-8")


def test_an_older_file_is_opened_after_a_backup(window: Opened) -> None:
    engine = create_engine(f"sqlite:///{window.database}")
    with engine.begin() as connection:
        first = _config()
        first.attributes["connection"] = connection
        upgrade(first, "0001")
        connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
    engine.dispose()
    with window:
        window.until_titled("Plan · Quartermaster")
        assert window.close() == 0
    assert "before-migration" in {backup.reason for backup in list_backups(window.folder / "backups")}
    assert "migration_applied from=0001 to=" in window.log


def test_a_wrong_setting_is_told_in_a_window_too(screen: Screen, tmp_path: Path) -> None:
    with Opened(screen, tmp_path, env={"QUARTERMASTER_LOCALE": "Elvish"}) as window:
        window.until_titled(CANNOT)
        window.until(lambda: "QUARTERMASTER_LOCALE" in window.page_text())
        assert window.close() == 2
        window.until(lambda: window.processes() == [])


def test_a_refusal_before_any_household_is_known_is_remembered_nowhere(screen: Screen, tmp_path: Path) -> None:
    """An administrator may replace even the device that swallows everything."""
    with Opened(screen, tmp_path, env={"QUARTERMASTER_LOG_LEVEL": "LOUD"}) as window:
        window.until_titled(CANNOT)
        window.until(lambda: "QUARTERMASTER_LOG_LEVEL" in window.page_text())
        assert window.close() == 2
        assert Path(os.devnull).is_char_device()
        window.until(lambda: window.processes() == [])


def test_a_window_that_is_killed_leaves_no_process_and_a_sound_file(window: Opened) -> None:
    with window:
        window.until_titled("Plan · Quartermaster")
        window.signal(signal.SIGKILL)
        window.ended()
        window.until(lambda: window.processes() == [])
        assert not window.database.with_name("quartermaster.db-wal").exists()
        window.start()
        window.until_titled("Plan · Quartermaster")
        window.signal(signal.SIGTERM)
        assert window.ended() == 0
        window.until(lambda: window.processes() == [])
