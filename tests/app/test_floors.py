"""The floors of the house: they hold, and the linter that holds them sees what crosses them."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.running import CHECKOUT

LINTER = Path(sys.executable).parent / "lint-imports"
FLOORS = "Rooms import only from floors below"
SETTINGS = "Settings only in cli, commands, app and household"
NO_ROWS = "The interface knows units of work, not rows"
OFFENCES = [
    ("helpers.py", "ROUND = 2", FLOORS),
    ("helpers/__init__.py", "", FLOORS),
    ("ui/pages/offence.py", "import sqlalchemy", "SQLAlchemy and Alembic only in storage"),
    ("ui/pages/offence.py", "def sums():\n    from sqlalchemy import func", "SQLAlchemy and Alembic only in storage"),
    (
        "ui/offence.py",
        "from quartermaster.storage.schema import posting",
        "The interface knows units of work, not rows",
    ),
    ("ui/offence.py", "from quartermaster.storage import changelog", NO_ROWS),
    ("ui/offence.py", "from quartermaster.app import build", FLOORS),
    ("ui/offence.py", "from quartermaster.web import access", FLOORS),
    ("ui/offence.py", "from quartermaster.settings import Settings", SETTINGS),
    ("web/offence.py", "from nicegui import ui", "NiceGUI only in ui and app"),
    ("services/offence.py", "from nicegui import ui", "NiceGUI only in ui and app"),
    ("services/offence.py", "from quartermaster.ui import theme", FLOORS),
    ("services/offence.py", "import alembic", "SQLAlchemy and Alembic only in storage"),
    ("storage/offence.py", "from quartermaster.services import plans", FLOORS),
    ("formats/offence.py", "from quartermaster.storage import store", FLOORS),
    ("domain/offence.py", "from quartermaster.storage import store", FLOORS),
    ("domain/offence.py", "from quartermaster import log", "The domain needs the standard library only"),
    ("domain/offence.py", "import babel", "The domain needs the standard library only"),
    ("domain/offence.py", "from pydantic import BaseModel", "The domain needs the standard library only"),
]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The rooms and the rules that hold them, in a place where they may be broken."""
    shutil.copytree(CHECKOUT / "quartermaster", tmp_path / "quartermaster")
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    return tmp_path


def broken(checkout: Path) -> set[str]:
    """The names of the contracts that do not hold."""
    said = subprocess.run([LINTER, "--no-cache"], cwd=checkout, capture_output=True, text=True, check=False)
    assert re.search(r"Contracts: \d+ kept, \d+ broken\.", said.stdout), said.stdout + said.stderr
    names = set(re.findall(r"^(.+) BROKEN$", said.stdout, re.MULTILINE))
    assert said.returncode == (1 if names else 0)
    return names


def test_the_floors_hold(checkout: Path) -> None:
    assert broken(checkout) == set()


@pytest.mark.parametrize(("file", "text", "contract"), OFFENCES)
def test_what_crosses_a_floor_is_seen(file: str, text: str, contract: str, checkout: Path) -> None:
    path = checkout / "quartermaster" / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{text}\n", encoding="utf-8")
    assert contract in broken(checkout)


def test_every_contract_is_one_that_is_tried_here() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {contract["name"] for contract in project["tool"]["importlinter"]["contracts"]}
    assert contracts == {contract for _, _, contract in OFFENCES}


def test_the_domain_imports_the_standard_library_and_itself_alone() -> None:
    for path in (CHECKOUT / "quartermaster" / "domain").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
                assert node.level == 0
            else:
                continue
            for name in names:
                own = f"{name}.".startswith("quartermaster.domain.")
                assert own or name.partition(".")[0] in sys.stdlib_module_names, f"{path.name} imports {name}"


def test_the_domain_runs_where_nothing_is_installed(tmp_path: Path) -> None:
    shutil.copytree(CHECKOUT / "quartermaster" / "domain", tmp_path / "quartermaster" / "domain")
    (tmp_path / "quartermaster" / "__init__.py").touch()
    modules = [f"quartermaster.domain.{path.stem}" for path in (tmp_path / "quartermaster" / "domain").glob("*.py")]
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    bare = [sys.executable, "-S", "-E", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{code}"]
    said = subprocess.run([*bare, *modules], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")
