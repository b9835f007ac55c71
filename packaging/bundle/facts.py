"""What every package is made from: the version, the moment that it is dated, and where things are."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DESKTOP = ROOT / "packaging" / "desktop"
BUILT = ROOT / "dist"
"""Where packages are put."""
WORK = ROOT / "build" / "package"
ENVIRONMENT = WORK / "environment"
BUNDLE = BUILT / "quartermaster"
"""The program with its Python, as one folder."""
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
"""Archives know no earlier time."""


@cache
def project() -> dict[str, str]:
    """The table `project` of pyproject.toml, which names the version."""
    told: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return told


def version() -> str:
    return project()["version"]


@cache
def moment() -> datetime:
    """When what is packaged was changed last: two builds of one commit carry the same time."""
    said = os.environ.get("SOURCE_DATE_EPOCH") or _said("git", "log", "-1", "--format=%ct")
    return datetime.fromtimestamp(int(said), UTC) if said.isdecimal() else EARLIEST


def reproducible() -> dict[str, str]:
    """The environment in which tools leave out the time and the order of chance."""
    return {**os.environ, "SOURCE_DATE_EPOCH": str(int(moment().timestamp())), "PYTHONHASHSEED": "0"}


def run(*words: str | Path, cwd: Path = ROOT) -> None:
    """Run a tool to its end. One that fails ends the build with what it said."""
    subprocess.run([str(word) for word in words], cwd=cwd, env=reproducible(), check=True)


def python() -> Path:
    """The Python of the environment that packages are made in."""
    return ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def filled(template: Path) -> str:
    """A text with the version and the day put in."""
    text = template.read_text(encoding="utf-8")
    return text.replace("@VERSION@", version()).replace("@DATE@", f"{moment():%Y-%m-%d}")


def _said(*words: str) -> str:
    try:
        return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""
