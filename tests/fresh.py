"""A data file with nothing in it: brought up to date once, and copied for each test that begins with one."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from quartermaster.storage.migrate import prepare


def fresh(path: Path) -> Path:
    """Put one there."""
    path.write_bytes(_prepared())
    return path


@cache
def _prepared() -> bytes:
    with TemporaryDirectory(prefix="quartermaster-") as folder:
        path = Path(folder) / "quartermaster.db"
        prepare(path, path.with_name("backups"))
        return path.read_bytes()
