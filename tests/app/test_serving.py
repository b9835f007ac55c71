"""The server as a process: how it starts, listens, shares its file, and ends."""

from __future__ import annotations

import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import pytest

from quartermaster.storage.backup import list_backups
from tests.living import plan_entry
from tests.running import ENDING_S, WITHIN_S, Program, command, environment, opened_by, patience

NEW = 25
"""How many entries are written beside a running server."""


def left_open(program: Program) -> socket.socket:
    """A browser that holds its connection and has said half of what it wants."""
    address = urlsplit(program.url)
    browser = socket.create_connection((address.hostname or "", address.port or 0), timeout=WITHIN_S)
    browser.sendall(b"POST /settings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhal")
    return browser


def test_a_server_that_is_asked_to_end_lets_go_of_its_file(tmp_path: Path) -> None:
    with Program(tmp_path) as program:
        with closing(program.store()) as store:
            plan_entry(store)
        assert (tmp_path / "quartermaster.db-wal").exists()
        assert program.stop() == 0
        assert program.ended_in_s < patience(ENDING_S)
    assert [path.name for path in tmp_path.glob("quartermaster.db*")] == ["quartermaster.db"]
    with closing(sqlite3.connect(program.database)) as connection:
        assert connection.execute("SELECT name FROM plan_entry").fetchall() == [("Groceries",)]


def test_a_browser_that_never_finishes_does_not_hold_the_server_up(tmp_path: Path) -> None:
    with Program(tmp_path) as program, left_open(program), left_open(program):
        assert program.stop() == 0
        assert program.ended_in_s < patience(ENDING_S)
    assert not (tmp_path / "quartermaster.db-wal").exists()


def test_a_server_that_is_asked_to_end_while_it_starts_leaves_a_sound_file(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "quartermaster", "serve", "--port", "0"],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (tmp_path / "quartermaster.db").exists():
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 0, said
    with Program(tmp_path) as program:
        program.stop()
    assert command(tmp_path, "doctor").returncode == 0


def test_a_command_that_is_asked_to_end_says_that_it_was_not_done(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "quartermaster", "passwd", "sam"],
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not _handles(process.pid, signal.SIGTERM):
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=WITHIN_S)
    assert (process.returncode, *said) == (128 + signal.SIGTERM, "", "")


def test_what_was_acknowledged_is_there_after_a_power_cut(tmp_path: Path) -> None:
    with Program(tmp_path) as program, closing(program.store()) as store:
        plan_entry(store, "Rent")
        program.kill()
        program.start()
        assert "Rent" in program.get("/")[1]


def test_other_processes_write_and_read_beside_a_healthy_server(tmp_path: Path) -> None:
    with Program(tmp_path) as program, ThreadPoolExecutor() as beside:
        done = Event()
        probes = beside.submit(lambda: [program.get("/healthz") for _ in iter(done.is_set, True)])
        commands = beside.submit(
            lambda: [command(tmp_path, word).returncode for word in ("backup", "doctor", "backup")]
        )
        try:
            with closing(program.store()) as store:
                for number in range(NEW):
                    plan_entry(store, f"Written beside {number:02}")
                    assert f"Written beside {number:02}" in program.get("/")[1]
            assert commands.result() == [0, 0, 0]
        finally:
            done.set()
        assert set(probes.result()) == {(200, '{"status":"ok"}')}
        assert program.heard("healthz_failed") == []
    assert len([one for one in list_backups(tmp_path / "backups") if one.reason == "manual"]) == 2


def test_two_servers_share_one_file(tmp_path: Path) -> None:
    with Program(tmp_path) as first, Program(tmp_path) as second:
        with closing(first.store()) as store:
            plan_entry(store, "Rent")
        assert "Rent" in first.get("/")[1]
        assert "Rent" in second.get("/")[1]
        assert first.stop() == 0
        assert second.get("/healthz")[0] == 200


def test_the_first_backup_of_the_day_is_made_by_itself(tmp_path: Path) -> None:
    with Program(tmp_path) as program:
        program.wait_for("backup_created", reason="daily")
        program.stop()
        program.start()
        program.stop()
    assert [one.reason for one in list_backups(tmp_path / "backups")] == ["daily"]


def test_the_data_is_in_the_systems_folder_unless_it_is_said_otherwise(tmp_path: Path) -> None:
    with Program(tmp_path, env={"QUARTERMASTER_DB_URL": None}) as program:
        program.wait_for("backup_created")
        folder = tmp_path / "share" / "quartermaster"
        assert {"quartermaster.db", "backups", "browsers.secret"} <= {path.name for path in folder.iterdir()}
    assert not (tmp_path / "quartermaster.db").exists()


def test_what_signs_cookies_is_its_owners_and_stays(tmp_path: Path) -> None:
    secret = tmp_path / "browsers.secret"
    with Program(tmp_path) as program:
        first = secret.read_text(encoding="ascii")
        assert secret.stat().st_mode & 0o077 == 0
        assert (tmp_path / "browsers").stat().st_mode & 0o077 == 0
        program.stop()
        program.start()
    assert secret.read_text(encoding="ascii") == first
    assert len(first) > 30


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", ""])
def test_a_server_listens_on_this_machine_alone_unless_it_is_told_otherwise(host: str, tmp_path: Path) -> None:
    with Program(tmp_path, "serve", "--host", host) as program:
        assert program.url.startswith("http://127.0.0.1:")
        assert _listening(program) == {"127.0.0.1"}


def test_a_server_for_every_address_answers_here_too(tmp_path: Path) -> None:
    with Program(tmp_path, env={"QUARTERMASTER_HOST": "0.0.0.0", "QUARTERMASTER_AUTH": "proxy"}) as program:
        assert _listening(program) == {"0.0.0.0"}
        port = urlsplit(program.url).port
        assert program.get("/", host=f"127.0.0.1:{port}")[0] == 200


def test_the_newer_kind_of_address_is_shown_as_browsers_take_it(tmp_path: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no ::1")
    with Program(tmp_path, "serve", "--host", "::1") as program:
        assert program.url.startswith("http://[::1]:")
        assert program.get("/")[0] == 200


def _handles(pid: int, one: signal.Signals) -> bool:
    """Whether a process does something of its own about a signal, as the kernel says."""
    [caught] = re.findall(r"^SigCgt:\t(\w+)$", Path(f"/proc/{pid}/status").read_text(encoding="ascii"), re.MULTILINE)
    return bool(int(caught, 16) >> (one - 1) & 1)


def _listening(program: Program) -> set[str]:
    """The IPv4 addresses on which the program listens, as the kernel says."""
    held = opened_by(program.pid)
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    mine = [row[1].partition(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in held]
    return {socket.inet_ntoa(bytes.fromhex(hexadecimal)[::-1]) for hexadecimal in mine}
