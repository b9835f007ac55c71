"""How pages reach the services, and what people are told when that fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from nicegui import app, run, ui
from nicegui.testing import User

from quartermaster.domain.errors import Refused
from quartermaster.domain.section import Section
from quartermaster.services.plans import add_plan_entry, plan_view
from quartermaster.storage.failures import DiskFull
from quartermaster.storage.store import Store
from quartermaster.ui.calls import Calls
from quartermaster.ui.drafts import Draft
from quartermaster.ui.gate import Gate
from quartermaster.ui.household_file import back_up_now, restore_file
from quartermaster.ui.shell import shell
from tests.living import plan_entry, plan_seen


@pytest.fixture
async def page(user: User, calls: Calls) -> AsyncIterator[User]:
    @ui.page("/trial")
    def trial() -> None:
        with shell(calls, title="Trial"):
            pass

    await user.open("/trial")
    yield user


async def test_a_refused_verb_leaves_no_trace(user: User, calls: Calls, store: Store) -> None:
    with pytest.raises(Refused):
        await calls.write(add_plan_entry, section=Section.FOOD, name=" ", planned=1)
    assert plan_seen(store).is_empty


async def test_a_call_that_was_cancelled_is_never_taken_for_success(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stopped(*_args: object) -> None:
        return None

    monkeypatch.setattr(run, "io_bound", stopped)
    with pytest.raises(asyncio.CancelledError):
        await calls.read(plan_view)


async def test_a_refusal_goes_to_its_field_and_else_to_the_foot_of_the_page(page: User, calls: Calls) -> None:
    at_field: list[tuple[str, str | None]] = []
    with page:
        with calls.told(lambda sentence, field: at_field.append((sentence, field))):
            raise Refused("Too long.", field="name")
        with calls.told():
            raise Refused("Not now.")
    assert at_field == [("Too long.", "name")]
    await page.should_see("Not now.")


async def test_a_full_disk_is_said_in_a_sentence(page: User, calls: Calls) -> None:
    with page, calls.told():
        raise DiskFull("The disk is full.")
    await page.should_see("The disk is full.")


async def test_a_bug_is_logged_whole_and_only_its_number_is_shown(
    page: User, calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR), page, calls.told():
        raise KeyError("a payee's name")
    bug = caplog.records[-1].bug
    assert caplog.records[-1].exc_info is not None
    caplog.clear()
    await page.should_see(bug)
    await page.should_not_see("payee's name")


async def test_a_restore_that_fails_leaves_the_file_in_use_as_it_was(user: User, calls: Calls, store: Store) -> None:
    plan_entry(store, "Rent")

    def fails() -> None:
        raise DiskFull("full")

    with pytest.raises(DiskFull):
        await calls.exchange(fails, Path("/nowhere.db"))
    assert not (await calls.read(plan_view)).is_empty


async def test_a_restore_brings_back_what_was_and_can_be_taken_back(user: User, calls: Calls, store: Store) -> None:
    backup = await back_up_now(calls)
    plan_entry(store, "Rent")
    before = await restore_file(calls, backup.path)
    assert plan_seen(store).is_empty
    assert before is not None
    await restore_file(calls, before.path)
    assert not plan_seen(store).is_empty


async def test_whoever_exchanges_the_file_waits_for_those_inside_and_keeps_others_out() -> None:
    gate, told = Gate(), []

    async def reader(name: str) -> None:
        async with gate.through():
            told.append(f"{name} in")
            await asyncio.sleep(0.02)
            told.append(f"{name} out")

    async def exchange() -> None:
        async with gate.alone():
            told.append("alone")
            await asyncio.sleep(0.02)
            told.append("done")

    async def later() -> None:
        await asyncio.sleep(0.01)
        await asyncio.gather(exchange(), reader("second"))

    await asyncio.gather(reader("first"), later())
    assert told == ["first in", "first out", "alone", "done", "second in", "second out"]


async def test_a_draft_is_kept_until_sent_and_its_late_echo_is_ignored(page: User) -> None:
    with page:
        draft = Draft("trial")
        draft.keep({"payee": "Marl", "amount": ""})
        assert Draft("trial").fields == {"payee": "Marl"}
        draft.sent({"payee": "Marlow", "amount": ""})
        draft.keep({"payee": "Marlow"})
        assert Draft("trial").fields == {}
        draft.keep({"payee": "Mar"})
        assert Draft("trial").fields == {"payee": "Mar"}


async def test_a_date_that_nobody_typed_is_no_draft(page: User) -> None:
    with page:
        draft = Draft("trial", needs=("payee",))
        draft.keep({"day": "2026-05-17", "payee": " "})
        assert draft.fields == {}
        assert "trial" not in app.storage.user.get("drafts", {})
