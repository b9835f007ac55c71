"""The documentation is true: settings, commands, links and examples are held to the program."""

from __future__ import annotations

import argparse
import ast
import os
import re
import shlex
import signal
import tomllib
from pathlib import Path

import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix

from quartermaster import cli
from quartermaster.settings import PREFIX, SECRETS, SQLITE, Settings, WrongSetting, load
from tests.documentation import DOCS, OPERATIONS, PAGES, anchors, blocks, plain_rows, text_of, without_code
from tests.running import CHECKOUT, Program

SQLITES = {"database is locked", "no such table: …"}
"""What people see who look with another tool, or into a traceback."""


def test_every_setting_is_explained_and_every_name_explained_is_a_setting() -> None:
    settings = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    secrets = {f"{PREFIX}{name}_FILE" for name in SECRETS}
    assert {row[0] for row in plain_rows(OPERATIONS, "Settings")} == settings
    said = set(re.findall(rf"{PREFIX}[A-Z][A-Z_]*", "".join(text_of(page) for page in PAGES)))
    composed = set(re.findall(r"\$\{(\w+)", text_of(CHECKOUT / "compose.yml")))
    assert said - composed == (settings | secrets) - composed
    assert said >= settings | secrets


@pytest.mark.usefixtures("nothing_set")
def test_the_defaults_and_examples_of_settings_are_real(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, default, _, example in plain_rows(OPERATIONS, "Settings"):
        field = Settings.model_fields[name.removeprefix(PREFIX).lower()]
        if field.default not in ("", (), None):
            assert default == str(field.default), name
        # A file must be there: this one is.
        monkeypatch.setenv(name, __file__ if name.endswith("_FILE") else example)
        load(server=True)


@pytest.mark.usefixtures("nothing_set")
def test_the_env_file_of_the_page_is_read(tmp_path: Path) -> None:
    [example] = blocks(text_of(OPERATIONS), "ini")
    (tmp_path / ".env").write_text(example, encoding="utf-8")
    settings = load(server=True)
    assert settings.database == Path("/data/quartermaster.db")
    assert {"budget.example.org", "nas.local", "10.0.0.5"} <= settings.hosts


@pytest.mark.usefixtures("nothing_set")
def test_three_slashes_are_refused_for_a_server_as_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    (four, absolute), (three, _) = [row[:2] for row in plain_rows(OPERATIONS, "Four slashes")]
    monkeypatch.setenv(f"{PREFIX}DB_URL", four)
    assert str(load(server=True).database) == absolute
    monkeypatch.setenv(f"{PREFIX}DB_URL", three)
    assert load(server=False).database == Path(three.removeprefix(SQLITE))
    with pytest.raises(WrongSetting, match=four):
        load(server=True)


@pytest.mark.usefixtures("nothing_set")
def test_the_folders_of_the_page_are_those_that_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    text = text_of(OPERATIONS)
    # Windows' own is asked of Windows.
    for system, kind in (("Linux", Unix), ("macOS", MacOS)):
        folders = kind("quartermaster", appauthor=False)
        for folder in (folders.user_data_path, folders.user_log_path):
            assert f"| {system} | `~/{folder.relative_to(Path.home())}`" in text
    used = load(server=False)
    assert used.database.parent == Unix("quartermaster", appauthor=False).user_data_path
    assert used.log_file == Unix("quartermaster", appauthor=False).user_log_path / "quartermaster.log"


def test_every_symptom_that_is_quoted_is_what_the_program_says() -> None:
    said = [pattern for path in (CHECKOUT / "quartermaster").rglob("*.py") for pattern in _sentences(path)]
    for symptom, *_ in plain_rows(OPERATIONS, "When something fails"):
        for quoted in re.findall(r'"([^"]+)"', symptom):
            assert quoted in SQLITES or _is_said(quoted, said), quoted


def test_every_command_and_option_is_explained() -> None:
    explained = {row[0] for row in plain_rows(OPERATIONS, "Commands")}
    assert explained == {"quartermaster", *(f"quartermaster {name}" for name in _commands())}
    options = {
        option for one in _commands().values() for action in one._actions for option in action.option_strings
    } - {"-h"}
    assert {option for option in options if f"`{option}`" not in text_of(OPERATIONS)} == set()


def test_every_command_shown_is_one_that_the_program_takes() -> None:
    examples = [example for page in PAGES for example in blocks(text_of(page), "console")]
    lines = [shlex.split(line.removeprefix("$ ")) for example in examples for line in example.splitlines()]
    shown = [words for words in lines if "quartermaster" in words]
    assert shown
    for words in shown:
        # In a container the name stands twice: for the service, and for the program in it.
        at = len(words) - words[::-1].index("quartermaster")
        cli.parser().parse_args(words[at:])


def test_ctrl_c_and_sigterm_end_the_server_with_the_codes_of_the_page(tmp_path: Path) -> None:
    codes = {row[0] for row in plain_rows(OPERATIONS, "Exit codes")}
    assert codes == {"0", "1", "2", "3", "4"}
    with Program(tmp_path) as program:
        assert program._end(signal.SIGINT) == 0
        program.start()
        assert program.stop() == 0
    assert not [line for line in program.stderr if "Traceback" in line]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"!?\[[^\]]*\]\(([^)\s]+)\)", without_code(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_every_file_and_make_target_that_is_named_exists(page: Path) -> None:
    text = text_of(page)
    for path in re.findall(r"`((?:quartermaster|alembic|scripts|tests|benchmarks|docs)/[\w./-]*)`", text):
        assert (CHECKOUT / path).exists(), path
    targets = set(re.findall(r"^([\w-]+):", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([\w-]+)", text, re.MULTILINE)) <= targets


def test_the_floors_of_the_architecture_are_those_that_the_linter_holds() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    floors = [row[1] for row in plain_rows(DOCS / "architecture.md", "Rooms and floors")]
    assert [set(floor.split(", ")) for floor in floors] == [set(layer.split(" | ")) for layer in layers]


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path)
        for folder in ("quartermaster", "alembic", "benchmarks", "tests")
        for path in (CHECKOUT / folder).rglob("*.py")
        if (source := path.read_text(encoding="utf-8")) and not ast.get_docstring(ast.parse(source))
    ]
    assert silent == []


@pytest.fixture
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the person who runs the tests, and a folder without .env to start from."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def _sentences(path: Path) -> list[re.Pattern[str]]:
    """What a module may say: its texts, with anything where a value is filled in."""
    texts = []
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, ast.JoinedStr):
            parts = [re.escape(str(one.value)) if isinstance(one, ast.Constant) else ".+" for one in node.values]
            texts.append("".join(parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.append(re.escape(node.value))
    # What is nearly all values would make any sentence.
    return [re.compile(text, re.DOTALL) for text in texts if len(text.replace(".+", "")) > 15]


def _is_said(quoted: str, said: list[re.Pattern[str]]) -> bool:
    """Whether a text with values in it makes the quote, or has all of its pieces."""
    whole, pieces = quoted.replace("…", "x"), [re.escape(piece.strip()) for piece in quoted.split("…")]
    return any(one.match(whole) or all(piece in one.pattern for piece in pieces) for one in said)


def _commands() -> dict[str, argparse.ArgumentParser]:
    [action] = [one for one in cli.parser()._actions if isinstance(one, argparse._SubParsersAction)]
    return dict(action.choices)
