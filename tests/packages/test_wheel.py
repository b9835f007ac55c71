"""The wheel, in an environment that has nothing else: what `pipx install` and `uv tool install` give people."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.tools import tool
from tests.packages.made import IN_PLACE, broken_assets, lacking
from tests.packages.test_version import VERSION
from tests.running import CHECKOUT, Program, command

ALONE: dict[str, str | None] = {"PYTHONPATH": None, "VIRTUAL_ENV": None}
"""Nothing of the checkout is to be seen."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--wheel", "--out-dir", str(folder), str(CHECKOUT))
    [made] = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The command that the wheel installs."""
    environment = tmp_path_factory.mktemp("empty") / "environment"
    uv("venv", "--python", sys.executable, str(environment))
    uv("pip", "install", "--python", str(environment / "bin" / "python"), str(wheel))
    yield environment / "bin" / "quartermaster"


def uv(*words: str) -> None:
    done = subprocess.run([tool("uv"), "--quiet", *words], capture_output=True, text=True, check=False)
    if done.returncode and "Failed to fetch" in done.stderr:
        lacking(f"no package index can be reached: {done.stderr}")
    assert done.returncode == 0, done.stderr


def test_the_wheel_holds_the_program_and_its_migrations_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        packed = {name for name in opened.namelist() if ".dist-info/" not in name}
    assert packed == tracked("quartermaster/") | {
        name.replace("alembic/", "quartermaster/migrations/", 1) for name in tracked("alembic/")
    }


def tracked(folder: str) -> set[str]:
    listed = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", folder)
    names = subprocess.run(listed, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout.split("\0")
    return {name for name in names if name and (CHECKOUT / name).is_file()}


def test_its_commands_work_where_nothing_else_is_installed(installed: Path, tmp_path: Path) -> None:
    said = command(tmp_path, "--version", env=ALONE, program=(str(installed),))
    assert said.stdout == f"quartermaster {VERSION}\n"
    assert command(tmp_path, "migrate", env=ALONE, program=(str(installed),)).returncode == 0
    said = command(tmp_path, "doctor", env=ALONE, program=(str(installed),))
    assert (said.returncode, said.stdout.splitlines()[-1]) == (0, "All is well.")


def test_its_pages_and_all_that_they_link_to_are_there(installed: Path, tmp_path: Path) -> None:
    with Program(tmp_path, env=ALONE, under=(*IN_PLACE, str(installed))) as program:
        assert Path(f"/proc/{program.pid}/cmdline").read_text(encoding="utf-8").split("\0")[1] == str(installed)
        assert broken_assets(program) == {}
        assert program.get("/settings/licences/SQLAlchemy")[0] == 200
        assert program.stop() == 0
