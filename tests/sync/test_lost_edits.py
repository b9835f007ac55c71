"""An edit that lost to one that had not seen it is listed on every device that had either, until looked at."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from quartermaster.services.attention import attention, dismiss_lost, take_lost
from quartermaster.services.months import delete_month_entry, edit_month_entry, start_month
from quartermaster.services.undo import undo
from quartermaster.storage.doctor import examine
from quartermaster.storage.lost_edits import LostEdit, lost_edits
from quartermaster.sync import conversation, host
from tests.living import MAY, entry, line, plan_entry, started
from tests.sync.replicas import Cut, Replica, meet, replica

Pair = tuple[Replica, Replica]


@pytest.fixture(params=["whole pages", "a page for each change"])
def paged(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a page ends must not matter."""
    if request.param == "a page for each change":
        for side in (conversation, host):
            monkeypatch.setattr(side, "PAGE_BYTES", 1)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    server, laptop = replica(tmp_path, 2), replica(tmp_path, 1)
    plan_entry(server.store)
    started(server.store)
    meet(laptop, server)
    return laptop, server


def edit(device: Replica, **fields: object) -> None:
    device.clock.now_ms += 1_000 * device.number  # the server is always later
    with device.store.write() as work:
        edit_month_entry(work, entry(device.store, "Groceries").id, **fields)  # type: ignore[arg-type]  # its own


def conflict(laptop: Replica, server: Replica) -> None:
    """One edit that lost to another, far apart in the log; both devices list it."""
    edit(laptop, planned=70_000)
    edit(server, notes="Fridays")
    edit(server, planned=90_000)
    meet(laptop, server)
    assert [(one.field, one.lost) for one in (*lost(laptop), *lost(server))] == [("planned", 70_000)] * 2


def lost(device: Replica) -> list[LostEdit]:
    with device.store.read() as work:
        return lost_edits(work.connection)


def test_two_edits_of_one_field_show_the_value_that_does_not_stand(pair: Pair) -> None:
    laptop, server = pair
    edit(laptop, planned=70_000)
    edit(server, planned=90_000)
    edit(server, planned=95_000)
    meet(laptop, server)
    for device in pair:
        assert line(device.store, "Groceries").entry.planned == 95_000
        assert [(one.field, one.lost) for one in lost(device)] == [("planned", 70_000)]
        assert examine(device.path).findings == ()


def test_edits_that_have_seen_each_other_or_other_fields_or_say_the_same_are_no_conflict(pair: Pair) -> None:
    laptop, server = pair
    edit(laptop, planned=70_000)
    meet(laptop, server)
    edit(server, planned=90_000)
    meet(laptop, server)
    edit(laptop, notes="Fridays")
    edit(server, planned=60_000)
    meet(laptop, server)
    edit(laptop, planned=50_000)
    edit(server, planned=50_000)
    meet(laptop, server)
    assert [lost(device) for device in pair] == [[], []]


def test_an_edit_of_what_another_device_deleted_is_listed_as_lost(pair: Pair) -> None:
    laptop, server = pair
    with server.store.write() as work:
        delete_month_entry(work, entry(server.store, "Groceries").id)
    laptop.clock.now_ms += 60_000
    edit(laptop, planned=70_000)
    meet(laptop, server)
    for device in pair:
        [one] = lost(device)
        assert (one.field, one.lost, one.is_deleted) == ("planned", 70_000, True)


def test_what_was_started_again_and_is_deleted_elsewhere_is_listed_once_and_not_field_by_field(pair: Pair) -> None:
    laptop, server = pair
    with server.store.write() as work:
        start_month(work, MAY.next)
        action = work.acted()
    meet(laptop, server)
    for verb in (lambda work: undo(work, action), lambda work: start_month(work, MAY.next)):
        with server.store.write() as work:
            verb(work)
    laptop.clock.now_ms += 60_000
    with laptop.store.write() as work:
        delete_month_entry(work, entry(laptop.store, "Groceries", MAY.next).id)
    meet(laptop, server)
    assert [one.field for one in lost(server)] == ["deleted"]


def test_taking_the_other_value_is_an_edit_like_any_other_and_ends_the_matter(pair: Pair) -> None:
    laptop, server = pair
    edit(laptop, planned=70_000)
    edit(server, planned=90_000)
    meet(laptop, server)
    with laptop.store.write() as work:
        take_lost(work, attention(work).lost[0].edit)
    meet(laptop, server)
    assert [line(device.store, "Groceries").entry.planned for device in pair] == [70_000, 70_000]
    assert lost(laptop) == []


def test_what_was_looked_at_is_listed_no_more(pair: Pair) -> None:
    laptop, server = pair
    edit(laptop, planned=70_000)
    edit(server, planned=90_000)
    meet(laptop, server)
    with server.store.write() as work:
        dismiss_lost(work, attention(work).lost[0].edit)
    assert lost(server) == []
    assert len(lost(laptop)) == 1


@pytest.mark.usefixtures("paged")
def test_a_device_that_joins_later_is_not_told_of_old_conflicts(pair: Pair, tmp_path: Path) -> None:
    laptop, server = pair
    conflict(laptop, server)
    newcomer = replica(tmp_path, 3)
    meet(newcomer, server)
    assert lost(newcomer) == []


@pytest.mark.usefixtures("paged")
def test_a_server_that_is_filled_anew_is_not_told_of_old_conflicts(pair: Pair, tmp_path: Path) -> None:
    laptop, server = pair
    conflict(laptop, server)
    other = replica(tmp_path, 3)
    meet(laptop, other)
    assert lost(other) == []


@pytest.mark.usefixtures("paged")
def test_a_server_whose_household_is_replaced_is_not_told_of_old_conflicts(pair: Pair, tmp_path: Path) -> None:
    laptop, server = pair
    conflict(laptop, server)
    other = replica(tmp_path, 3)
    plan_entry(other.store, "Theirs")
    with other.store.read() as work:
        theirs = work.household().id
    meet(laptop, other, replace=theirs)
    assert line(other.store, "Groceries").entry.planned == 90_000
    assert lost(other) == []


@pytest.mark.usefixtures("paged")
def test_who_had_one_of_the_two_before_is_told_wherever_the_page_ends(pair: Pair, tmp_path: Path) -> None:
    laptop, server = pair
    third, fourth = replica(tmp_path, 3), replica(tmp_path, 4)
    meet(third, server)
    meet(fourth, server)
    edit(laptop, planned=70_000)
    meet(laptop, server)
    meet(third, server)
    edit(fourth, planned=90_000)
    meet(fourth, server)
    for device in (laptop, third):
        meet(device, server)
    for device in (laptop, server, third, fourth):
        assert [(one.field, one.lost) for one in lost(device)] == [("planned", 70_000)]


@pytest.mark.usefixtures("paged")
@pytest.mark.parametrize("cut_after", [None, 6, 7, 8])
def test_what_the_same_device_brings_in_a_later_exchange_is_told(
    pair: Pair, tmp_path: Path, cut_after: int | None
) -> None:
    laptop, server = pair
    other = replica(tmp_path, 4)
    edit(laptop, planned=70_000)
    edit(laptop, notes="Fridays")
    with suppress(Cut):
        meet(laptop, other, cut_after=cut_after)
    edit(server, planned=90_000)
    meet(laptop, server)
    had = line(other.store, "Groceries").entry.planned == 70_000
    other.clock.now_ms += 120_000
    meet(laptop, other)
    assert [(one.field, one.lost) for one in lost(other)] == ([("planned", 70_000)] if had else [])


def test_an_edit_that_the_deleter_had_not_seen_is_listed_whichever_was_later(pair: Pair) -> None:
    laptop, server = pair
    edit(laptop, planned=70_000)
    server.clock.now_ms += 60_000
    with server.store.write() as work:
        delete_month_entry(work, entry(server.store, "Groceries").id)
    meet(laptop, server)
    for device in pair:
        [one] = lost(device)
        assert (one.field, one.lost, one.is_deleted) == ("planned", 70_000, True)


def test_an_edit_that_the_deleter_had_seen_is_not_listed(pair: Pair) -> None:
    laptop, server = pair
    edit(laptop, planned=70_000)
    meet(laptop, server)
    edit(server, notes="Fridays")
    with server.store.write() as work:
        delete_month_entry(work, entry(server.store, "Groceries").id)
    meet(laptop, server)
    assert [lost(device) for device in pair] == [[], []]


def test_taking_what_was_lost_to_a_deletion_brings_the_record_back_with_it(pair: Pair) -> None:
    laptop, server = pair
    edit(laptop, planned=70_000)
    server.clock.now_ms += 60_000
    with server.store.write() as work:
        delete_month_entry(work, entry(server.store, "Groceries").id)
    meet(laptop, server)
    with server.store.write() as work:
        take_lost(work, attention(work).lost[0].edit)
    meet(laptop, server)
    for device in pair:
        assert line(device.store, "Groceries").entry.planned == 70_000
        assert lost(device) == []


def test_what_one_device_took_is_listed_on_no_other_any_more(pair: Pair) -> None:
    laptop, server = pair
    edit(laptop, planned=70_000)
    edit(server, planned=90_000)
    meet(laptop, server)
    with laptop.store.write() as work:
        take_lost(work, attention(work).lost[0].edit)
    meet(laptop, server)
    assert [lost(device) for device in pair] == [[], []]
    edit(laptop, planned=60_000)
    meet(laptop, server)
    assert [lost(device) for device in pair] == [[], []]


def test_what_was_looked_at_does_not_come_back_with_the_next_edit(pair: Pair) -> None:
    laptop, server = pair
    edit(laptop, planned=70_000)
    edit(server, planned=90_000)
    meet(laptop, server)
    with server.store.write() as work:
        dismiss_lost(work, attention(work).lost[0].edit)
    edit(laptop, planned=60_000)
    meet(laptop, server)
    assert lost(server) == []


def test_a_value_that_was_typed_again_by_hand_is_listed_no_more(pair: Pair) -> None:
    laptop, server = pair
    edit(laptop, planned=70_000)
    edit(server, planned=90_000)
    meet(laptop, server)
    edit(server, planned=70_000)
    assert lost(server) == []


def test_what_is_listed_of_a_branch_goes_on_under_the_name_that_the_branch_gets(pair: Pair, tmp_path: Path) -> None:
    laptop, server = pair
    server.kept_as(tmp_path / "volume.db")
    edit(server, notes="Fridays")
    edit(server, planned=90_000)
    laptop.clock.now_ms += 60_000
    edit(laptop, planned=70_000)
    meet(laptop, server)
    before = [(one.field, one.lost) for one in lost(laptop)]
    restored = Replica(tmp_path / "volume.db", 7)
    plan_entry(restored.store, "Rent")
    plan_entry(restored.store, "Loan")
    meet(laptop, restored)
    assert before == [("planned", 90_000)]
    assert [(one.field, one.lost) for one in lost(laptop)] == before
    restored.close()
