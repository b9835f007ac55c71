"""Programs beside our own: linters, Traefik, compose. `make setup` installs them; without one its tests are skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import CHECKOUT

INSTALLED = Path(sys.executable).parent
PATH = f"{INSTALLED}:{os.environ.get('PATH', '')}"
"""Where programs are found, also when the environment was not activated."""


def tool(name: str) -> str:
    """The path of a program."""
    found = shutil.which(name, path=PATH)
    if found is None:
        pytest.skip(f"{name} is not here; `make setup` installs it")
    return found


def complaints(name: str, *words: str, ok: tuple[int, ...] = (0,)) -> str:
    """What a linter finds, run at the top of the checkout; empty when nothing."""
    said = subprocess.run(
        [tool(name), *words],
        cwd=CHECKOUT,
        env={**os.environ, "PATH": PATH},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return "" if said.returncode in ok else f"{said.stdout}{said.stderr}"
