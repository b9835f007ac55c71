"""`make e2e`, as far as that shows without a container engine: what it asks of one, and says where none is."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.deploy.composing import service
from tests.deploy.tools import complaints
from tests.e2e.__main__ import TAG, run_arguments
from tests.running import CHECKOUT, environment

READ = ("TAG", "PORT", "DATA", "BIND", "NET", "RUN_ARGS", "HEALTH_S", "STOP_S", "HOOK")
ENGINE = f"""\
#!/bin/sh
for name in {" ".join(READ)}; do eval "echo \\"$name=\\$$name\\""; done
echo "$@"
exit 7
"""


def end_to_end(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.e2e"],
        env={**environment(folder, {"CONTAINER_ENGINE": None}), **env},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_without_an_engine_it_says_what_it_needs(tmp_path: Path) -> None:
    said = end_to_end(tmp_path, PATH=str(tmp_path))
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith("make e2e needs a container engine. Start Docker")
    assert "CONTAINER_ENGINE" in said.stderr


def test_an_engine_that_is_named_is_told_all_that_it_needs_and_judges(tmp_path: Path) -> None:
    engine = tmp_path / "engine"
    engine.write_text(ENGINE, encoding="utf-8")
    engine.chmod(0o755)
    said = end_to_end(tmp_path, CONTAINER_ENGINE=f"{engine} --quietly")
    assert said.returncode == 7
    told = dict(line.split("=", 1) for line in said.stdout.splitlines()[: len(READ)])
    assert (told["TAG"], told["NET"], told["HEALTH_S"], told["STOP_S"]) == (TAG, "host", "5", "5")
    assert Path(told["DATA"]).parent == Path(told["BIND"])
    assert not Path(told["BIND"]).exists()
    assert "pytest" in told["HOOK"]
    assert said.stdout.splitlines()[-1].startswith(f"--quietly {CHECKOUT} --build-arg VERSION=")


def test_the_container_has_the_rights_limits_and_settings_of_compose() -> None:
    arguments = list(run_arguments(8090, "https://localhost:8443"))
    one = service()
    asked = [" ".join(pair) for pair in pairwise(arguments)]
    for expected in ("--user 1000:1000", "--cap-drop ALL", "--security-opt no-new-privileges:true", "--pids-limit 256"):
        assert expected in asked
    assert {f"--memory {1024**3}", f"--memory-swap {1024**3}", f"--tmpfs {one['tmpfs'][0]}"} <= set(asked)
    assert "--read-only" in arguments
    given = {arguments[at + 1].partition("=")[0] for at, word in enumerate(arguments) if word == "--env"}
    assert given == {*one["environment"], "QUARTERMASTER_PORT"}


@pytest.mark.skipif("E2E_FOLDER" in os.environ, reason="make e2e itself")
def test_its_tests_are_left_out_where_no_container_runs() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests/e2e"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "no tests collected" in said.stdout


def test_the_linters_find_nothing() -> None:
    assert complaints("shellcheck", "tests/e2e/with-docker") == ""
