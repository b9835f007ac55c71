"""The documentation is true: settings, commands, events, queries, links and examples are held to the program."""

from __future__ import annotations

import argparse
import ast
import io
import json
import logging
import os
import re
import shlex
import signal
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from quartermaster import cli
from quartermaster.domain.money import Money
from quartermaster.log import JsonLines
from quartermaster.services.month_views import month_list
from quartermaster.services.months import delete_month_entry, reopen_month
from quartermaster.services.postings import delete_posting, edit_posting, ledger
from quartermaster.settings import PREFIX, SECRETS, SQLITE, Settings, WrongSetting, load
from quartermaster.storage.store import Store
from quartermaster.ui.calls import Calls
from tests.living import draft, seen
from tests.running import CHECKOUT, Program

PAGES = (CHECKOUT / "README.md", CHECKOUT / "CHANGELOG.md", *sorted((CHECKOUT / "docs").rglob("*.md")))
OPERATIONS = (CHECKOUT / "docs" / "operations.md").read_text(encoding="utf-8")
LABELS = {"job", "level", "event"}
IN_EVERY_RECORD = {"timestamp", "level", "logger", "event", "message"}
Record = dict[str, Any]


def test_every_setting_is_explained_and_every_name_explained_is_a_setting() -> None:
    settings = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    secrets = {f"{PREFIX}{name}_FILE" for name in SECRETS}
    assert {row[0] for row in _rows("Settings")} == settings
    said = set(re.findall(rf"{PREFIX}[A-Z][A-Z_]*", "".join(page.read_text(encoding="utf-8") for page in PAGES)))
    assert said == settings | secrets


@pytest.mark.usefixtures("nothing_set")
def test_the_defaults_and_examples_of_settings_are_real(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, default, _, example in _rows("Settings"):
        field = Settings.model_fields[name.removeprefix(PREFIX).lower()]
        if field.default not in ("", (), None):
            assert default == str(field.default), name
        monkeypatch.setenv(name, example)
        load(server=True)


@pytest.mark.usefixtures("nothing_set")
def test_the_env_file_of_the_page_is_read(tmp_path: Path) -> None:
    [example] = _blocks(OPERATIONS, "ini")
    (tmp_path / ".env").write_text(example, encoding="utf-8")
    settings = load(server=True)
    assert settings.database == Path("/data/quartermaster.db")
    assert {"budget.example.org", "nas.local", "10.0.0.5"} <= settings.hosts


@pytest.mark.usefixtures("nothing_set")
def test_three_slashes_are_refused_for_a_server_as_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    (four, absolute), (three, _) = [row[:2] for row in _rows("Four slashes")]
    monkeypatch.setenv(f"{PREFIX}DB_URL", four)
    assert str(load(server=True).database) == absolute
    monkeypatch.setenv(f"{PREFIX}DB_URL", three)
    assert load(server=False).database == Path(three.removeprefix(SQLITE))
    with pytest.raises(WrongSetting, match=four):
        load(server=True)


def test_every_command_and_option_is_explained() -> None:
    explained = {row[0] for row in _rows("Commands")}
    assert explained == {"quartermaster", *(f"quartermaster {name}" for name in _commands())}
    options = {
        option for one in _commands().values() for action in one._actions for option in action.option_strings
    } - {"-h"}
    assert {option for option in options if f"`{option}`" not in OPERATIONS} == set()


def test_every_command_shown_is_one_that_the_program_takes() -> None:
    blocks = [block for page in PAGES for block in _blocks(page.read_text(encoding="utf-8"), "console")]
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    shown = [shlex.split(re.sub(r"^([A-Z_]+=\S* )*", "", line)) for line in lines if " quartermaster " in f" {line}"]
    assert shown
    for _, *words in shown:
        cli.parser().parse_args(words)


def test_ctrl_c_and_sigterm_end_the_server_with_the_codes_of_the_page(tmp_path: Path) -> None:
    codes = {row[0] for row in _rows("Exit codes")}
    assert codes == {"0", "1", "2", str(128 + signal.SIGTERM)}
    with Program(tmp_path) as program:
        assert program._end(signal.SIGINT) == 0
        program.start()
        assert program.stop() == -signal.SIGTERM
    assert not [line for line in program.stderr if "Traceback" in line]


def test_the_table_of_events_has_each_event_that_the_code_writes() -> None:
    assert {row[0] for row in _rows("Events")} == _emitted() | {"log"}


def test_the_table_of_events_has_the_levels_and_fields_of_real_records(records: list[Record]) -> None:
    table = {event: (level, set(re.findall(r"\w+", fields))) for event, level, fields, _ in _rows("Events")}
    assert {record["event"] for record in records} == set(table)
    for record in records:
        level, fields = table[record["event"]]
        assert record.keys() >= IN_EVERY_RECORD, record
        if record["event"] != "log":
            assert (record["level"], record.keys() - IN_EVERY_RECORD) == (level, fields), record


def test_every_field_that_a_query_names_is_in_all_records_that_it_selects(records: list[Record]) -> None:
    queries = _blocks(OPERATIONS, "logql")
    assert len(queries) > 10
    for query in queries:
        [selector] = re.findall(r"(?<!\{)\{([^{}]*)\}", query)
        labels = re.findall(r'(\w+)(=~|=)"([^"]*)"', selector)
        assert {name for name, _, _ in labels} <= LABELS, query
        selected = [record for record in records if _is_selected(record, labels)]
        assert selected, query
        numbers, fields = _fields(query.replace(selector, ""))
        for record in selected:
            assert fields <= record.keys(), query
            assert all(isinstance(record[name], int | float) for name in numbers), query


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"!?\[[^\]]*\]\(([^)\s]+)\)", _without_blocks(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        if anchor:
            assert anchor in _anchors(there), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_every_file_and_make_target_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for path in re.findall(r"`((?:quartermaster|alembic|scripts|tests|benchmarks|docs)/[\w./-]*)`", text):
        assert (CHECKOUT / path).exists(), path
    targets = set(re.findall(r"^([\w-]+):", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([\w-]+)", text, re.MULTILINE)) <= targets


def test_the_floors_of_the_architecture_are_those_that_the_linter_holds() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    page = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")
    floors = [row[1] for row in _rows("Rooms and floors", page)]
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


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    """Real records of every event: a demo household as a program of its own, and work on its file beside it."""
    folder, broken = tmp_path_factory.mktemp("lived"), tmp_path_factory.mktemp("broken")
    with Program(folder, "demo", env={"QUARTERMASTER_LOG_FORMAT": "json"}) as program:
        program.wait_for("backup_created")
        program.get("/settings")
        demo, away = folder / "demo.db", folder / "away.db"
        demo.rename(away)
        assert program.get("/healthz")[0] == 503
        away.rename(demo)
        said = _said_by_work_on(demo)
        program.stop()
    (broken / "backups").write_text("a file where the folder should be", encoding="utf-8")
    with Program(broken, env={"QUARTERMASTER_LOG_LEVEL": "ERROR"}) as failing:
        failing.wait_for("backup_failed")
        failing.stop()
    return [*program.records, *said, *failing.records]


def _said_by_work_on(path: Path) -> list[Record]:
    """What the services log when the last closed month is reopened, and what a page's bug writes."""
    store = Store(path, now_ms=lambda: 1_777_600_000_000, new_id=uuid4)
    with _listened() as lines:
        with store.write() as work:
            month = [one.year_month for one in month_list(work)][-2]
            reopen_month(work, month)
        lived = [line for line in seen(store, month).lines if line.postings > 1]
        with store.write() as work:
            first, second, *_ = ledger(work, lived[0].entry.id).postings
            edit_posting(work, draft(lived[0].entry.id, 1, first.day, id=first.id))
            delete_posting(work, second.id)
            delete_month_entry(work, lived[1].entry.id)
        with Calls(store, Money(), date.today).told(lambda *_: None):
            raise ZeroDivisionError
    store.close()
    return [json.loads(line) for line in lines.getvalue().splitlines()]


@contextmanager
def _listened() -> Iterator[io.StringIO]:
    """The program's own records in this process, in its own format."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("quartermaster")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


def _emitted() -> set[str]:
    """The names of events in the code: what is announced, and the `event` of what is logged outright."""
    found = set()
    for path in (CHECKOUT / "quartermaster").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                named = zip(node.keys, node.values, strict=True)
                values = [value for key, value in named if isinstance(key, ast.Constant) and key.value == "event"]
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("announce", "_become")):
                values = node.args
            else:
                continue
            found |= {value.value for value in values if isinstance(value, ast.Constant)}
    return {str(name) for name in found}


def _is_selected(record: Record, labels: list[tuple[str, str, str]]) -> bool:
    labelled = {**record, "job": "quartermaster"}
    return all(
        re.fullmatch(value if how == "=~" else re.escape(value), str(labelled[name])) for name, how, value in labels
    )


def _fields(pipeline: str) -> tuple[set[str], set[str]]:
    """The fields that a query takes for numbers, and all that it names."""
    compared = re.findall(r"(?:\||\bor|\band)\s*(\w+)\s*(=~|!~|!=|>=|<=|=|>|<)", pipeline)
    unwrapped = re.findall(r"unwrap (\w+)", pipeline)
    grouped = [name for names in re.findall(r"by \(([^)]*)\)", pipeline) for name in re.findall(r"\w+", names)]
    written = re.findall(r"\{\{\s*\.(\w+)", pipeline)
    numbers = {*unwrapped, *(name for name, how in compared if how[0] in "<>")}
    return numbers, {*numbers, *(name for name, _ in compared), *grouped, *written}


def _commands() -> dict[str, argparse.ArgumentParser]:
    [action] = [one for one in cli.parser()._actions if isinstance(one, argparse._SubParsersAction)]
    return dict(action.choices)


def _rows(heading: str, page: str = OPERATIONS) -> list[list[str]]:
    """The rows of the first table under a heading of a page, cells without backticks."""
    section = re.split(rf"^#+ {heading}$", page, flags=re.MULTILINE)[1].split("\n#")[0]
    [_, _, *rows] = re.search(r"(?:^\|.*\n)+", section, re.MULTILINE)[0].splitlines()  # type: ignore[index]
    return [[cell.strip().replace("`", "") for cell in row.strip("|").split(" |")] for row in rows]


def _blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def _without_blocks(page: Path) -> str:
    return re.sub(r"^```.*?^```$|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def _anchors(page: Path) -> set[str]:
    """The anchors that headings get on the usual forges: lower case, hyphens for spaces, no other signs."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
