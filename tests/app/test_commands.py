"""The command line: help worth reading, and backup, restore, doctor and demo as an operator types them."""

from __future__ import annotations

import argparse
import re
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from quartermaster.cli import main, parser
from quartermaster.storage.backup import list_backups
from quartermaster.storage.doctor import examine
from quartermaster.storage.store import Store
from tests.living import entry, line, plan_entry, posted, started
from tests.running import Program, command

COMMANDS = next(iter(action.choices for action in parser()._actions if isinstance(action, argparse._SubParsersAction)))
IN_USE = "Quartermaster is open in another window or process. Close it there, then try again. Nothing was changed."


@pytest.fixture
def lived(store: Store) -> Store:
    """A household with one posting, on the file that commands work on."""
    plan_entry(store)
    started(store)
    posted(store, entry(store, "Groceries").id, 4_200)
    return store


def devices(database: Path) -> tuple[bytes, set[bytes]]:
    """The identity under which the file speaks, and all that ever spoke in it."""
    with closing(sqlite3.connect(database)) as connection:
        known = {bytes(one) for (one,) in connection.execute("SELECT id FROM device")}
        [this] = connection.execute("SELECT id FROM device JOIN this_device ON no = device_no").fetchone()
    return bytes(this), known


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("quartermaster.db*")}


def backed_up(folder: Path, reason: str = "keep") -> Path:
    said = command(folder, "backup", reason)
    assert said.returncode == 0, said.stderr
    return next(backup.path for backup in list_backups(folder / "backups") if backup.reason == reason)


def test_help_tells_a_newcomer_what_there_is(tmp_path: Path) -> None:
    said = command(tmp_path, "--help")
    assert (said.returncode, said.stderr) == (0, "")
    for name in COMMANDS:
        assert re.search(rf"^ +{name} +\w+", said.stdout, re.MULTILINE), name
    for word in (
        "zero-based budget",
        "Without a command",
        "127.0.0.1",
        "Exit codes",
        "QUARTERMASTER_*",
        ".env",
        "docs/",
    ):
        assert word in said.stdout
    assert max(map(len, said.stdout.splitlines())) <= 120
    assert list(tmp_path.glob("*.db")) == []


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_each_of_its_words(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    said = capsys.readouterr()
    assert (ended.value.code, said.err) == (0, "")
    assert said.out.startswith(f"usage: quartermaster {name}")
    assert all(action.help for action in COMMANDS[name]._actions)


@pytest.mark.parametrize("words", [["--help"], ["doctor"], ["backup"]])
def test_commands_without_pages_do_not_wait_for_them(words: list[str], tmp_path: Path) -> None:
    code = (
        f"import sys; from quartermaster.cli import main\ntry: main({words})\nfinally: print('nicegui' in sys.modules)"
    )
    assert command(tmp_path, program=(sys.executable, "-c", code)).stdout.endswith("False\n")


def test_a_backup_is_a_whole_household_under_a_name_that_says_when_and_why(lived: Store, tmp_path: Path) -> None:
    said = command(tmp_path, "backup", "Before", "the Move!")
    assert (said.returncode, said.stderr) == (0, "")
    [backup] = list_backups(tmp_path / "backups")
    assert re.fullmatch(r"quartermaster-\d{8}-\d{6}-before-the-move\.db", backup.path.name)
    assert timedelta(0) <= datetime.now(UTC) - backup.created < timedelta(minutes=1)
    assert said.stdout == f"{backup.path} ({backup.path.stat().st_size:,} bytes)\n"
    assert [path.name for path in backup.path.parent.iterdir()] == [backup.path.name]
    assert examine(backup.path) == examine(lived.path)


@pytest.mark.parametrize(
    ("reason", "named"), [("", "manual"), ("../../etc/x", "etc-x"), ("🏠 \x1b[31m", "31m"), ("x" * 300, "x" * 40)]
)
def test_a_reason_is_never_more_than_a_part_of_the_name(lived: Store, tmp_path: Path, reason: str, named: str) -> None:
    assert command(tmp_path, "backup", reason).returncode == 0
    [backup] = list_backups(tmp_path / "backups")
    assert backup.reason == named


def test_backups_go_where_the_setting_says(lived: Store, tmp_path: Path) -> None:
    said = command(tmp_path, "backup", env={"QUARTERMASTER_BACKUP_DIR": str(tmp_path / "other" / "disk")})
    assert said.returncode == 0
    assert len(list_backups(tmp_path / "other" / "disk")) == 1
    assert not (tmp_path / "backups").exists()


def test_a_backup_works_in_folders_with_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "50% of #1? & more"
    folder.mkdir()
    with Program(folder) as program:
        assert program.get("/")[0] == 200
        backup = backed_up(folder)
        program.stop()
    assert command(folder, "restore", str(backup)).returncode == 0
    assert command(folder, "doctor").returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {folder.name}


@pytest.mark.parametrize("words", [("backup",), ("doctor",)])
def test_where_there_is_no_database_none_is_made(words: tuple[str, ...], tmp_path: Path) -> None:
    said = command(tmp_path, *words)
    assert said.returncode == 1
    assert f"There is no database at {tmp_path / 'quartermaster.db'}" in said.stdout + said.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["started-from"]


def test_a_restore_brings_back_what_was_under_a_new_identity_and_keeps_what_it_replaces(
    lived: Store, tmp_path: Path
) -> None:
    backup = backed_up(tmp_path)
    was, _ = devices(lived.path)
    posted(lived, entry(lived, "Groceries").id, 100)
    lived.set_aside()
    said = command(tmp_path, "restore", str(backup))
    assert (said.returncode, said.stderr) == (0, "")
    undo = next(one.path for one in list_backups(tmp_path / "backups") if one.reason == "before-restore")
    assert said.stdout == f"Restored {backup}. What was there is in {undo}.\n"
    now, known = devices(lived.path)
    assert now != was
    assert known == {now, was}
    lived.reopen(lived.path)
    assert line(lived, "Groceries").applied == 4_200
    lived.set_aside()
    assert command(tmp_path, "restore", str(undo)).returncode == 0
    assert devices(lived.path)[0] not in known
    lived.reopen(lived.path)
    assert line(lived, "Groceries").applied == 4_300
    assert command(tmp_path, "doctor").returncode == 0


def test_a_restore_is_refused_while_the_program_runs_and_it_goes_on(tmp_path: Path) -> None:
    with Program(tmp_path) as program:
        backup = backed_up(tmp_path)
        before = files(tmp_path)["quartermaster.db"]
        said = command(tmp_path, "restore", str(backup))
        assert (said.returncode, said.stdout) == (1, "")
        assert said.stderr == f"quartermaster: {IN_USE}\n"
        assert files(tmp_path)["quartermaster.db"] == before
        assert program.get("/healthz")[0] == 200
        assert program.get("/")[0] == 200
    assert [one.reason for one in list_backups(tmp_path / "backups") if one.reason == "before-restore"] == []


def test_a_restore_is_refused_where_only_a_reader_has_the_file_open(lived: Store, tmp_path: Path) -> None:
    backup = backed_up(tmp_path)
    lived.close()
    with closing(sqlite3.connect(lived.path)) as reader:
        reader.execute("SELECT count(*) FROM posting").fetchone()
        assert command(tmp_path, "restore", str(backup)).returncode == 1
    assert command(tmp_path, "restore", str(backup)).returncode == 0


def damaged(backup: Path) -> bytes:
    """Whole at its beginning, rubbish in the middle: as a copy from a failing disk is."""
    content = backup.read_bytes()
    return content[:8_192] + b"\xa5" * 16_384 + content[24_576:]


@pytest.mark.parametrize("kind", ["nothing", "empty", "letter", "another program's", "cut off", "damaged", "folder"])
def test_what_is_no_sound_backup_is_refused_and_no_byte_changes(kind: str, lived: Store, tmp_path: Path) -> None:
    backup, source = backed_up(tmp_path), tmp_path / "source.db"
    lived.close()
    if kind == "another program's":
        with closing(sqlite3.connect(source)) as connection:
            connection.execute("CREATE TABLE posting (id)")
            connection.commit()
    elif kind == "folder":
        source.mkdir()
    elif kind != "nothing":
        contents = {"empty": b"", "letter": b"Dear Ada, " * 900, "cut off": backup.read_bytes()[:20_000]}
        source.write_bytes(contents.get(kind) or (damaged(backup) if kind == "damaged" else b""))
    before = files(tmp_path)
    said = command(tmp_path, "restore", str(source))
    assert (said.returncode, said.stdout) == (1, "")
    assert re.fullmatch(r"quartermaster: [^\n]+\.[^\n]*\n", said.stderr)
    assert files(tmp_path) == before
    assert [one.path for one in list_backups(tmp_path / "backups")] == [backup]
    assert not list(tmp_path.glob(".restore-*"))


def test_a_write_ahead_log_that_was_left_behind_never_mixes_with_a_restored_file(tmp_path: Path) -> None:
    with Program(tmp_path) as program:
        store = program.store()
        plan_entry(store, "Rent")
        backup = backed_up(tmp_path)
        plan_entry(store, "Groceries")
        left = {name: content for name, content in files(tmp_path).items() if name != "quartermaster.db"}
        program.kill()
        store.close()
    assert len(left["quartermaster.db-wal"]) > 0
    for name, content in left.items():
        (tmp_path / name).write_bytes(content)
    assert command(tmp_path, "restore", str(backup)).returncode == 0
    assert command(tmp_path, "doctor").returncode == 0
    with closing(sqlite3.connect(tmp_path / "quartermaster.db")) as connection:
        assert connection.execute("SELECT name FROM plan_entry").fetchall() == [("Rent",)]


def test_the_doctor_finds_nothing_in_a_sound_file(lived: Store, tmp_path: Path) -> None:
    said = command(tmp_path, "doctor")
    assert (said.returncode, said.stderr) == (0, "")
    report = examine(lived.path)
    assert said.stdout == f"{lived.path}: {report.changes} changes, {report.rows} rows.\nAll is well.\n"


@pytest.mark.parametrize(
    ("harm", "finding"),
    [
        ("UPDATE posting SET amount = amount + 1", "- replay: posting "),
        ("DELETE FROM posting", "- replay: posting "),
        ("UPDATE change SET fields = replace(fields, '4200', '4201')", " is not what was committed"),
        ("DELETE FROM change WHERE kind = 'month_entry'", "- change log: device 1 jumps from "),
        ("UPDATE this_device SET device_no = 99", "- foreign key: "),
        ("UPDATE alembic_version SET version_num = '0000'", "newer Quartermaster (schema 0000)"),
    ],
)
def test_the_doctor_exits_with_1_on_a_finding(harm: str, finding: str, lived: Store, tmp_path: Path) -> None:
    with closing(sqlite3.connect(lived.path)) as connection:
        assert connection.execute(harm).rowcount > 0
        connection.commit()
    said = command(tmp_path, "doctor")
    assert said.returncode == 1
    assert finding in said.stdout + said.stderr
    assert "All is well" not in said.stdout


def test_the_demo_household_lives_in_a_file_of_its_own(lived: Store, tmp_path: Path) -> None:
    before = examine(lived.path)
    lived.close()
    with Program(tmp_path, "demo") as program:
        assert "Groceries" in program.get("/")[1]
        program.stop()
    assert examine(lived.path) == before
    with closing(sqlite3.connect(tmp_path / "demo.db")) as connection:
        [months] = connection.execute("SELECT count(*) FROM month").fetchone()
    assert months >= 12
    assert examine(tmp_path / "demo.db").findings == ()
