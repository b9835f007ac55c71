"""The settings of sync: what is tried where nothing was typed, and what is said and offered, and where it is not."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from nicegui.testing import User

from quartermaster.domain.errors import Refused
from quartermaster.sync.errors import OtherHousehold
from quartermaster.sync.line import Server
from quartermaster.sync.room import Sync
from quartermaster.ui.calls import Calls
from quartermaster.ui.connecting import signed_in
from quartermaster.ui.household_file import open_demo
from quartermaster.ui.parts.join_choice import NOT_TOLD
from quartermaster.ui.parts.server_form import read_address
from quartermaster.ui.parts.tags import Tag
from tests.living import plan_entry
from tests.sync.serving import answering

KNOWN = Server(url="https://budget.example", user="sam", password="kept", ca_file=Path("/etc/ca.pem"))
LOCKED = Server(url="https://budget.example", user="sam", unlock=lambda: None)


@pytest.mark.parametrize("known", [KNOWN, LOCKED], ids=["known", "in a locked keyring"])
def test_a_password_that_is_not_typed_again_is_the_one_of_before(known: Server) -> None:
    typed = Server(url=known.url, user=known.user)
    assert (signed_in(typed, known).password, signed_in(typed, known).unlock) == (known.password, known.unlock)


@pytest.mark.parametrize(
    "typed",
    [
        Server(url="https://budget.example", user="sam", password="typed"),
        Server(url="https://budget.example", user="kim"),
        Server(url="https://other.example", user="sam"),
    ],
    ids=["another password", "another name", "another server"],
)
def test_nobody_else_gets_that_password(typed: Server) -> None:
    for known in (KNOWN, LOCKED, None):
        assert signed_in(typed, known) == typed
        assert signed_in(typed, known).unlock is None


@pytest.mark.parametrize("more", ["sam:hunter2@", "sam@", ":hunter2@", "@"])
def test_an_address_with_a_password_in_it_is_none(more: str) -> None:
    assert read_address("budget.example") == "https://budget.example"
    with pytest.raises(Refused):
        read_address(f"https://{more}budget.example")


@pytest.mark.parametrize("more", ["?x=1", "#here"])
def test_an_address_with_more_than_a_place_in_it_is_none(more: str) -> None:
    with pytest.raises(Refused):
        read_address(f"https://budget.example/{more}")


@asynccontextmanager
async def synced(calls: Calls, server: Server) -> AsyncIterator[Sync]:
    calls.sync = Sync(calls.store, calls.use, backups=lambda: calls.place.backups, is_demo=lambda: calls.in_demo)
    await calls.sync.stay_with(server)
    yield calls.sync
    await calls.sync.disconnect()


def shown_buttons(user: User, text: str) -> list[Tag]:
    return [tag for tag in user.find(kind=Tag).elements if tag.text == text and "hidden" not in tag._props]


async def test_the_demo_offers_no_exchange(user: User, calls: Calls) -> None:
    with answering(503, {}, b"") as url:
        async with synced(calls, Server(url=url)):
            await user.open("/settings/sync")
            assert len(shown_buttons(user, "Sync now")) == 2
            await open_demo(calls)
            await user.open("/settings/sync")
            await user.should_see("The demo household never syncs")
            assert shown_buttons(user, "Sync now") == []


async def test_what_a_server_does_not_tell_is_not_shown_as_nothing(user: User, calls: Calls) -> None:
    plan_entry(calls.store)
    refusal = {"protocol": 1, "error": "another_household", "sentence": "Another.", "household": "a" * 32, "here": 5}
    with answering(409, {}, json.dumps(refusal).encode()) as url:
        async with synced(calls, Server(url=url)) as sync:
            with suppress(OtherHousehold):
                assert sync.client is not None
                await sync.client.exchange()
            await user.open("/settings/sync")
            await user.should_see("On the server")
            await user.should_see(NOT_TOLD)


async def test_a_server_says_on_its_page_that_its_rows_were_made_anew(user: User, calls: Calls) -> None:
    calls.sync = Sync(calls.store, calls.use, backups=lambda: calls.place.backups)
    await user.open("/settings/sync")
    await user.should_not_see("made anew")
    async with calls.sync.running():
        await calls.off_the_loop(calls.sync._mended)
        await user.open("/settings/sync")
        await user.should_see("All was made anew")
