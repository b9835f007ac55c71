"""What monitoring asks by command: is the server well, and is the newest backup young and sound?"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from quartermaster.cli import parser
from quartermaster.storage.backup import back_up, list_backups
from quartermaster.storage.migrate import head
from quartermaster.storage.newest_backup import verdict
from quartermaster.storage.store import Store
from tests.running import Program, command


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def port(program: Program) -> str:
    return program.url.rpartition(":")[2]


def test_health_says_what_the_probe_says(tmp_path: Path) -> None:
    env = {"QUARTERMASTER_HOST": "0.0.0.0", "QUARTERMASTER_AUTH": "proxy"}
    with Program(tmp_path, env=env) as program:
        well = command(tmp_path, "health", env={**env, "QUARTERMASTER_PORT": port(program)})
        assert (well.returncode, well.stdout, well.stderr) == (0, '200 {"status":"ok"}\n', "")
        program.database.rename(tmp_path / "away")
        ill = command(tmp_path, "health", "--port", port(program), env=env)
        assert (ill.returncode, ill.stderr) == (1, "")
        assert ill.stdout == '503 {"status":"error","detail":"OperationalError"}\n'
        program.kill()
        gone = command(tmp_path, "health", "--port", port(program))
        assert gone.returncode == 1
        assert gone.stdout.startswith(f"127.0.0.1 does not answer on port {port(program)}: ")


def test_health_does_not_wait_for_ever(silent: int, tmp_path: Path) -> None:
    said = command(tmp_path, "health", "--port", str(silent))
    assert said.returncode == 1
    assert said.stdout == f"127.0.0.1 does not answer on port {silent}: timed out.\n"


def made(store: Store, hours_ago: float) -> Path:
    when = datetime.now(UTC) - timedelta(hours=hours_ago)
    return back_up(store.path, store.path.parent / "backups", "daily", when).path


def test_the_newest_backup_is_looked_at_by_command(store: Store, tmp_path: Path) -> None:
    missing = command(tmp_path, "backup", "--check")
    assert (missing.returncode, missing.stdout) == (1, f"There is no backup in {tmp_path / 'backups'}.\n")
    made(store, 30)
    path = made(store, 3)
    young = command(tmp_path, "backup", "--check")
    assert (young.returncode, young.stderr) == (0, "")
    assert young.stdout == f"{path}, made 3 h 0 min ago, {path.stat().st_size:,} bytes. All is well.\n"
    old = command(tmp_path, "backup", "--check", "--older-than", "2h")
    assert (old.returncode, old.stderr) == (1, "")
    assert "It is too old." in old.stdout
    assert len(list_backups(tmp_path / "backups")) == 2


@pytest.mark.parametrize(
    ("age_h", "older_than", "is_old"), [(25, None, 0), (27, None, 1), (3, "200m", 0), (49, "2d", 1)]
)
def test_a_backup_is_too_old_after_26_hours_or_the_time_that_is_said(
    age_h: int, older_than: str, is_old: int, store: Store, tmp_path: Path
) -> None:
    made(store, age_h)
    words = parser().parse_args(["backup", "--check", *(["--older-than", older_than] if older_than else [])])
    found = verdict(tmp_path / "backups", words.older_than, datetime.now(UTC))
    assert bool(found.fault and "It is too old." in found.fault) == bool(is_old)


@pytest.mark.parametrize("harm", ["cut off", "rubbish", "empty", "not ours"])
def test_a_damaged_backup_is_found(harm: str, store: Store, tmp_path: Path) -> None:
    path = made(store, 1)
    whole = path.read_bytes()
    middle = len(whole) // 2 & ~4095
    path.write_bytes(
        {
            "cut off": whole[:middle],
            "rubbish": whole[:middle] + os.urandom(8192) + whole[middle + 8192 :],
            "empty": b"",
            "not ours": b"Dear Ada, " * 900,
        }[harm]
    )
    assert verdict(tmp_path / "backups", timedelta(hours=26), datetime.now(UTC)).fault


@pytest.mark.parametrize("typed", ["26", "h", "-1h", "1w", ""])
def test_a_time_that_is_none_is_refused(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(["backup", "--check", f"--older-than={typed}"])
    assert ended.value.code == 2
    assert "is no time such as 90m, 26h or 7d" in capsys.readouterr().err


def test_migrate_makes_the_file_ready_and_ends(tmp_path: Path) -> None:
    env = {"QUARTERMASTER_LOG_FORMAT": "json"}
    first, again = command(tmp_path, "migrate", env=env), command(tmp_path, "migrate", env=env)
    assert (first.returncode, first.stderr, again.returncode, again.stderr) == (0, "", 0, "")
    assert '"event": "migration_applied"' in first.stdout
    assert "migration_applied" not in again.stdout
    assert f"The data file is ready, in schema {head()}." in again.stdout
    assert (tmp_path / "quartermaster.db").is_file()
