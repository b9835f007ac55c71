"""Who wins when devices that have not met change the same things: each rule of the merge by its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.months import edit_month_entry, start_month
from quartermaster.services.plans import delete_plan_entry, edit_plan_entry, set_plan_debt_target
from quartermaster.services.undo import undo
from quartermaster.storage.change import EDIT, INSERT, Change
from quartermaster.storage.doctor import examine
from quartermaster.storage.store import Store
from tests.conftest import Clock
from tests.living import MAY, entry, line, plan_entry, posted, seen, started
from tests.storage.replicas import HOUSEHOLD, close, device, heads, meet, rows, said, take

HOUR_MS = 3_600_000


@pytest.fixture
def devices(tmp_path: Path, database: Path) -> Iterator[tuple[Store, Store]]:
    """A laptop and a phone of one household, in step; the phone's clock is an hour ahead."""
    empty = database.read_bytes()
    laptop, phone = (device(tmp_path / f"{n}.db", empty, n, Clock(n * HOUR_MS)) for n in (1, 2))
    take(laptop, [change(UUID(int=9), 1, 1, INSERT, HOUSEHOLD, "household", currency="USD", debt_target=None)])
    plan_entry(laptop)
    meet(laptop, phone)
    yield laptop, phone
    close([laptop, phone])


def change(
    by: UUID, counter: int, stamp: int, op: str, record: UUID, kind: str = "plan_entry", **fields: object
) -> Change:
    return Change(
        device=by, counter=counter, stamp=stamp, action=counter, kind=kind, record=record, op=op, fields=fields
    )


def groceries(store: Store) -> UUID:
    with store.read() as work:
        return next(one.id for one in work.plan_entries())


def edit(store: Store, **fields: object) -> None:
    with store.write() as work:
        edit_plan_entry(work, groceries(store), **fields)  # type: ignore[arg-type]  # the fields are a parameter


def shown(store: Store) -> tuple[str, int, str | None]:
    with store.read() as work:
        [one] = work.plan_entries()
    return one.name, one.planned, one.notes


def test_edits_of_different_fields_both_stand(devices: tuple[Store, Store]) -> None:
    laptop, phone = devices
    edit(laptop, name="Food")
    edit(phone, planned=7)
    meet(laptop, phone)
    assert shown(laptop) == shown(phone) == ("Food", 7, None)


def test_of_two_edits_of_one_field_the_later_stands(devices: tuple[Store, Store]) -> None:
    laptop, phone = devices
    edit(phone, planned=2)
    edit(laptop, planned=1)
    meet(laptop, phone)
    assert shown(laptop)[1] == shown(phone)[1] == 2


def test_an_edit_made_after_seeing_another_beats_it_whatever_the_clocks_say(devices: tuple[Store, Store]) -> None:
    laptop, phone = devices
    edit(phone, planned=2)
    meet(laptop, phone)
    edit(laptop, planned=3)
    meet(laptop, phone)
    assert shown(laptop)[1] == shown(phone)[1] == 3


def test_edits_of_the_same_stamp_are_decided_by_the_device(devices: tuple[Store, Store]) -> None:
    laptop, phone = devices
    here, stamp = groceries(laptop), 1 << 60
    arriving = [change(UUID(int=number), 1, stamp, EDIT, here, planned=number) for number in (31, 32)]
    take(laptop, arriving)
    take(phone, reversed(arriving))
    assert shown(laptop)[1] == shown(phone)[1] == 32


def test_an_edit_that_arrives_before_its_insert_waits_for_it(devices: tuple[Store, Store]) -> None:
    laptop, phone = devices
    plan_entry(laptop, "Rent", 5, Section.FIXED_BILL)
    [inserted] = [one for one in said(laptop) if one.fields.get("name") == "Rent"]
    edited = change(UUID(int=3), 1, inserted.stamp + 1, EDIT, inserted.record, name="New rent", planned=6)
    assert take(phone, [edited]) == 1
    assert [row["name"] for row in rows(phone)["plan_entry"]] == ["Groceries"]
    take(phone, said(laptop))
    take(laptop, [edited])
    assert [row["name"] for row in rows(phone)["plan_entry"]] == ["Groceries", "New rent"]
    assert rows(phone) == rows(laptop)


def test_an_insert_loses_to_every_edit_whatever_their_stamps(devices: tuple[Store, Store]) -> None:
    laptop, phone = devices
    edit(laptop, name="Food")
    [born] = [one for one in said(laptop) if one.kind == "plan_entry" and one.op == INSERT]
    again = change(UUID(int=3), 1, 1 << 60, INSERT, born.record, **{**born.fields, "name": "Later", "notes": "Later"})
    for store in (laptop, phone):
        take(store, [again])
    meet(laptop, phone)
    assert shown(laptop) == shown(phone) == ("Food", 80_000, "Later")


def test_a_deleted_record_stays_deleted_and_keeps_what_others_said_of_it(devices: tuple[Store, Store]) -> None:
    laptop, phone = devices
    with laptop.write() as work:
        delete_plan_entry(work, groceries(laptop))
    edit(phone, name="Edited meanwhile")
    meet(laptop, phone)
    assert rows(laptop) == rows(phone)
    [row] = rows(laptop)["plan_entry"]
    assert (row["deleted"], row["name"]) == (1, "Edited meanwhile")
    with phone.read() as work:
        assert work.plan_entries() == []


def test_what_one_device_deleted_and_took_back_lives_on_all(devices: tuple[Store, Store]) -> None:
    laptop, phone = devices
    with laptop.write() as work:
        deleted = delete_plan_entry(work, groceries(laptop))
    meet(laptop, phone)
    with laptop.write() as work:
        undo(work, deleted.action)
    meet(laptop, phone)
    assert shown(phone) == shown(laptop) == ("Groceries", 80_000, None)


def test_a_posting_on_an_entry_that_another_device_deletes_is_kept(devices: tuple[Store, Store]) -> None:
    laptop, phone = devices
    started(laptop)
    meet(laptop, phone)
    there = posted(phone, entry(phone, "Groceries").id)
    with laptop.write() as work:
        work.remove(entry(laptop, "Groceries"))
    meet(laptop, phone)
    for store in devices:
        with store.read() as work:
            assert work.posting(there.id) == there


def test_a_months_state_travels_with_its_times(devices: tuple[Store, Store]) -> None:
    laptop, phone = devices
    started(laptop)
    with laptop.read() as work:
        [month] = work.months()
    both = [
        change(UUID(int=31), 1, 1 << 60, EDIT, month.id, "month", lifecycle=["closed", 5, 9]),
        change(UUID(int=32), 1, (1 << 60) + 1, EDIT, month.id, "month", lifecycle=["active", 7, None]),
    ]
    take(laptop, both)
    meet(laptop, phone)
    for store in devices:
        life = seen(store).month.lifecycle
        assert (life.state.value, life.activated_ms, life.closed_ms) == ("active", 7, None)


def test_a_month_that_two_devices_start_before_they_meet_is_one_month(devices: tuple[Store, Store]) -> None:
    laptop, phone = devices
    plan_entry(laptop, "Card", 9, Section.DEBT_MINIMUM)
    with laptop.write() as work:
        [card] = [one for one in work.plan_entries() if one.name == "Card"]
        set_plan_debt_target(work, card.id)
    meet(laptop, phone)
    started(laptop)
    with laptop.write() as work:
        edit_month_entry(work, entry(laptop, "Groceries").id, planned=1)
    started(phone)
    posted(phone, entry(phone, "Groceries").id, 500)
    meet(laptop, phone)
    assert rows(laptop) == rows(phone)
    view = seen(phone)
    assert [one.entry.name for one in view.lines] == ["Card", "Groceries"]
    assert view.debt_target is not None
    assert (line(laptop, "Groceries").entry.planned, line(laptop, "Groceries").applied) == (1, 500)
    with phone.write() as work:
        assert start_month(work, MAY).id == view.month.id
    started(phone, YearMonth(2026, 6))
    assert examine(phone.path).findings == examine(laptop.path).findings == ()


def test_a_later_versions_kinds_and_fields_are_kept_and_passed_on(devices: tuple[Store, Store]) -> None:
    laptop, phone = devices
    later, here = UUID(int=3), groceries(laptop)
    told = [
        change(later, 1, 1 << 60, INSERT, UUID(int=77), "envelope", colour="green", amount={"nested": [1, None]}),
        change(later, 2, (1 << 60) + 1, EDIT, here, colour="red", planned=5),
        change(later, 3, (1 << 60) + 2, "split", here, "plan_entry", parts=[1, 2]),
    ]
    take(laptop, told)
    take(phone, said(laptop))
    assert [one for one in said(phone) if one.device == later] == told
    assert heads(phone) == heads(laptop)
    assert shown(phone) == ("Groceries", 5, None)
    assert examine(phone.path).findings == ()
