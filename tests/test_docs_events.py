"""The events, their fields, and the queries over them that docs/operations.md shows, held to real records."""

from __future__ import annotations

import ast
import io
import json
import logging
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from quartermaster.domain.money import Money
from quartermaster.log import JsonLines
from quartermaster.services import demo
from quartermaster.services.month_views import month_list
from quartermaster.services.months import delete_month_entry, reopen_month
from quartermaster.services.postings import delete_posting, edit_posting, ledger
from quartermaster.services.undo import undo
from quartermaster.storage.backup import back_up
from quartermaster.storage.failures import DiskFull
from quartermaster.storage.migrate import prepare
from quartermaster.storage.store import Store
from quartermaster.ui.calls import Calls
from quartermaster.web.passwords import line
from tests.documentation import DOCS, OPERATIONS, blocks, plain_rows, text_of
from tests.living import draft, seen
from tests.running import CHECKOUT, Program

SYNC = CHECKOUT / "quartermaster" / "sync"
"""Its events are explained in docs/sync.md, beside what they are about."""
LABELS = {"job", "level", "event"}
IN_EVERY_RECORD = {"timestamp", "level", "logger", "event", "message"}
Record = dict[str, Any]


def test_the_table_of_events_has_each_event_that_the_code_writes() -> None:
    assert {row[0] for row in plain_rows(OPERATIONS, "Events")} == {"log"}.union(
        *(_emitted(path) for path in (CHECKOUT / "quartermaster").rglob("*.py") if SYNC not in path.parents)
    )


def test_the_page_about_sync_has_each_event_that_sync_writes() -> None:
    emitted = {event for path in SYNC.rglob("*.py") for event in _emitted(path)}
    page = DOCS / "sync.md"
    if not page.exists():
        pytest.skip("the program cannot sync yet")
    assert {event for event in emitted if f"`{event}`" not in text_of(page)} == set()


def test_the_table_of_events_has_the_levels_and_fields_of_real_records(records: list[Record]) -> None:
    table = {
        event: (level, set(re.findall(r"\w+", fields))) for event, level, fields, _ in plain_rows(OPERATIONS, "Events")
    }
    assert {record["event"] for record in records} == set(table)
    for record in records:
        level, fields = table[record["event"]]
        assert record.keys() >= IN_EVERY_RECORD, record
        if record["event"] != "log":
            assert (record["level"], record.keys() - IN_EVERY_RECORD) == (level, fields), record


def test_every_field_that_a_query_names_is_in_all_records_that_it_selects(records: list[Record]) -> None:
    queries = blocks(text_of(OPERATIONS), "logql")
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


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    """Real records of every event: of programs, and of work on a file beside them."""
    folder, broken = tmp_path_factory.mktemp("lived"), tmp_path_factory.mktemp("broken")
    with Program(folder, "demo", env={"QUARTERMASTER_LOG_FORMAT": "json"}) as program:
        program.get("/settings")
        there, away = folder / "demo.db", folder / "away.db"
        there.rename(away)
        assert program.get("/healthz")[0] == 503
        away.rename(there)
        said = _said_by_work_on(folder / "lived.db")
        program.stop()
    (broken / "backups").write_text("a file where the folder should be", encoding="utf-8")
    (broken / "htpasswd").write_text(line("sam", "right"), encoding="utf-8")
    asked = {"QUARTERMASTER_AUTH": "basic", "QUARTERMASTER_HTPASSWD": str(broken / "htpasswd")}
    with Program(broken, env={"QUARTERMASTER_LOG_LEVEL": "WARNING", **asked}) as failing:
        failing.wait_for("backup_failed")
        assert failing.get("/", authorization=f"Basic {b64encode(b'sam:wrong').decode()}")[0] == 401
        failing.stop()
    return [*program.records, *said, *failing.records]


def _said_by_work_on(path: Path) -> list[Record]:
    """What is logged of months that are lived, of a backup, of the last closed one being reopened, of a page's bug."""
    prepare(path, path.parent / "backups")
    store = Store(path, now_ms=lambda: 1_777_600_000_000, new_id=uuid4)
    store.found("USD")
    with _listened() as lines:
        with store.write() as work:
            demo.fill(work, date(2026, 5, 1))
        back_up(path, path.parent / "backups", "manual")
        with store.write() as work:
            month = [one.year_month for one in month_list(work)][-2]
            reopen_month(work, month)
        lived = [line for line in seen(store, month).lines if line.postings > 1]
        with store.write() as work:
            first, second, *_ = ledger(work, lived[0].entry.id).postings
            edit_posting(work, draft(lived[0].entry.id, 1, first.day, id=first.id))
            delete_posting(work, second.id)
            deleted = delete_month_entry(work, lived[1].entry.id)
        with store.write() as work:
            undo(work, deleted.action)
        with Calls(store, Money(), date.today).told(lambda *_: None):
            raise ZeroDivisionError
        with Calls(store, Money(), date.today).told(lambda *_: None):
            raise DiskFull
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


def _emitted(path: Path) -> set[str]:
    """The names of events in a module: what is announced, and the `event` of what is logged outright."""
    found = set()
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, ast.Dict):
            named = zip(node.keys, node.values, strict=True)
            values = [value for key, value in named if isinstance(key, ast.Constant) and key.value == "event"]
        elif isinstance(node, ast.Call) and re.fullmatch(r"(.*\.)?_?announce|_become", ast.unparse(node.func)):
            values = node.args
        else:
            continue
        found |= {str(value.value) for value in values if isinstance(value, ast.Constant)}
    return found


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
