"""The health probe of the running program: what it says when the data cannot be read, and that it recovers."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from quartermaster.storage.store import Store
from quartermaster.web.healthz import healthz
from tests.living import plan_entry
from tests.running import WITHIN_S, Program, command, without_rights
from tests.walk.test_full_disk import fill
from tests.walk.test_full_disk import program as on_a_small_disk
from tests.walk.walking import this_month

__all__ = ["on_a_small_disk"]

OK = (200, '{"status":"ok"}')
READ_LOCKS = (120, 8)
"""Where SQLite's locks of the write-ahead log are, in its -shm file: https://sqlite.org/walformat.html, 2.3."""
PAGES = 24
MOST_CONNECTIONS = 15
"""Of one store at a time."""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A server whose file is in a folder of its own, with one entry in it. It lives through all that happens here."""
    folder = tmp_path_factory.mktemp("volume") / "data"
    folder.mkdir()
    with Program(folder) as program:
        with closing(program.store()) as store:
            plan_entry(store)
        yield program
        assert program.stop() == 0
    assert command(folder, "doctor").returncode == 0
    with closing(sqlite3.connect(program.database)) as connection:
        assert connection.execute("SELECT name FROM plan_entry").fetchall() == [("Groceries",)]


def failing(program: Program) -> str:
    """The class that the probe names; nothing else is said, and the log has an event of it."""
    before = program.heard("healthz_failed")
    status, said = program.get("/healthz")
    assert status == 503
    assert re.fullmatch(r'\{"status":"error","detail":"[A-Za-z]+"\}', said)
    detail = str(json.loads(said)["detail"])
    earlier = len([event for event in before if event["exception"] == detail])
    program.until(lambda: len(program.heard("healthz_failed", exception=detail)) > earlier)
    event = program.heard("healthz_failed", exception=detail)[-1]
    assert event["level"] == "ERROR"
    assert event.keys() == {"timestamp", "level", "logger", "event", "message", "exception"}
    return detail


@contextmanager
def away(program: Program) -> Iterator[Path]:
    """The data file and what belongs to it are elsewhere: a volume that was not mounted."""
    elsewhere = program.folder / "elsewhere"
    elsewhere.mkdir()
    names = [path.name for path in program.folder.glob("quartermaster.db*")]
    for name in names:
        (program.folder / name).rename(elsewhere / name)
    try:
        yield program.database
    finally:
        for name in names:
            (elsewhere / name).rename(program.folder / name)
        elsewhere.rmdir()


def recovers(program: Program) -> None:
    program.until(lambda: program.get("/healthz") == OK)
    assert "Groceries" in program.get("/")[1]


def test_a_sound_program_says_so_and_nothing_more(tmp_path: Path) -> None:
    with Program(tmp_path) as program, httpx.Client(base_url=program.url, timeout=WITHIN_S) as browser:
        answer = browser.get("/healthz")
        assert (answer.status_code, answer.text) == OK
        assert answer.headers["content-type"] == "application/json"
        assert "set-cookie" not in answer.headers
        assert browser.get("/healthz", headers={"Host": "10.1.2.3:8080"}).status_code == 200
        assert (browser.head("/healthz").status_code, browser.head("/healthz").text) == (200, "")
        assert browser.post("/healthz").status_code in (404, 405)
        program.stop()
    assert program.heard("healthz_failed") == []


def test_a_missing_file_is_said(program: Program) -> None:
    with away(program) as database:
        assert failing(program) == "OperationalError"
        assert not database.exists()
    recovers(program)


@pytest.mark.parametrize("kind", ["garbage", "nothing", "another program's", "folder"])
def test_a_file_that_was_replaced_is_said(kind: str, program: Program) -> None:
    with away(program) as database:
        if kind == "folder":
            database.mkdir()
        else:
            database.write_bytes(os.urandom(8_192) if kind == "garbage" else b"")
        if kind == "another program's":
            with closing(sqlite3.connect(database)) as connection:
                connection.execute("CREATE TABLE posting (id)")
                connection.commit()
        assert failing(program) == ("DatabaseError" if kind == "garbage" else "OperationalError")
        database.rmdir() if kind == "folder" else database.unlink()
    recovers(program)


def test_a_file_that_another_process_holds_alone_is_said(program: Program) -> None:
    command(program.folder, "backup", "copy")
    [copy] = program.backups.glob("*-copy.db")
    with away(program) as database:
        copy.rename(database)
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            assert failing(program) in ("OperationalError", "TimeoutError")
        assert program.get("/healthz") == OK
        database.unlink()
    recovers(program)


def test_a_file_whose_readers_are_shut_out_is_said_in_time(program: Program) -> None:
    with (program.folder / "quartermaster.db-shm").open("rb+") as index:
        program.until(lambda: _locked(index.fileno()))
        assert failing(program) in ("OperationalError", "TimeoutError")
    recovers(program)


def test_a_long_write_by_another_process_is_no_failure(program: Program) -> None:
    with closing(sqlite3.connect(program.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert program.get("/healthz") == OK


def test_a_folder_that_was_renamed_is_said(program: Program) -> None:
    elsewhere = program.folder.rename(program.folder.with_name("elsewhere"))
    try:
        assert failing(program) == "OperationalError"
    finally:
        elsewhere.rename(program.folder)
    recovers(program)


def test_a_folder_that_may_not_be_read_is_said(tmp_path: Path) -> None:
    with Program(tmp_path, under=without_rights()) as program:
        before = tmp_path.stat().st_mode
        tmp_path.chmod(0)
        try:
            assert failing(program) == "OperationalError"
        finally:
            tmp_path.chmod(before)
        program.until(lambda: program.get("/healthz") == OK)
        assert program.stop() == 0


def test_on_a_full_disk_the_data_can_still_be_read(on_a_small_disk: Program, tmp_path: Path) -> None:
    fill(Path(f"/proc/{on_a_small_disk.pid}/root{tmp_path}/disk/filler"))
    assert on_a_small_disk.get("/healthz") == OK
    assert on_a_small_disk.get("/")[0] == 200


def test_a_program_that_is_busy_with_pages_still_answers(tmp_path: Path) -> None:
    with Program(tmp_path, "demo") as program, ThreadPoolExecutor(PAGES) as browsers:
        pages = [browsers.submit(program.get, f"/month/{this_month()}") for _ in range(PAGES)]
        probes = [program.get("/healthz")]
        while not all(page.done() for page in pages):
            probes.append(program.get("/healthz"))
        assert set(probes) == {OK}
        assert {page.result()[0] for page in pages} == {200}


async def test_what_was_answered_in_time_counts_while_a_page_holds_the_loop(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("SELECT 1 FROM this_device")
    async with asking(database) as browser:
        asked = asyncio.create_task(browser.get("/healthz"))
        while not asked.done():
            time.sleep(0.12)  # noqa: ASYNC251  # the page that holds the loop
            await asyncio.sleep(0)
    assert (asked.result().status_code, asked.result().text) == OK


async def test_the_probe_waits_behind_nobody_s_work(store: Store) -> None:
    over, loop = threading.Event(), asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))
    in_its_way = [asyncio.create_task(asyncio.to_thread(over.wait)) for _ in range(3)]
    with ExitStack() as at_work:
        at_work.callback(over.set)
        for _ in range(MOST_CONNECTIONS - 1):
            at_work.enter_context(store.read())
        at_work.enter_context(store.write())
        async with asking(store.path) as browser:
            answer = await asyncio.wait_for(browser.get("/healthz"), WITHIN_S)
        assert (answer.status_code, answer.text) == OK
    await asyncio.gather(*in_its_way)


async def test_a_probe_that_waits_for_the_file_lets_the_pages_go_on(database: Path) -> None:
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.001)

    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN EXCLUSIVE")
        pages = asyncio.create_task(count_turns())
        async with asking(database) as browser:
            assert (await browser.get("/healthz")).status_code == 503
        pages.cancel()
    assert turns > 5


def asking(database: Path) -> httpx.AsyncClient:
    """The probe's route alone, on this event loop."""
    web = FastAPI()
    web.include_router(healthz(lambda: database))
    return httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://localhost")


def _locked(descriptor: int) -> bool:
    """Whether every reader's lock could be taken, which the program must not hold at that moment."""
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, READ_LOCKS[1], READ_LOCKS[0])
    except OSError:
        return False
    return True
