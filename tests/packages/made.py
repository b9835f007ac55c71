"""What `make package` has made, and how a packaged program is tried."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from alembic import command as alembic

from quartermaster.storage.migrate import _config
from quartermaster.storage.schema import APPLICATION_ID
from quartermaster.storage.store import open_engine
from tests.packages.test_version import VERSION
from tests.running import CHECKOUT, WITHIN_S, Program

DIST = CHECKOUT / "dist"
BUNDLE = DIST / "quartermaster"
LAUNCHER = BUNDLE / "quartermaster"
IN_PLACE = ("sh", "-c", 'shift 3; exec "$0" "$@"')
"""Stands before `python -m quartermaster`, followed by the program that is to run in its place."""
LINKED = re.compile(r'(?:href|src)="(/[^"]+)"')


def made(*patterns: str) -> list[Path]:
    """The files that `make package` put into dist, of this version; a test without them says what to run."""
    found = [path for pattern in patterns for path in sorted(DIST.glob(pattern.replace("@", VERSION)))]
    if len(found) < len(patterns):
        lacking(f"{', '.join(patterns)} in dist: run `make package` first")
    if _migrations(BUNDLE / "_internal" / "quartermaster" / "migrations") != _migrations(CHECKOUT / "alembic"):
        lacking("what is in dist was made from an older checkout: run `make package` again")
    return found


def _migrations(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("versions/*.py")}


def lacking(sentence: str) -> None:
    """A part is missing: a failure in CI, and a sentence elsewhere."""
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)


def needed(*tools: str) -> None:
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        lacking(f"not here: {', '.join(missing)}")


def broken_assets(program: Program, pages: Iterable[str] = ("/", "/settings")) -> dict[str, int]:
    """The pages, and what they link to on this server, that do not answer 200."""
    answers: dict[str, int] = {}
    for page in pages:
        status, text = program.get(page)
        answers[page] = status
        links = set(LINKED.findall(text))
        answers |= {link: httpx.get(f"{program.url}{link}", timeout=WITHIN_S).status_code for link in links}
    assert any(link.endswith(".woff2") for link in answers)
    assert any(link.startswith("/_nicegui/") for link in answers)
    return {link: status for link, status in answers.items() if status != 200}


def older(path: Path) -> None:
    """A file as the first version of the program made it."""
    engine = open_engine(path)
    with engine.connect() as opened:
        connection = opened.execution_options(quartermaster_write=True)
        with connection.begin():
            config = _config()
            config.attributes["connection"] = connection
            alembic.upgrade(config, "0001")
            connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
    engine.dispose()


def newer(path: Path) -> None:
    """Make it a file of a program that is not written yet."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
