"""A short message at the foot of the page, with a way to take back what was done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from nicegui import background_tasks, context

from quartermaster.ui.parts.tags import Tag, button, el
from quartermaster.ui.person import person

SECONDS = 6.0
SECONDS_WITH_UNDO = 10.0
_PLACE, _NEXT = "snackbars", "said"
Undo = Callable[[], Awaitable[None]]


def place_for_snackbars() -> None:
    """Where this page's messages appear; the frame makes one. A message left for the next page appears now."""
    context.client.storage[_PLACE] = el("div", "snackbars", role="status", aria_live="polite")
    left = person().pop(_NEXT, None)
    if left:
        say(str(left))


def say_next(message: str, memory: MutableMapping[str, Any] | None = None) -> None:
    """Leave a message for the page that this person sees next; `memory` is the person's where no page is drawn."""
    (person() if memory is None else memory)[_NEXT] = message


def say(message: str, *, undo: Undo | None = None, label: str = "Undo") -> None:
    """Show a message for some seconds, in place of an earlier one. `undo` puts a button beside it (key: u)."""
    place = context.client.storage.get(_PLACE)
    if not isinstance(place, Tag) or place.is_deleted:
        return
    place.clear()
    with place, el("div", "snackbar" if undo else "snackbar plain") as snackbar:
        el("span", text=message)
        if undo is not None:
            with button(label, data_key="u").on("click", lambda: _undone(snackbar, undo)):
                el("kbd", text="U", aria_hidden="true")
    seconds = SECONDS_WITH_UNDO if undo else SECONDS
    background_tasks.create(_leave(snackbar, seconds), name="let a message go")


async def _undone(snackbar: Tag, undo: Undo) -> None:
    if snackbar.is_deleted:
        return
    snackbar.delete()
    await undo()


async def _leave(snackbar: Tag, seconds: float) -> None:
    await asyncio.sleep(seconds)
    if not snackbar.is_deleted:
        snackbar.delete()
