"""The source distribution holds the whole checkout, so that everything can be built and tested from it."""

from __future__ import annotations

import subprocess
import sys
import tarfile

import pytest

from tests.running import CHECKOUT


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files in it, as they would lie in a folder."""
    folder = tmp_path_factory.mktemp("sdist")
    made = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", str(folder)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    [archive] = folder.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        return {name.partition("/")[2] for name in opened.getnames()}


def test_each_file_of_the_checkout_is_in_it(packed: set[str]) -> None:
    assert _of_the_checkout() <= packed
    assert "PKG-INFO" in packed


def test_nothing_else_is_in_it(packed: set[str]) -> None:
    strange = packed - _of_the_checkout() - {"PKG-INFO"}
    assert not [name for name in strange if name.endswith((".db", ".pyc", ".env")) or name.startswith(".venv")]


def _of_the_checkout() -> set[str]:
    """What git keeps; where that is not asked, as in an unpacked distribution, what the program and its tests need."""
    listed = subprocess.run(["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and (CHECKOUT / ".git").exists():
        return {name for name in listed.stdout.splitlines() if (CHECKOUT / name).exists()}
    parts = ("quartermaster", "alembic", "tests", "docs", "packaging", "scripts", "benchmarks", ".forgejo")
    files = [path for part in parts for path in (CHECKOUT / part).rglob("*") if path.is_file()]
    files += [CHECKOUT / name for name in ("compose.yml", ".env.example", "Dockerfile", "Makefile", ".yamllint.yml")]
    return {str(path.relative_to(CHECKOUT)) for path in files if "__pycache__" not in path.parts}
