"""What `make` sets up for whom, and that it does so once."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]


def would_do(tmp_path: Path, target: str) -> str:
    """The commands that `make` would run for a target, with an environment of its own in `tmp_path`."""
    if shutil.which("make") is None and os.environ.get("CI") != "true":
        pytest.skip("make is not installed")
    # A make that started the tests would make this one say where it is.
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    said = subprocess.run(
        ["make", "-n", target, f"VENV={tmp_path / 'venv'}"],
        cwd=CHECKOUT,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout


def stamped(tmp_path: Path, commands: str) -> None:
    """Pretend that they were run: leave the stamps that they leave."""
    (tmp_path / "venv").mkdir(exist_ok=True)
    for line in commands.splitlines():
        if line.startswith("touch "):
            for stamp in line.split()[1:]:
                Path(stamp).touch()


@pytest.mark.parametrize("target", ["run", "demo"])
def test_who_runs_the_program_needs_no_tool_of_those_who_write_it(tmp_path: Path, target: str) -> None:
    first = would_do(tmp_path, target)
    assert "--editable '.[window]'" in first
    assert "dev" not in first
    stamped(tmp_path, first)
    [only] = would_do(tmp_path, target).splitlines()
    assert "bin/quartermaster" in only


@pytest.mark.parametrize("target", ["test", "lint", "bench"])
def test_who_works_on_it_gets_everything_and_can_run_it_at_once(tmp_path: Path, target: str) -> None:
    first = would_do(tmp_path, target)
    assert "--editable '.[dev,deploy]'" in first
    stamped(tmp_path, first)
    assert "install" not in would_do(tmp_path, target)
    assert "install" not in would_do(tmp_path, "run")
