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
    ("helpers_{}.py", "ROUND = 2", FLOORS),
    ("helpers_{}/__init__.py", "", FLOORS),
    ("ui/pages/offence_{}.py", "import sqlalchemy", "SQLAlchemy and Alembic only in storage"),
    (
        "ui/pages/offence_{}.py",
        "def sums():\n    from sqlalchemy import func",
        "SQLAlchemy and Alembic only in storage",
    ),
    (
        "ui/offence_{}.py",
        "from quartermaster.storage.schema import posting",
        "The interface knows units of work, not rows",
    ),
    ("ui/offence_{}.py", "from quartermaster.storage import changelog", NO_ROWS),
    ("ui/offence_{}.py", "from quartermaster.app import build", FLOORS),
    ("ui/offence_{}.py", "from quartermaster.web import access", FLOORS),
    ("ui/offence_{}.py", "from quartermaster.settings import Settings", SETTINGS),
    ("web/offence_{}.py", "from nicegui import ui", "NiceGUI only in ui and app"),
    ("services/offence_{}.py", "from nicegui import ui", "NiceGUI only in ui and app"),
    ("services/offence_{}.py", "from quartermaster.ui import theme", FLOORS),
    ("services/offence_{}.py", "import alembic", "SQLAlchemy and Alembic only in storage"),
    ("storage/offence_{}.py", "from quartermaster.services import plans", FLOORS),
    ("formats/offence_{}.py", "from quartermaster.storage import store", FLOORS),
    ("domain/offence_{}.py", "from quartermaster.storage import store", FLOORS),
    ("domain/offence_{}.py", "from quartermaster import log", "The domain needs the standard library only"),
    ("domain/offence_{}.py", "import babel", "The domain needs the standard library only"),
    ("domain/offence_{}.py", "from pydantic import BaseModel", "The domain needs the standard library only"),
]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The rooms and the rules that hold them, in a place where they may be broken."""
    shutil.copytree(CHECKOUT / "quartermaster", tmp_path / "quartermaster")
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    return tmp_path


def broken(checkout: Path) -> dict[str, str]:
    """The names of the contracts that do not hold, and what is said of each."""
    said = subprocess.run([LINTER, "--no-cache"], cwd=checkout, capture_output=True, text=True, check=False)
    assert re.search(r"Contracts: \d+ kept, \d+ broken\.", said.stdout), said.stdout + said.stderr
    names = re.findall(r"^(.+) BROKEN$", said.stdout, re.MULTILINE)
    assert said.returncode == (1 if names else 0)
    told = re.split(r"^(.+)\n-+$", said.stdout.partition("Broken contracts")[2], flags=re.MULTILINE)[1:]
    assert told[::2] == names
    return dict(zip(names, told[1::2], strict=True))


def test_the_floors_hold(checkout: Path) -> None:
    assert broken(checkout) == {}


def test_what_crosses_a_floor_is_seen(checkout: Path) -> None:
    modules = [_offending(checkout, number) for number in range(len(OFFENCES))]
    found = broken(checkout)
    for module, (_, text, contract) in zip(modules, OFFENCES, strict=True):
        assert re.search(rf"- +{re.escape(module)}( ->|$)", found[contract], re.MULTILINE), (text, contract)


def _offending(checkout: Path, number: int) -> str:
    """Put an offence in its room; the module that it is, under a name of its own."""
    file, text, _ = OFFENCES[number]
    path = checkout / "quartermaster" / file.format(number)
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{text}\n", encoding="utf-8")
    return ".".join(path.relative_to(checkout).with_suffix("").parts).removesuffix(".__init__")


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
