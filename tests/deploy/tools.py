"""Programs beside our own: linters, Traefik, compose, restic. Without one, its tests skip; with CI=true they fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from tests.running import CHECKOUT, WITHIN_S

INSTALLED = Path(sys.executable).parent
PATH = f"{INSTALLED}:{os.environ.get('PATH', '')}"
"""Where programs are found, also when the environment was not activated."""


def tool(name: str) -> str:
    """The path of a program."""
    found = shutil.which(name, path=PATH)
    if found is None:
        missing(f"{name} is not here; `make setup` or scripts/test-parts.sh installs it")
    return found


def missing(sentence: str) -> NoReturn:
    """Skip; where all parts must be there, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)


def complaints(name: str, *words: str, ok: tuple[int, ...] = (0,)) -> str:
    """What a linter finds, run at the top of the checkout; empty when nothing."""
    said = subprocess.run(
        [tool(name), *words],
        cwd=CHECKOUT,
        env={**os.environ, "PATH": PATH},
        capture_output=True,
        text=True,
        check=False,
        timeout=3 * WITHIN_S,
    )
    return "" if said.returncode in ok else f"{said.stdout}{said.stderr}"
