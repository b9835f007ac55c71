"""The program with its Python, as one folder, on the machine that built it."""

from __future__ import annotations

import fnmatch
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from quartermaster.storage.backup import list_backups
from quartermaster.storage.migrate import head
from tests.packages.made import BUNDLE, IN_PLACE, LAUNCHER, broken_assets, made, newer, older
from tests.packages.test_version import VERSION
from tests.running import CHECKOUT, Program, command

pytestmark = pytest.mark.package
IN_ITS_PLACE = (*IN_PLACE, str(LAUNCHER))
BRINGS = ("libpython*", "libssl*", "libcrypto*", "libsqlite3*", "libbz2*", "liblzma*", "libexpat*", "libmpdec*")


@pytest.fixture(autouse=True)
def _made() -> None:
    made("quartermaster")


def test_it_says_its_version_and_keeps_a_sound_file(tmp_path: Path) -> None:
    assert command(tmp_path, "--version", program=(str(LAUNCHER),)).stdout == f"quartermaster {VERSION}\n"
    assert command(tmp_path, "migrate", program=(str(LAUNCHER),)).returncode == 0
    said = command(tmp_path, "doctor", program=(str(LAUNCHER),))
    assert (said.returncode, said.stdout.splitlines()[-1], said.stderr) == (0, "All is well.", "")


def test_its_pages_and_all_that_they_link_to_are_there(tmp_path: Path) -> None:
    with Program(tmp_path, under=IN_ITS_PLACE) as program:
        assert Path(f"/proc/{program.pid}/exe").resolve() == LAUNCHER
        assert broken_assets(program) == {}
        assert VERSION in program.get("/settings")[1]
        assert "Permission is hereby granted" in program.get("/settings/licences/SQLAlchemy")[1]
        # Of the window's own libraries too, which are none of the program's everywhere.
        assert "Redistributions in binary form must reproduce" in program.get("/settings/licences/pywebview")[1]
        assert program.stop() == 0


def test_amounts_are_written_as_any_country_does(tmp_path: Path) -> None:
    with Program(tmp_path, under=IN_ITS_PLACE, env={"QUARTERMASTER_LOCALE": "de_CH"}) as program:
        assert "1’234’567.89" in program.get("/settings")[1]


def test_passwords_are_made_in_the_usual_hash(tmp_path: Path) -> None:
    said = command(tmp_path, "passwd", "ada", program=(str(LAUNCHER),), given="a long passphrase\n")
    assert re.fullmatch(r"ada:\$2[aby]\$\d\d\$\S{53}\n", said.stdout)


def test_an_older_file_is_opened_after_a_backup(tmp_path: Path) -> None:
    older(tmp_path / "quartermaster.db")
    with Program(tmp_path, under=IN_ITS_PLACE) as program:
        assert program.heard("migration_applied", **{"from": "0001", "to": head()})
        assert program.get("/")[0] == 200
        assert program.stop() == 0
    assert "before-migration" in {backup.reason for backup in list_backups(tmp_path / "backups")}


def test_a_newer_file_is_refused_in_a_sentence_and_left_alone(tmp_path: Path) -> None:
    database = tmp_path / "quartermaster.db"
    assert command(tmp_path, "migrate", program=(str(LAUNCHER),)).returncode == 0
    newer(database)
    before = database.read_bytes()
    said = command(tmp_path, "serve", "--port", "0", program=(str(LAUNCHER),))
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.endswith(
        "was written by a newer Quartermaster (schema 9999). Update this program, then open it again.\n"
    )
    assert database.read_bytes() == before


def test_a_household_of_the_checkout_and_one_of_the_package_are_the_same(tmp_path: Path) -> None:
    with Program(tmp_path, "demo", under=IN_ITS_PLACE) as program:
        assert "Groceries" in program.get("/")[1]
        program.stop()
    said = command(tmp_path, "doctor", env={"QUARTERMASTER_DB_URL": f"sqlite:///{tmp_path / 'demo.db'}"})
    assert said.stdout.endswith("All is well.\n")
    with closing(sqlite3.connect(tmp_path / "demo.db")) as connection:
        [months] = connection.execute("SELECT count(*) FROM month").fetchone()
    assert months >= 12


def test_it_brings_no_library_that_the_systems_webview_has_to_bring_itself() -> None:
    brought = {path.name for path in (BUNDLE / "_internal").glob("lib*.so*")}
    assert {name for name in brought if not any(fnmatch.fnmatch(name, ours) for ours in BRINGS)} == set()
    assert {name.partition(".")[0] for name in brought} >= {"libpython3", "libsqlite3", "libssl"}
    assert not list(BUNDLE.rglob("*.typelib"))


def test_nothing_in_it_says_where_it_was_built() -> None:
    place = str(CHECKOUT).encode()
    telling = [path for path in BUNDLE.rglob("*") if path.is_file() and place in path.read_bytes()]
    assert telling == []
