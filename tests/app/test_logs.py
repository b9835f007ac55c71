"""The log of the running program: one JSON object a line from first to last, and nothing that a person typed."""

from __future__ import annotations

import json
import logging
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from quartermaster.log import CONFIG, Appended
from quartermaster.storage.store import Store
from tests.running import WITHIN_S, Program
from tests.walk.walking import add_row, open_page, open_row, post, postings, row, start_month, start_with_the_starter

MARK = "Zyxwood"
"""A word that is in everything typed here, and nowhere else."""
Record = dict[str, Any]
Visit = Callable[[Program], Page]


def ledger(program: Program, visit: Visit) -> Page:
    """A month that was started from the starter plan, with the postings of its groceries open."""
    page = visit(program)
    start_with_the_starter(page)
    start_month(page)
    open_row(page, "Groceries")
    return page


def said_to(program: Program, sent: bytes) -> bytes:
    """The beginning of what the server answers to some bytes."""
    address = urlsplit(program.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=WITHIN_S) as connection:
        connection.sendall(sent)
        return connection.recv(200)


def requests(program: Program, path: str) -> list[Record]:
    return program.heard("http_request", path=path)


def test_every_line_from_the_first_to_the_last_is_a_record(tmp_path: Path) -> None:
    began = datetime.now(UTC) - timedelta(seconds=1)
    with Program(tmp_path, env={"QUARTERMASTER_LOG_LEVEL": "DEBUG"}) as program:
        for path in ("/", "/archive", "/settings", "/nowhere", "/%0A%22%7B", "/healthz"):
            program.get(path)
        said_to(program, b"\x16\x03\x01 is no HTTP\r\n\r\n")
        program.stop()
    assert len(program.records) > 10
    moments = [datetime.fromisoformat(record["timestamp"]) for record in program.records]
    assert all(moment.tzinfo is not None and not moment.utcoffset() for moment in moments)
    assert began < moments[0] <= max(moments) < datetime.now(UTC)
    for record in program.records:
        assert list(record)[:5] == ["timestamp", "level", "logger", "event", "message"]
        assert record["level"] in ("DEBUG", "INFO", "WARNING", "ERROR")
        assert all(isinstance(record[name], str) and record[name] for name in ("logger", "event", "message"))
    assert [record["event"] for record in program.records][:1] == ["migration_applied"]
    assert program.records[-1]["logger"] == "uvicorn.error"
    assert len(program.stderr) == 1


def test_a_request_is_written_down_once_with_what_was_asked_and_answered(tmp_path: Path) -> None:
    with Program(tmp_path) as program:
        program.get(f"/settings?payee={MARK}&amount=12")
        program.get(f"/nowhere?{MARK}")
        said_to(program, f"HEAD /?{MARK} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        program.stop()
    for path, method, status in (("/settings", "GET", 200), ("/nowhere", "GET", 404), ("/", "HEAD", 405)):
        [record] = requests(program, path)
        assert (record["method"], record["status"], record["level"]) == (method, status, "INFO")
        assert isinstance(record["duration_ms"], float)
        assert record["duration_ms"] >= 0
    assert MARK not in "".join(program.stdout)
    assert "?" not in "".join(record["path"] for record in program.heard("http_request"))


def test_probes_are_written_down_only_for_those_who_debug(tmp_path: Path) -> None:
    with Program(tmp_path) as program:
        program.get("/healthz")
        program.stop()
    assert requests(program, "/healthz") == []
    with Program(tmp_path, env={"QUARTERMASTER_LOG_LEVEL": "DEBUG"}) as debugged:
        debugged.get("/healthz?who=asks")
        debugged.stop()
    assert {record["level"] for record in requests(debugged, "/healthz")} == {"DEBUG"}


@pytest.mark.parametrize(("level", "quiet"), [("WARNING", {"INFO", "DEBUG"}), ("ERROR", {"INFO", "DEBUG", "WARNING"})])
def test_a_higher_level_leaves_the_programs_lower_ones_out(level: str, quiet: set[str], tmp_path: Path) -> None:
    with Program(tmp_path, env={"QUARTERMASTER_LOG_LEVEL": level}) as program:
        program.get("/")
        (tmp_path / "quartermaster.db").rename(tmp_path / "away.db")
        assert program.get("/healthz")[0] == 503
        program.wait_for("healthz_failed")
        program.stop()
    assert not [one for one in program.records if one["level"] in quiet and one["logger"].startswith("quartermaster")]


def test_a_servers_log_can_be_for_people_and_a_demos_for_machines(tmp_path: Path) -> None:
    with Program(tmp_path, env={"QUARTERMASTER_LOG_FORMAT": "human"}) as program:
        program.get("/settings?x=1")
        program.get("/one%0Atwo%1B%5B31m")
        program.stop()
    [line] = [line for line in program.stdout if "path=/settings" in line]
    assert " INFO    http_request method=GET path=/settings status=200 duration_ms=" in line
    assert all(line[2] == line[5] == ":" for line in program.stdout)
    assert "\x1b" not in "".join(program.stdout)
    with Program(tmp_path, "demo", env={"QUARTERMASTER_LOG_FORMAT": "json"}) as demo:
        demo.get("/")
        demo.stop()
    assert requests(demo, "/")


def test_letters_of_any_script_are_written_whatever_the_terminal_takes(tmp_path: Path) -> None:
    with Program(tmp_path, env={"PYTHONIOENCODING": "ascii"}) as program:
        program.get("/%F0%9F%8F%A0%D7%A9")
        program.stop()
    assert len(requests(program, "/🏠ש")) == 1


def test_a_traceback_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "backups").write_text("a file where the folder should be", encoding="utf-8")
    with Program(tmp_path) as program:
        record = program.wait_for("backup_failed")
        program.stop()
    assert record["level"] == "ERROR"
    assert record["exc_info"].startswith("Traceback (most recent call last):\n")
    assert record["exc_info"].splitlines()[-1].startswith("FileExistsError")
    assert program.records


def test_nothing_that_a_person_typed_is_in_any_line(tmp_path: Path, visit: Visit) -> None:
    with Program(tmp_path, env={"QUARTERMASTER_LOG_LEVEL": "DEBUG"}) as program:
        page = ledger(program, visit)
        add_row(page).get_by_label("What for").fill(f"for {MARK}")
        post(page, f"{MARK} Market", "12.34")
        expect(postings(page)).to_have_count(1)
        post(page, f"{MARK} " * 40, "1")
        expect(page.locator("form.p.add [role=alert]").first).to_contain_text("120")
        post(page, MARK, f"{MARK}+1")
        expect(postings(page)).to_have_count(1)
        page.get_by_label("New entry in Subscriptions", exact=True).fill(f"{MARK} Radio")
        page.keyboard.press("Enter")
        open_row(page, f"{MARK} Radio")
        page.locator(".under").get_by_role("button", name="Delete").click()
        expect(page.locator(".snackbar")).to_contain_text(MARK)
        page.keyboard.press("Control+k")
        page.keyboard.type(MARK)
        expect(page.locator("#palette")).to_contain_text(f"{MARK} Market")
        open_page(page, f"/settings?remember={MARK}")
        added = program.wait_for("posting_added")
        program.stop()
    assert added["amount"] == 1234
    lines = [*program.stdout, *program.stderr]
    assert not [line for line in lines if MARK.lower() in line.lower()]
    with closing(sqlite3.connect(program.database)) as connection:
        assert connection.execute("SELECT payee FROM posting").fetchall() == [(f"{MARK} Market",)]


def test_a_bug_is_logged_whole_and_still_without_what_was_typed(tmp_path: Path, visit: Visit) -> None:
    with Program(tmp_path) as program:
        page = ledger(program, visit)
        with closing(sqlite3.connect(program.database)) as connection:
            connection.execute("CREATE TRIGGER broken BEFORE INSERT ON posting BEGIN SELECT nowhere(NEW.id); END")
            connection.commit()
        post(page, f"{MARK} Market", "1")
        record = program.wait_for("bug")
        expect(page.get_by_role("alert").filter(has_text=record["bug"]).first).to_be_visible()
        program.stop()
    assert record["level"] == "ERROR"
    assert "add_posting" in record["exc_info"]
    assert program.heard("posting_added") == []
    assert not [line for line in program.stdout if MARK in line]


def test_an_error_about_a_query_does_not_repeat_what_was_looked_for(store: Store) -> None:
    with pytest.raises(DBAPIError) as error, store.read() as work:
        work.connection.execute(text("SELECT * FROM nowhere WHERE payee = :payee"), {"payee": MARK})
    assert MARK not in str(error.value)


def test_a_posting_is_in_the_file_by_the_time_that_its_event_is_written(tmp_path: Path, visit: Visit) -> None:
    with Program(tmp_path) as program:
        page = ledger(program, visit)
        with closing(sqlite3.connect(program.database)) as other:
            for number in range(1, 6):
                post(page, f"Market {number}", "1")
                program.until(lambda: len(program.heard("posting_added")) == number)  # noqa: B023  # waited for here
                stored = {bytes(one).hex() for (one,) in other.execute("SELECT id FROM posting")}
                assert {said["posting_id"].replace("-", "") for said in program.heard("posting_added")} == stored
        expect(row(page, "Groceries")).to_contain_text("5.00")
        program.stop()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full, which is a full disk")
def test_a_log_that_cannot_be_added_to_is_in_the_way_of_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = logging.makeLogRecord({"msg": "The page has gone.", "levelno": logging.ERROR})
    for place in (Path("/dev/full"), tmp_path / "gone" / "quartermaster.log"):
        Appended(place, encoding="utf-8", delay=True).handle(record)
        assert "The page has gone." in capsys.readouterr().err
    there = tmp_path / "quartermaster.log"
    Appended(there, encoding="utf-8", delay=True).handle(record)
    assert there.read_text(encoding="utf-8") == "The page has gone.\n"


def test_no_logger_is_named_twice() -> None:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        assert len({name for name, _ in pairs}) == len(pairs)
        return dict(pairs)

    json.loads(CONFIG.read_text(encoding="utf-8"), object_pairs_hook=once)
