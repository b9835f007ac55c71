"""What two devices did without seeing each other: both stand, no money drops out of a total, a person decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from quartermaster.domain.section import Section
from quartermaster.services.month_views import MonthLine, month_list
from quartermaster.services.months import activate_month, close_month, delete_month_entry, keep_month_entry
from quartermaster.services.postings import ledger
from quartermaster.storage.doctor import examine
from tests.living import MAY, entry, line, plan_entry, posted, seen, started
from tests.sync.replicas import Replica, meet, replica

Pair = tuple[Replica, Replica]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """A laptop and a server in step, with May started and active."""
    server, laptop = replica(tmp_path, 1), replica(tmp_path, 2)
    plan_entry(server.store, "Pay", 50_000, Section.INCOME)
    plan_entry(server.store, "Groceries", 50_000)
    started(server.store)
    with server.store.write() as work:
        activate_month(work, MAY)
    meet(laptop, server)
    return laptop, server


@pytest.fixture
def stranded(pair: Pair) -> Pair:
    """The laptop deleted an entry, the server added a posting to it; they met."""
    laptop, server = pair
    groceries = entry(server.store, "Groceries").id
    with laptop.store.write() as work:
        delete_month_entry(work, groceries)
    posted(server.store, groceries, 1_250)
    meet(laptop, server)
    return pair


def test_a_posting_on_an_entry_that_was_deleted_meanwhile_counts_on_every_device(stranded: Pair) -> None:
    for device in stranded:
        shown = line(device.store, "Groceries")
        assert (shown.is_stranded, shown.applied, shown.postings) == (True, 1_250, 1)
        assert seen(device.store).applied_zero == -1_250
        with device.store.read() as work:
            assert [month.spent for month in month_list(work)] == [1_250]
            assert ledger(work, shown.entry.id).total == 1
        assert examine(device.path).findings == ()


def test_such_an_entry_can_be_kept(stranded: Pair) -> None:
    laptop, server = stranded
    with laptop.store.write() as work:
        keep_month_entry(work, line(laptop.store, "Groceries").entry.id)
    meet(laptop, server)
    for device in stranded:
        assert not line(device.store, "Groceries").is_stranded


def test_or_deleted_with_its_posting(stranded: Pair) -> None:
    laptop, server = stranded
    with server.store.write() as work:
        delete_month_entry(work, line(server.store, "Groceries").entry.id)
    meet(laptop, server)
    for device in stranded:
        assert names(device) == ["Pay"]
        assert seen(device.store).applied_zero == 0


def test_a_month_closed_on_one_device_and_posted_to_on_another_shows_that_it_is_out(pair: Pair) -> None:
    laptop, server = pair
    with laptop.store.write() as work:
        close_month(work, MAY)
    posted(server.store, entry(server.store, "Groceries").id, 1_250)
    meet(laptop, server)
    for device in pair:
        assert not seen(device.store).is_open
        assert seen(device.store).applied_zero == -1_250


def test_an_entry_that_was_deleted_with_all_that_was_known_stays_away(pair: Pair) -> None:
    laptop, server = pair
    posted(laptop.store, entry(laptop.store, "Groceries").id)
    with laptop.store.write() as work:
        delete_month_entry(work, entry(laptop.store, "Groceries").id)
    meet(laptop, server)
    assert [names(device) for device in pair] == [["Pay"], ["Pay"]]


def names(device: Replica) -> list[str]:
    lines: tuple[MonthLine, ...] = seen(device.store).lines
    return [shown.entry.name for shown in lines]
