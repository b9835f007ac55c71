"""The doctor: a sound file is sound, and every kind of damage is found, named and left as it is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from quartermaster.services import demo
from quartermaster.services.months import delete_month_entry
from quartermaster.services.undo import undo
from quartermaster.storage.change import INSERT, Change
from quartermaster.storage.doctor import SHOWN, examine
from quartermaster.storage.failures import Damaged
from quartermaster.storage.store import Store
from tests.living import entry, plan_entry, posted, started
from tests.storage.replicas import take

PAGE = 4096


@pytest.fixture
def kept(store: Store, database: Path) -> Path:
    """The file of a household with a plan, a month and thirty postings; nobody has it open."""
    for name in ("Groceries", "Bakery"):
        plan_entry(store, name)
    started(store)
    for amount in range(1, 31):
        posted(store, entry(store, "Groceries").id, amount)
    store.close()
    return database


def damage(path: Path, *statements: str) -> None:
    """Change the file behind the back of the log."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount != 0, statement


def overwrite(path: Path, table: str, content: bytes) -> None:
    """Write over the first page of a table or an index, as a failing disk does."""
    with closing(sqlite3.connect(path)) as connection:
        [(root,)] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table]).fetchall()
    with path.open("r+b") as file:
        file.seek((root - 1) * PAGE)
        file.write(content)


def test_a_file_that_was_just_made_is_sound(store: Store, database: Path) -> None:
    report = examine(database)
    assert (report.changes, report.rows, report.findings) == (1, 1, ())


def test_a_whole_household_is_sound_also_while_it_is_open(store: Store, database: Path) -> None:
    with store.write() as work:
        demo.fill(work, date(2026, 5, 17))
    with store.write() as work:
        deleted = delete_month_entry(work, work.month_entries(work.months()[-1].id)[3].id)
    with store.write() as work:
        undo(work, deleted.action)
    report = examine(database)
    assert report.findings == ()
    assert report.rows > 500
    assert report.changes > report.rows


def test_what_a_later_version_said_is_no_damage(store: Store, database: Path) -> None:
    unknown = {"kind": "envelope", "fields": {"colour": "green"}}
    take(store, [Change(device=UUID(int=9), counter=1, stamp=1, action=1, record=UUID(int=8), op=INSERT, **unknown)])  # type: ignore[arg-type]  # kind and fields
    assert examine(database).findings == ()


ROWS = {
    "an amount was changed": ("UPDATE posting SET amount = 99 WHERE amount = 3", "replay: posting"),
    "a row is missing": ("DELETE FROM posting WHERE amount = 3", "replay: posting"),
    "a row was deleted quietly": ("UPDATE month_entry SET deleted = 1 WHERE name = 'Bakery'", "replay: month_entry"),
    "a row was added": (
        "INSERT INTO month SELECT zeroblob(16), 0, 5, 1, NULL, '2026-06', state, NULL, NULL, NULL FROM month",
        "replay: month ",
    ),
    "a month was closed": ("UPDATE month SET state = 'closed'", "replay: month "),
    "the currency was changed": ("UPDATE household SET currency = 'EUR'", "replay: household"),
    "a stamp was changed": ("UPDATE posting SET born_stamp = born_stamp + 1 WHERE amount = 3", "replay: posting"),
    "an entry's month is gone": ("DELETE FROM month", "month that is not here"),
    "a posting's entry is gone": ("DELETE FROM month_entry WHERE name = 'Groceries'", "entry that is not here"),
}


@pytest.mark.parametrize(("statement", "found"), ROWS.values(), ids=ROWS.keys())
def test_a_row_that_the_log_did_not_make_is_found(kept: Path, statement: str, found: str) -> None:
    damage(kept, statement)
    assert any(found in finding for finding in examine(kept).findings)


LOG = {
    "a change was rewritten": (
        """UPDATE change SET fields = replace(fields, '"amount":3,', '"amount":99,') WHERE kind = 'posting'""",
        "change 9 of device 1 is not what was committed",
    ),
    "a stamp was changed": (
        "UPDATE change SET stamp = stamp + 1 WHERE counter = 9",
        "change 9 of device 1 is not what was committed",
    ),
    "a hash is broken": (
        "UPDATE change SET hash = zeroblob(32) WHERE counter = 9",
        "change 9 of device 1 is not what was committed",
    ),
    "a change is missing": ("DELETE FROM change WHERE counter = 9", "device 1 jumps from 8 to 10"),
    "the first change is missing": ("DELETE FROM change WHERE counter = 1", "device 1 jumps from 0 to 2"),
    "the last change is missing": (
        "DELETE FROM change WHERE counter = (SELECT max(counter) FROM change)",
        "device 1 does not end where its head says",
    ),
    "all changes are missing": ("DELETE FROM change", "device 1 does not end where its head says"),
    "the head is broken": ("UPDATE device SET head = zeroblob(32)", "device 1 does not end where its head says"),
    "the counter is wrong": ("UPDATE device SET counter = counter + 1", "device 1 does not end where its head says"),
    "a change cannot be read": (
        "UPDATE change SET fields = '{' WHERE counter = 9",
        "change 9 of device 1 cannot be read",
    ),
    "a change is of no device": ("UPDATE change SET device_no = 7 WHERE counter = 9", "foreign key"),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "found"), LOG.values(), ids=LOG.keys())
def test_a_log_that_is_not_what_was_said_is_found(kept: Path, statement: str, found: str) -> None:
    damage(kept, statement)
    assert any(found in finding for finding in examine(kept).findings)


OWN = {
    "nobody speaks in it": ("DELETE FROM this_device", "does not say whose it is"),
    "it is of another household": ("UPDATE this_device SET household = zeroblob(16)", "household is not here"),
    "its clock was set back": ("UPDATE this_device SET clock = clock - 1", "clock is behind the change log"),
    "an edit is listed that nobody made": (
        "INSERT INTO lost_edit SELECT 1, counter + 1, 'name' FROM device",
        "1 of the edits that are listed",
    ),
    "a text is none": ("UPDATE posting SET payee = CAST(x'ff41' AS TEXT) WHERE amount = 3", "replay: posting"),
    "a change's text is none": (
        "UPDATE change SET fields = CAST(x'ff41' AS TEXT) WHERE counter = 9",
        "change 9 of device 1 cannot be read",
    ),
    "a change's text is bytes": (
        "UPDATE change SET fields = CAST(fields AS BLOB) WHERE counter = 9",
        "change 9 of device 1 is not what was committed",
    ),
    "a table is missing": ("DROP TABLE device_card", "schema: device_card is missing"),
    "a list is missing": ("DROP TABLE lost_edit", "schema: lost_edit is missing"),
    "an index is missing": ("DROP INDEX posting_by_entry", "schema: posting_by_entry is missing"),
    "something acts by itself": (
        "CREATE TRIGGER lose AFTER INSERT ON posting BEGIN DELETE FROM posting WHERE id = new.id; END",
        "trigger lose",
    ),
}


@pytest.mark.parametrize(("statement", "found"), OWN.values(), ids=OWN.keys())
def test_what_the_file_keeps_beside_its_log_and_rows_is_looked_at_too(kept: Path, statement: str, found: str) -> None:
    damage(kept, statement)
    [finding, *_] = examine(kept).findings
    assert found in finding


def test_a_file_in_which_nobody_has_spoken_yet_is_sound(database: Path) -> None:
    """As `migrate` leaves a new one."""
    assert examine(database).findings == ()


@pytest.mark.parametrize("statement", ["DELETE FROM alembic_version", "DROP TABLE alembic_version"])
def test_a_file_that_does_not_say_which_version_wrote_it_is_damaged(kept: Path, statement: str) -> None:
    damage(kept, statement)
    with pytest.raises(Damaged, match="does not say which version wrote it"):
        examine(kept)


def test_a_broken_log_is_not_replayed_but_its_rows_are_still_looked_at(kept: Path) -> None:
    damage(kept, "UPDATE change SET hash = zeroblob(32) WHERE counter = 9", "DELETE FROM month")
    findings = examine(kept).findings
    assert any("rows were not compared" in finding for finding in findings)
    assert any("month that is not here" in finding for finding in findings)


def test_damaged_pages_are_found(kept: Path) -> None:
    overwrite(kept, "posting", b"\xff" * 200)
    assert any(finding.startswith("integrity: ") for finding in examine(kept).findings)


def test_an_index_that_does_not_fit_its_table_is_found(kept: Path) -> None:
    damage(
        kept,
        "PRAGMA writable_schema=ON",
        "UPDATE sqlite_master SET sql = replace(sql, '\"day\"', 'day') || ' WHERE 0' WHERE name = 'posting_by_payee'",
        "PRAGMA writable_schema=RESET",
    )
    assert any(finding.startswith("integrity: ") for finding in examine(kept).findings)


def test_a_file_that_was_cut_short_cannot_even_be_opened_and_says_so(kept: Path) -> None:
    with kept.open("r+b") as file:
        file.truncate(kept.stat().st_size - PAGE)
    with pytest.raises(Damaged, match="Restore the newest backup"):
        examine(kept)


def test_very_many_findings_are_counted_after_the_first(kept: Path) -> None:
    damage(kept, "UPDATE posting SET amount = amount + 1")
    findings = examine(kept).findings
    assert len(findings) == SHOWN + 1
    assert findings[-1] == f"replay: and {30 - SHOWN} more rows differ"


def test_a_file_of_another_schema_is_told_to_be_upgraded(tmp_path: Path) -> None:
    empty = tmp_path / "empty.db"
    empty.touch()
    [finding] = examine(empty).findings
    assert finding.startswith("the schema is missing")
    assert finding.endswith("start the program to upgrade it")


def test_an_examination_leaves_the_file_as_it_is(kept: Path) -> None:
    damage(kept, "UPDATE posting SET amount = 99 WHERE amount = 3")
    before = kept.read_bytes()
    assert examine(kept).findings
    assert examine(kept) == examine(kept)
    assert kept.read_bytes() == before
