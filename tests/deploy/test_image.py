"""What the image is made of and how it starts, as far as that shows without a container engine."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.deploy.tools import PATH, complaints
from tests.running import CHECKOUT, Program, command

CONTAINER = CHECKOUT / "packaging" / "container"
LOCK = (CONTAINER / "requirements.lock").read_text(encoding="utf-8")
IN_THE_CONTAINER = {
    "PATH": PATH,
    "QUARTERMASTER_HOST": "0.0.0.0",
    "QUARTERMASTER_AUTH": "proxy",
    "QUARTERMASTER_LOG_FORMAT": "json",
}
ENTRYPOINT = ("sh", "-c", 'shift 3; exec "$0" "$@"', str(CONTAINER / "entrypoint"))
"""Stands before `python -m quartermaster`, and puts the entrypoint in its place."""


def test_the_lock_has_what_the_program_needs() -> None:
    locked = dict(re.findall(r"^([\w.-]+)==(\S+)", LOCK, re.MULTILINE))
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for needed in map(Requirement, project["dependencies"]):
        assert locked[needed.name] in needed.specifier, f"{needed}: run `make lock`"


@pytest.mark.parametrize("name", ["requirements.lock", "build.lock"])
def test_a_lock_has_a_hash_for_each_package_and_no_host_name(name: str) -> None:
    lock = (CONTAINER / name).read_text(encoding="utf-8")
    packages = re.split(r"\n(?=\S)", lock.split("make lock\n")[1].strip())
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", package) for package in packages)
    assert not re.search(r"://|--(extra-)?index-url|--find-links|@ ", lock)


def test_the_container_migrates_and_becomes_the_server(tmp_path: Path) -> None:
    with Program(tmp_path, under=ENTRYPOINT, env=IN_THE_CONTAINER) as program:
        assert program.records[0]["event"] == "migration_applied"
        assert "quartermaster" in Path(f"/proc/{program.pid}/cmdline").read_text(encoding="utf-8")
        assert "entrypoint" not in Path(f"/proc/{program.pid}/cmdline").read_text(encoding="utf-8")
        assert program.stop() == 0
    assert program.records[-1]["message"].startswith("Finished server process")
    assert not list(tmp_path.glob("*.db-wal"))


def test_the_container_that_is_not_told_who_asks_changes_nothing(tmp_path: Path) -> None:
    env = {**IN_THE_CONTAINER, "QUARTERMASTER_AUTH": None}
    said = command(tmp_path, "serve", env=env, program=(str(CONTAINER / "entrypoint"),))
    assert (said.returncode, said.stdout) == (2, "")
    assert "nothing says who may come in" in said.stderr
    assert not (tmp_path / "quartermaster.db").exists()


def test_other_commands_run_in_the_container_as_they_are(tmp_path: Path) -> None:
    said = command(tmp_path, "doctor", env=IN_THE_CONTAINER, program=(str(CONTAINER / "entrypoint"),))
    assert (said.returncode, said.stderr) == (1, "")
    assert said.stdout.startswith("There is no database at ")


@pytest.mark.parametrize("words", [("hadolint", "Dockerfile"), ("shellcheck", "packaging/container/entrypoint")])
def test_the_linters_find_nothing(words: tuple[str, ...]) -> None:
    assert complaints(*words) == ""
