"""One version: pyproject.toml names it, and everything that says it has it from there."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

from tests.running import CHECKOUT, command

PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
VERSION = PROJECT["version"]
OF_OTHERS = {"pyproject.toml", "CHANGELOG.md", "Dockerfile"}
"""Its home, the story of all versions, and the image's label where nobody says another."""


def test_the_program_says_the_version_and_ends(tmp_path: Path) -> None:
    said = command(tmp_path, "--version")
    assert (said.returncode, said.stdout, said.stderr) == (0, f"quartermaster {VERSION}\n", "")
    assert not (tmp_path / "quartermaster.db").exists()


def test_no_other_file_of_ours_spells_it() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    spelled = re.compile(rf"(?<![\w.]){re.escape(VERSION)}(?![\w.])")
    spelling = {
        name
        for name in tracked
        if name and not name.endswith((".lock", ".pem", ".woff2", ".png", ".js", "LICENSE"))
        if spelled.search((CHECKOUT / name).read_text(encoding="utf-8"))
    }
    assert spelling - OF_OTHERS == set()


def test_a_copy_that_nobody_installed_knows_it_from_its_checkout(tmp_path: Path) -> None:
    for name in ("quartermaster", "alembic"):
        shutil.copytree(CHECKOUT / name, tmp_path / "copy" / name, ignore=shutil.ignore_patterns("__pycache__"))
    told = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8").replace(f'"{VERSION}"', '"7.8.9"', 1)
    (tmp_path / "copy" / "pyproject.toml").write_text(told, encoding="utf-8")
    said = command(tmp_path, "--version", env={"PYTHONPATH": str(tmp_path / "copy")})
    assert said.stdout == "quartermaster 7.8.9\n"


def test_a_copy_that_knows_nothing_of_itself_still_runs(tmp_path: Path) -> None:
    for name in ("quartermaster", "alembic"):
        shutil.copytree(CHECKOUT / name, tmp_path / "copy" / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "copy" / "sitecustomize.py").write_text(WITHOUT_METADATA, encoding="utf-8")
    env = {"PYTHONPATH": str(tmp_path / "copy")}
    assert command(tmp_path, "--version", env=env).stdout == "quartermaster unknown\n"
    assert command(tmp_path, "migrate", env=env).returncode == 0


WITHOUT_METADATA = """
import importlib.metadata as metadata

found = metadata.Distribution.discover
metadata.Distribution.discover = classmethod(
    lambda cls, **named: iter(()) if named.get("name") == "quartermaster" else found(**named)
)
"""
