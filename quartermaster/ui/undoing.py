"""Undo and redo of what this person did last: by keys on every page, and in the palette with what it is about."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from quartermaster.services.history import deed
from quartermaster.storage.work import Work
from quartermaster.ui.calls import Calls
from quartermaster.ui.history_words import told
from quartermaster.ui.own_actions import Own, OwnActions
from quartermaster.ui.parts.snackbar import say
from quartermaster.ui.parts.tags import button


@dataclass(frozen=True, slots=True)
class Offer:
    """`title` says what would be taken back, or done again; `act` does it."""

    title: str
    act: Callable[[], Awaitable[None]]


def undo_keys(calls: Calls) -> None:
    """Buttons that only keys press: Ctrl+Z, Ctrl+Shift+Z and Ctrl+Y, unless something is being typed."""
    one_at_a_time = asyncio.Lock()

    async def press(*, redo: bool) -> None:
        # A held key presses faster than the file is written: each press goes on from where the one before came to.
        async with one_at_a_time:
            with calls.told():
                await step(redo=redo)

    async def step(*, redo: bool) -> None:
        own = await _own(calls)
        found = own.to_redo if redo else own.to_undo
        if found is None:
            say(f"There is nothing of yours to {'redo' if redo else 'undo'}.")
            return
        await calls.undo(found.action)

    button("", "", hidden=True, data_key="ctrl+z").on("click", partial(press, redo=False), args=[])
    button("", "", hidden=True, data_key="ctrl+shift+z ctrl+y").on("click", partial(press, redo=True), args=[])


async def undo_offers(calls: Calls) -> list[Offer]:
    """What can be undone and redone now, for the palette."""
    own = await _own(calls)
    offers = []
    for verb, found in (("Undo", own.to_undo), ("Redo", own.to_redo)):
        if found is not None and (words := await calls.read(_words, calls, found)):
            offers.append(Offer(f"{verb}: {words}", partial(calls.undo, found.action)))
    return offers


def _words(work: Work, calls: Calls, own: Own) -> str:
    done = deed(work, own.root)
    return told(done, calls.money).title if done is not None else ""


async def _own(calls: Calls) -> OwnActions:
    return OwnActions(await calls.read(lambda work: work.device))
