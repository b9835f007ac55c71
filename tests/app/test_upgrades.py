"""Files of other versions, other programs and other owners: upgraded after a backup, or refused and left alone."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from quartermaster.storage.backup import list_backups
from quartermaster.storage.doctor import examine
from quartermaster.storage.store import Store
from tests.living import plan_entry
from tests.running import CHECKOUT, ENDING_S, WITHIN_S, Program, command, environment, patience, without_rights

SERVE = ("serve", "--port", "0")
Later = Callable[[str], Mapping[str, str]]


@pytest.fixture
def kept(store: Store, database: Path) -> bytes:
    """What is in a household's file that no program has open."""
    plan_entry(store, "Groceries")
    store.close()
    return database.read_bytes()


@pytest.fixture
def later(tmp_path: Path) -> Later:
    """The next version of this program: itself, with one migration more that does what it is told."""

    def make(does: str) -> Mapping[str, str]:
        checkout = tmp_path / "later"
        for part in ("quartermaster", "alembic"):
            shutil.copytree(CHECKOUT / part, checkout / part, ignore=shutil.ignore_patterns("__pycache__"))
        (checkout / "alembic" / "versions" / "9999_later.py").write_text(
            "import os\nfrom alembic import op\nrevision = '9999'\ndown_revision = "
            f"{_newest()!r}\ndef upgrade():\n    op.execute('ALTER TABLE posting ADD COLUMN mood TEXT')\n    {does}\n",
            encoding="utf-8",
        )
        return {"PYTHONPATH": str(checkout)}

    return make


def _newest() -> str:
    return max(path.name for path in (CHECKOUT / "alembic" / "versions").glob("0*.py"))[:4]


def refusal(folder: Path, env: Mapping[str, str] | None = None, under: tuple[str, ...] = ()) -> str:
    """The one sentence with which `serve` ends instead of starting."""
    said = command(folder, *SERVE, env=env, under=under)
    assert (said.returncode, said.stdout) == (1, "")
    [sentence] = said.stderr.splitlines()
    return sentence


def test_an_upgrade_backs_up_first_and_says_what_it_did(kept: bytes, tmp_path: Path, later: Later) -> None:
    with Program(tmp_path, env=later("pass")) as program:
        made, applied = program.records[:2]
        assert (made["event"], made["reason"]) == ("backup_created", "before-migration")
        assert (applied["event"], applied["from"], applied["to"]) == ("migration_applied", _newest(), "9999")
        assert "Groceries" in program.get("/")[1]
        program.stop()
    backup = next(one for one in list_backups(tmp_path / "backups") if one.reason == "before-migration")
    (tmp_path / "was.db").write_bytes(kept)
    assert examine(backup.path) == examine(tmp_path / "was.db")


def test_where_no_hard_links_can_be_backups_and_upgrades_work_too(kept: bytes, tmp_path: Path, later: Later) -> None:
    under = without_links()
    for words, env in ((("backup", "daily"), {}), (("backup", "daily"), {}), (("migrate",), later("pass"))):
        said = command(tmp_path, *words, under=under, env=env)
        assert said.returncode == 0, said.stderr
    made = list_backups(tmp_path / "backups")
    assert [one.reason.partition("-")[0] for one in made] == ["before", "daily", "daily"]
    assert sorted(path.name for path in (tmp_path / "backups").iterdir()) == sorted(one.path.name for one in made)


def without_links() -> tuple[str, ...]:
    """What stands before a command on a machine that has no hard links."""
    under = (sys.executable, str(Path(__file__).with_name("without_links.py")))
    tried = subprocess.run([*under, "true"], capture_output=True, text=True, check=False)
    if tried.returncode and os.environ.get("CI") != "true":
        pytest.skip(f"this test needs a Linux kernel with seccomp: {tried.stderr}")
    return under


@pytest.mark.parametrize("does", ["op.execute('DROP TABLE nowhere')", "raise ZeroDivisionError", "os._exit(9)"])
def test_an_upgrade_that_fails_leaves_the_file_as_it_was(does: str, kept: bytes, tmp_path: Path, later: Later) -> None:
    said = command(tmp_path, *SERVE, env=later(does))
    [backup] = list_backups(tmp_path / "backups")
    assert backup.reason == "before-migration"
    if "_exit" not in does:
        assert said.returncode == 1
        assert f"could not be upgraded and was left as it was. A backup is at {backup.path}." in said.stderr
        assert "Traceback" not in said.stderr
    assert (tmp_path / "quartermaster.db").read_bytes() == kept
    with Program(tmp_path) as program:
        assert "Groceries" in program.get("/")[1]
        program.stop()
    assert command(tmp_path, "doctor").returncode == 0


def test_an_upgrade_that_is_asked_to_end_ends_at_once_and_leaves_the_file(
    kept: bytes, tmp_path: Path, later: Later
) -> None:
    begun = tmp_path / "begun"
    env = later(f"open({str(begun)!r}, 'w').close(); import time; time.sleep(60)")
    program = [sys.executable, "-m", "quartermaster", *SERVE]
    process = subprocess.Popen(program, env=environment(tmp_path, env), cwd=tmp_path)
    deadline = time.monotonic() + WITHIN_S
    while not begun.exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    assert process.wait(patience(ENDING_S)) == 0
    assert (tmp_path / "quartermaster.db").read_bytes() == kept
    assert not (tmp_path / "quartermaster.db-wal").exists()


def test_without_a_backup_there_is_no_upgrade(kept: bytes, tmp_path: Path, later: Later) -> None:
    (tmp_path / "backups").write_text("a file where the folder should be", encoding="utf-8")
    assert f"{tmp_path / 'backups'} cannot be used" in refusal(tmp_path, later("pass"))
    assert (tmp_path / "quartermaster.db").read_bytes() == kept


def test_a_file_that_a_later_version_wrote_is_refused_and_left_alone(kept: bytes, tmp_path: Path, later: Later) -> None:
    with Program(tmp_path, env=later("pass")) as program:
        program.stop()
    newer, backups = (tmp_path / "quartermaster.db").read_bytes(), list_backups(tmp_path / "backups")
    assert newer != kept
    for words in (SERVE, ("doctor",), ("restore", str(tmp_path / "quartermaster.db"))):
        said = command(tmp_path, *words)
        assert (said.returncode, said.stdout) == (1, "")
        assert "was written by a newer Quartermaster (schema 9999). Update this program" in said.stderr
    assert (tmp_path / "quartermaster.db").read_bytes() == newer
    assert list_backups(tmp_path / "backups") == backups


@pytest.mark.parametrize("there", ["an older file", "nothing"])
def test_programs_that_start_at_once_bring_the_file_up_to_date_once(there: str, tmp_path: Path, later: Later) -> None:
    env = later("pass")
    if there == "an older file":
        with Program(tmp_path) as older:
            older.stop()
    programs = [Program(tmp_path, env=env) for _ in range(3)]
    with ExitStack() as all_of_them, ThreadPoolExecutor() as threads:
        for started in [threads.submit(all_of_them.enter_context, program) for program in programs]:
            started.result()
        assert [one["to"] for program in programs for one in program.heard("migration_applied")] == ["9999"]
        assert [program.get("/")[0] for program in programs] == [200, 200, 200]
    with closing(sqlite3.connect(tmp_path / "quartermaster.db")) as connection:
        assert connection.execute("SELECT count(*) FROM household").fetchall() == [(1,)]


@pytest.mark.parametrize("harm", ["DELETE FROM alembic_version", "INSERT INTO alembic_version VALUES ('0000')"])
def test_a_file_that_does_not_say_its_version_is_refused(harm: str, kept: bytes, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "quartermaster.db")) as connection:
        connection.execute(harm)
        connection.commit()
    harmed = (tmp_path / "quartermaster.db").read_bytes()
    assert "does not say which version wrote it. Restore a backup." in refusal(tmp_path)
    assert (tmp_path / "quartermaster.db").read_bytes() == harmed


@pytest.mark.parametrize("kind", ["letter", "another program's", "cut off"])
def test_a_file_that_is_no_household_is_refused_and_left_alone(kind: str, kept: bytes, tmp_path: Path) -> None:
    database = tmp_path / "quartermaster.db"
    database.write_bytes({"letter": b"Dear Ada, " * 900, "cut off": kept[:9_000]}.get(kind, b""))
    if kind == "another program's":
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("CREATE TABLE posting (id)")
            connection.commit()
    before = database.read_bytes()
    sentence = refusal(tmp_path)
    assert re.search(r"is not a Quartermaster database|is damaged", sentence)
    assert database.read_bytes() == before


def test_an_empty_file_becomes_a_household(tmp_path: Path) -> None:
    (tmp_path / "quartermaster.db").touch()
    with Program(tmp_path) as program:
        assert program.get("/")[0] == 200


def test_a_folder_that_may_not_be_written_is_refused_in_a_sentence(kept: bytes, tmp_path: Path) -> None:
    (tmp_path / "started-from").mkdir()
    with closed(tmp_path, 0o555):
        assert "check who owns the file and its folder" in refusal(tmp_path, under=without_rights())
    assert (tmp_path / "quartermaster.db").read_bytes() == kept


def test_a_file_that_may_not_be_written_can_still_be_read(tmp_path: Path) -> None:
    with Program(tmp_path, under=without_rights()) as program:
        with closing(program.store()) as store:
            plan_entry(store, "Groceries")
        program.stop()
        before = program.database.read_bytes()
        with closed(program.database, 0o444):
            program.start()
            assert "Groceries" in program.get("/")[1]
            assert program.stop() == 0
        assert program.database.read_bytes() == before


@contextmanager
def closed(path: Path, mode: int) -> Iterator[None]:
    """Take the right to write away, and give it back: the folder is to be cleared."""
    before = path.stat().st_mode
    path.chmod(mode)
    try:
        yield
    finally:
        path.chmod(before)


def test_an_upgrade_in_which_nothing_was_written_can_be_taken_back(kept: bytes, tmp_path: Path, later: Later) -> None:
    assert command(tmp_path, "restore", "--before-migration").stdout.startswith("The data file suits this version")
    assert (tmp_path / "quartermaster.db").read_bytes() == kept
    with Program(tmp_path, env=later("pass")) as program:
        program.stop()
    said = command(tmp_path, "restore", "--before-migration")
    assert (said.returncode, said.stderr) == (0, "")
    assert "it was taken back" in said.stdout
    with Program(tmp_path) as program:
        assert "Groceries" in program.get("/")[1]
        program.stop()


def test_an_upgrade_since_which_a_person_wrote_is_not_taken_back(kept: bytes, tmp_path: Path, later: Later) -> None:
    with Program(tmp_path, env=later("pass")) as program:
        with closing(program.store()) as store:
            plan_entry(store, "Rent")
        program.stop()
    newer = (tmp_path / "quartermaster.db").read_bytes()
    said = command(tmp_path, "restore", "--before-migration")
    assert (said.returncode, said.stdout) == (1, "")
    assert "quartermaster: Something was written since" in said.stderr
    assert (tmp_path / "quartermaster.db").read_bytes() == newer
