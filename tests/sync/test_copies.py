"""Files that were copied, restored or lost: nothing is lost, nothing is doubled, nothing is mixed."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from quartermaster.domain.posting import Posting
from quartermaster.domain.section import Section
from quartermaster.services.months import add_month_entry, edit_month_entry
from quartermaster.services.plans import edit_plan_entry
from quartermaster.services.postings import delete_posting, edit_posting
from quartermaster.storage.change import compact
from quartermaster.storage.exchange import standing
from quartermaster.storage.kinds import KINDS
from quartermaster.storage.lost_edits import lost_edits
from quartermaster.storage.restore import restore
from quartermaster.sync.room import upgrade_rows
from tests.living import MAY, draft, entry, line, plan_entry, posted, started
from tests.sync.replicas import Replica, assert_same, meet, replica

Devices = Callable[[int], list[Replica]]
Forked = tuple[list[Replica], Posting]


def in_step(devices: Devices, count: int) -> tuple[list[Replica], UUID]:
    """Devices that keep one month with one entry, and the entry's id."""
    replicas = devices(count)
    plan_entry(replicas[0].store)
    started(replicas[0].store)
    for laptop in replicas[1:]:
        meet(laptop, replicas[0])
    return replicas, entry(replicas[0].store, "Groceries").id


def identity(replica: Replica) -> UUID:
    with replica.store.read() as work:
        return standing(work.connection).device


def amounts(replica: Replica) -> int:
    return line(replica.store, "Groceries").applied


def test_a_copied_file_takes_a_new_identity_and_loses_nothing(devices: Devices) -> None:
    [server, laptop, copy], groceries = in_step(devices, 3)
    laptop.copied_to(copy)
    assert identity(copy) == identity(laptop)
    posted(laptop.store, groceries, 1)
    posted(laptop.store, groceries, 10)
    posted(copy.store, groceries, 100)
    posted(copy.store, groceries, 1_000)
    posted(copy.store, groceries, 10_000)
    meet(laptop, server)
    meet(copy, server)
    meet(laptop, server)
    assert identity(copy) != identity(laptop)
    assert [amounts(one) for one in (server, laptop, copy)] == [11_111] * 3
    assert_same([server, laptop, copy])


def test_a_copy_that_only_hears_what_its_original_said_goes_on_as_someone_else(devices: Devices) -> None:
    [server, laptop, copy], groceries = in_step(devices, 3)
    laptop.copied_to(copy)
    posted(laptop.store, groceries, 1)
    meet(laptop, server)
    meet(copy, server)
    posted(copy.store, groceries, 10)
    posted(laptop.store, groceries, 100)
    assert identity(copy) != identity(laptop)
    meet(copy, server)
    meet(laptop, server)
    meet(copy, server)
    assert_same([server, laptop, copy])
    assert amounts(server) == 111


def test_copies_of_copies_all_come_together(devices: Devices) -> None:
    [server, laptop, *copies], groceries = in_step(devices, 5)
    for number, copy in enumerate(copies):
        laptop.copied_to(copy)
        posted(copy.store, groceries, 10**number)
        copy.copied_to(laptop)
        posted(laptop.store, groceries, 10 ** (number + 4))
    for one in (laptop, *copies, laptop, *copies):
        meet(one, server)
    assert_same([server, laptop, *copies])
    assert amounts(server) == 1_110_111


def test_a_server_that_lost_everything_is_filled_again(devices: Devices) -> None:
    [server, laptop, other, fresh], groceries = in_step(devices, 4)
    posted(laptop.store, groceries, 5)
    meet(laptop, server)
    for one in (laptop, other):
        meet(one, fresh)
    assert_same([fresh, laptop, other])
    assert amounts(fresh) == 5


def test_a_server_restored_from_an_older_backup_is_simply_behind(devices: Devices, tmp_path: Path) -> None:
    [server, laptop, other], groceries = in_step(devices, 3)
    server.kept_as(tmp_path / "backup.db")
    posted(server.store, groceries, 1)
    posted(laptop.store, groceries, 10)
    meet(laptop, server)
    server.close()
    restore(tmp_path / "backup.db", server.path, tmp_path / "backups", UUID(int=0xBEEF))
    server.open()
    posted(server.store, groceries, 100)
    posted(laptop.store, groceries, 1_000)
    for one in (laptop, other):
        meet(one, server)
    assert_same([server, laptop, other])
    assert amounts(server) == 1_111


def test_a_server_whose_volume_was_put_back_goes_on_with_what_it_said_since(devices: Devices, tmp_path: Path) -> None:
    [server, laptop, other], groceries = in_step(devices, 3)
    server.kept_as(tmp_path / "volume.db")
    posted(server.store, groceries, 1)
    posted(server.store, groceries, 10)
    meet(laptop, server)
    old = Replica(tmp_path / "volume.db", 7)
    posted(old.store, groceries, 100)
    meet(other, old)
    posted(other.store, groceries, 1_000)
    for one in (laptop, other, laptop):
        meet(one, old)
    assert_same([old, laptop, other])
    assert amounts(old) == 1_111
    old.close()


def test_the_same_branch_on_two_devices_is_told_once(devices: Devices, tmp_path: Path) -> None:
    [server, laptop, other], groceries = in_step(devices, 3)
    server.kept_as(tmp_path / "volume.db")
    posted(server.store, groceries, 1)
    meet(laptop, server)
    posted(server.store, groceries, 10)
    meet(other, server)
    old = Replica(tmp_path / "volume.db", 7)
    posted(old.store, groceries, 100)
    for one in (laptop, other, laptop):
        meet(one, old)
    assert_same([old, laptop, other])
    assert amounts(old) == 111
    # The server, two laptops and the one name that its lost changes go by.
    assert len(old.vector) == 2
    old.close()


def test_a_laptop_restored_from_a_backup_gets_back_what_it_said(devices: Devices, tmp_path: Path) -> None:
    [server, laptop], groceries = in_step(devices, 2)
    laptop.kept_as(tmp_path / "backup.db")
    posted(laptop.store, groceries, 1)
    meet(laptop, server)
    before = identity(laptop)
    (tmp_path / "backup.db").replace(tmp_path / "older.db")
    restored = Replica(tmp_path / "older.db", 9)
    meet(restored, server)
    posted(restored.store, groceries, 10)
    meet(restored, server)
    assert identity(restored) != before
    assert_same([server, restored])
    assert amounts(server) == 11
    restored.close()


def test_an_edit_of_what_a_copy_added_still_wins_after_the_fork(devices: Devices) -> None:
    [server, laptop, copy], groceries = in_step(devices, 3)
    laptop.copied_to(copy)
    posted(laptop.store, groceries, 1)
    meet(laptop, server)
    plan = plan_entry(copy.store, "Rent", 5)
    with copy.store.write() as work:
        edit_plan_entry(work, plan.id, planned=6)
    meet(copy, server)
    with server.store.read() as work:
        assert [one.planned for one in work.plan_entries() if one.name == "Rent"] == [6]
    meet(laptop, server)
    assert_same([server, laptop, copy])


@pytest.fixture(params=[7, 8])
def forked(devices: Devices, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Forked]:
    """A server whose volume was kept, changed what a laptop then deleted or edited, and was put back and used.

    Ids of its kind are less than the name that its branch gets, or greater: that must not matter.
    """
    [laptop, other] = devices(2)
    server = replica(tmp_path, request.param)
    plan_entry(server.store)
    started(server.store)
    with server.store.write() as work:
        gifts = add_month_entry(work, MAY, section=Section.OTHER, name="Gifts", planned=1_000)
    posting = posted(server.store, entry(server.store, "Groceries").id, 500)
    kept = posted(server.store, gifts.id, 7)
    server.kept_as(tmp_path / "volume.db")
    with server.store.write() as work:
        edit_posting(work, draft(gifts.id, posting.amount, posting.day, id=posting.id))
        edit_posting(work, draft(gifts.id, 8, kept.day, id=kept.id))
        edit_month_entry(work, gifts.id, planned=2_000)
    for one in (laptop, other):
        meet(one, server)
    with laptop.store.write() as work:
        delete_posting(work, posting.id)
        edit_posting(work, draft(gifts.id, 9, kept.day, id=kept.id))
        edit_month_entry(work, gifts.id, planned=3_000)
    server.close()
    server = Replica(tmp_path / "volume.db", request.param)
    posted(server.store, entry(server.store, "Groceries").id, 100)
    for one in (other, laptop, other):
        meet(one, server)
    yield [server, laptop, other], posting
    server.close()


def test_what_was_deleted_by_somebody_who_saw_all_of_it_stays_deleted_after_a_fork(forked: Forked) -> None:
    for one in forked[0]:
        assert [line(one.store, name).applied for name in ("Gifts", "Groceries")] == [9, 100]
    assert_same(forked[0])


def test_what_was_seen_before_a_fork_is_not_listed_as_lost_after_it(forked: Forked) -> None:
    for one in forked[0]:
        with one.store.read() as work:
            assert lost_edits(work.connection) == []


def test_rows_that_an_older_program_made_by_other_rules_are_made_anew(forked: Forked) -> None:
    [server, *_], posting = forked
    before = server.rows_digest
    upgrade_rows(server.store)
    with closing(sqlite3.connect(server.path)) as older:
        older.execute("UPDATE posting SET deleted = 0 WHERE id = ?", (posting.id.bytes,))
        made = older.execute("PRAGMA user_version").fetchone()[0]
        fields = {name: sorted(kind.fields) for name, kind in KINDS.items()}
        older.execute(f"PRAGMA user_version={zlib.crc32(compact(fields).encode()) & 0x7FFFFFFF}")
        older.commit()
    assert server.rows_digest != before
    upgrade_rows(server.store)
    assert server.rows_digest == before
    with closing(sqlite3.connect(server.path)) as file:
        assert file.execute("PRAGMA user_version").fetchone()[0] == made
