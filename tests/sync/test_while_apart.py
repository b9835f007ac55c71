"""What devices do at the same time, each on its own: the same thing, or what the other is in the middle of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from quartermaster.domain.errors import Refused
from quartermaster.domain.section import Section
from quartermaster.services.months import set_month_debt_target
from quartermaster.services.plans import add_plan_entry, edit_plan_entry, set_plan_debt_target
from quartermaster.services.undo import undo
from quartermaster.storage.lost_edits import lost_edits
from quartermaster.sync.conversation import Conversation, Outcome
from quartermaster.sync.errors import Rejected
from quartermaster.sync.protocol import read, written
from tests.living import MAY, entry, line, plan_entry, plan_seen, posted, seen, started
from tests.sync.replicas import Replica, assert_same, meet

Devices = Callable[[int], list[Replica]]


@pytest.fixture
def pair(devices: Devices) -> list[Replica]:
    """A server and a laptop in step, with two debts on the plan."""
    server, laptop = devices(2)
    for name in ("Loan", "Card"):
        plan_entry(server.store, name, 1_000, Section.DEBT_MINIMUM)
    meet(laptop, server)
    return [server, laptop]


def test_an_edit_is_taken_back_where_another_device_edited_something_else(pair: list[Replica]) -> None:
    server, laptop = pair
    loan = plan_seen(server.store).debts[0].id
    with laptop.store.write() as work:
        edit_plan_entry(work, loan, planned=2_000)
        action = work.acted()
    with server.store.write() as work:
        edit_plan_entry(work, loan, notes="Until 2031")
    meet(laptop, server)
    with laptop.store.write() as work:
        assert not undo(work, action).elsewhere
    now = plan_seen(laptop.store).debts[0]
    assert (now.planned, now.notes) == (1_000, "Until 2031")


def test_what_was_new_and_is_in_use_elsewhere_by_now_is_not_taken_back(pair: list[Replica]) -> None:
    server, laptop = pair
    with laptop.store.write() as work:
        added = add_plan_entry(work, section=Section.FOOD, name="Groceries", planned=1)
        action = work.acted()
    meet(laptop, server)
    with server.store.write() as work:
        edit_plan_entry(work, added.id, planned=2)
    meet(laptop, server)
    with pytest.raises(Refused, match="Another device has written to it since"), laptop.store.write() as work:
        undo(work, action)
    assert [one.planned for one in plan_seen(laptop.store).entries if one.id == added.id] == [2]


def test_of_two_debt_targets_the_later_stands_and_the_other_is_listed(pair: list[Replica]) -> None:
    started(pair[0].store)
    meet(pair[1], pair[0])
    aims = list(zip(pair, ("Loan", "Card"), strict=True))
    for device, name in aims:
        device.clock.now_ms += 1_000 * (1 + pair.index(device))
        plan = next(one for one in plan_seen(device.store).debts if one.name == name)
        with device.store.write() as work:
            set_plan_debt_target(work, plan.id)
            set_month_debt_target(work, MAY, entry(device.store, name).id)
    server, laptop = pair
    meet(laptop, server)
    for device in pair:
        target, of_month = plan_seen(device.store).debt_target, seen(device.store).debt_target
        assert target is not None
        assert of_month is not None
        assert (target.name, of_month.name) == ("Card", "Card")
        with device.store.read() as work:
            lost = {(one.change.kind, one.field) for one in lost_edits(work.connection)}
        assert lost == {("household", "debt_target"), ("month", "debt_target")}
    assert_same(pair)


@pytest.mark.parametrize("first", ["the edit", "the start"])
def test_a_plan_that_is_edited_while_another_device_starts_a_month_from_it(pair: list[Replica], first: str) -> None:
    server, laptop = pair
    (laptop if first == "the start" else server).clock.now_ms += 60_000
    loan = next(one for one in plan_seen(server.store).debts if one.name == "Loan")
    with server.store.write() as work:
        edit_plan_entry(work, loan.id, name="Car loan", planned=2_000)
    started(laptop.store)
    meet(laptop, server)
    for device in pair:
        assert [(one.name, one.planned) for one in plan_seen(device.store).debts] == [
            ("Car loan", 2_000),
            ("Card", 1_000),
        ]
        # The month is a snapshot of the plan as the device that started it knew it.
        assert line(device.store, "Loan").entry.planned == 1_000
    assert_same(pair)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_server_that_is_restored_in_the_middle_of_an_exchange_has_everything_in_the_end(
    pair: list[Replica], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.setattr("quartermaster.sync.conversation.PAGE_BYTES", 1_500)
    monkeypatch.setattr("quartermaster.sync.host.PAGE_BYTES", 1_500)
    server, laptop = pair
    started(server.store)
    meet(laptop, server)
    server.kept_as(tmp_path / "volume.db")
    for device in pair:
        for amount in range(1, 15):
            posted(device.store, entry(device.store, "Loan").id, amount * 10 ** (3 * pair.index(device)))
    steps = Conversation(laptop.store, laptop.digest).steps()
    said, answers, done = next(steps), 0, None
    while done is None:
        if answers == at:
            restored = Replica(tmp_path / "volume.db", 9)
            restored.copied_to(server)
            restored.close()
        answers += 1
        try:
            said = steps.send(read(server.host.answer(written(said))))
        except Rejected as no:
            said = steps.throw(no)
        except StopIteration as ended:
            done = ended.value
    assert isinstance(done, Outcome)
    assert answers > at
    meet(laptop, server)
    assert_same(pair)
    # What the server alone knew and had not told goes with its volume; all that the laptop had is there.
    assert line(server.store, "Loan").applied >= 105_000
    assert line(server.store, "Loan").applied == line(laptop.store, "Loan").applied
