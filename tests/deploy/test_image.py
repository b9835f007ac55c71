"""What the image is made of and how it starts, as far as that shows without a container engine."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from packaging.requirements import Requirement

from tests.deploy.tools import complaints
from tests.running import CHECKOUT, Program, command

CONTAINER = CHECKOUT / "packaging" / "container"
LOCK = (CONTAINER / "requirements.lock").read_text(encoding="utf-8")
DOCKERFILE = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
IN_THE_CONTAINER = {
    "QUARTERMASTER_HOST": "0.0.0.0",
    "QUARTERMASTER_AUTH": "proxy",
    "QUARTERMASTER_LOG_FORMAT": "json",
}
CRASHING = """\
from quartermaster import app, cli
def crash(*_, **__):
    CRASH
    return 0
app.run_server = crash
cli.main()
"""
"""The program, whose server does something that nobody foresaw."""


def test_the_lock_has_what_the_program_needs() -> None:
    locked = dict(re.findall(r"^([\w.-]+)==(\S+)", LOCK, re.MULTILINE))
    for needed in map(Requirement, PROJECT["dependencies"]):
        assert locked[needed.name] in needed.specifier, f"{needed}: run `make lock`"


@pytest.mark.parametrize("name", ["requirements.lock", "build.lock"])
def test_a_lock_has_a_hash_for_each_package_and_no_host_name(name: str) -> None:
    lock = (CONTAINER / name).read_text(encoding="utf-8")
    packages = re.split(r"\n(?=\S)", lock.split("make lock\n")[1].strip())
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", package) for package in packages)
    assert not re.search(r"://|--(extra-)?index-url|--find-links|@ ", lock)


def test_the_container_says_nothing_but_records_from_its_first_line_to_its_last(tmp_path: Path) -> None:
    with Program(tmp_path, env={**IN_THE_CONTAINER, "QUARTERMASTER_COLOUR": "blue"}) as program:
        assert program.stop() == 0
    said = [record["message"] for record in program.records]
    assert said[0] == "QUARTERMASTER_COLOUR is set, but there is no such setting. It does nothing."
    assert said[1] == "migration_applied"
    assert f"Quartermaster is at http://0.0.0.0:{urlsplit(program.url).port}/" in said
    assert said[-1].startswith("Finished server process")
    assert program.stderr == []
    assert not list(tmp_path.glob("*.db-wal"))


@pytest.mark.parametrize(
    ("wrong", "code", "said"),
    [
        ({"QUARTERMASTER_AUTH": None}, 2, "nothing says who may come in"),
        ({"QUARTERMASTER_LOG_LEVEL": "LOUD"}, 2, "QUARTERMASTER_LOG_LEVEL is 'LOUD'"),
        ({"QUARTERMASTER_DB_URL": "sqlite:////dev/null/quartermaster.db"}, 1, "/dev/null cannot be used"),
    ],
)
def test_a_container_that_cannot_start_says_why_in_one_record(
    wrong: dict[str, str | None], code: int, said: str, tmp_path: Path
) -> None:
    ended = command(tmp_path, "serve", env={**IN_THE_CONTAINER, **wrong})
    assert (ended.returncode, ended.stderr) == (code, "")
    [record] = map(json.loads, ended.stdout.splitlines())
    assert (record["level"], record["event"]) == ("ERROR", "log")
    assert said in record["message"]
    assert not (tmp_path / "quartermaster.db").exists()


@pytest.mark.parametrize(
    "crash",
    [
        "raise ZeroDivisionError",
        "import threading; one = threading.Thread(target=lambda: 1 / 0); one.start(); one.join()",
        "import asyncio; it = asyncio.new_event_loop(); it.call_soon(lambda: it.stop() or 1 / 0); it.run_forever()",
        "exec('class Torn:\\n def __del__(self): 1 / 0\\nTorn()')",
    ],
    ids=["at the top", "in a thread", "in the event loop", "while something is thrown away"],
)
def test_a_traceback_that_nobody_caught_is_a_record_too(crash: str, tmp_path: Path) -> None:
    failing = (sys.executable, "-c", CRASHING.replace("CRASH", crash))
    ended = command(tmp_path, "serve", env=IN_THE_CONTAINER, program=failing)
    records = [json.loads(line) for line in ended.stdout.splitlines()]
    [record] = [record for record in records if "exc_info" in record]
    assert record["level"] == "ERROR"
    assert record["exc_info"].splitlines()[0] == "Traceback (most recent call last):"
    assert "ZeroDivisionError" in record["exc_info"].splitlines()[-1]
    assert ended.stderr == ""


def test_other_commands_of_the_container_speak_to_people(tmp_path: Path) -> None:
    said = command(tmp_path, "doctor", env=IN_THE_CONTAINER)
    assert (said.returncode, said.stderr) == (1, "")
    assert said.stdout.startswith("There is no database at ")


def test_the_image_starts_the_program_with_nothing_in_between() -> None:
    last = DOCKERFILE.splitlines()[-2:]
    assert last == ['ENTRYPOINT ["quartermaster"]', 'CMD ["serve"]']


def test_the_version_is_written_down_in_one_place_alone() -> None:
    assert "ARG VERSION=unknown" in DOCKERFILE
    assert PROJECT["version"] not in DOCKERFILE


@pytest.mark.parametrize("words", [("hadolint", "Dockerfile")])
def test_the_linters_find_nothing(words: tuple[str, ...]) -> None:
    assert complaints(*words) == ""
