"""The chip in the header that says how sync stands, and the dialog in which it explains itself."""

from __future__ import annotations

from quartermaster.sync.status import State
from quartermaster.ui.calls import Calls
from quartermaster.ui.parts.modal import modal
from quartermaster.ui.parts.sync_facts import SyncFacts
from quartermaster.ui.parts.tags import Tag, button, el
from quartermaster.ui.sync_words import Words, last_success, words

ID = "sync"
QUIET = (State.IN_STEP, State.SENDING, State.STARTING)
"""States that may give way to what a person should look at."""


def sync_chip(calls: Calls) -> Tag | None:
    """The chip; nothing where no server is connected and none can be."""
    if calls.sync is None:
        return None
    with button("", "chip", data_opens=ID) as chip:
        dot = el("span", "dot")
        short = el("span", "short")

    def show() -> None:
        said = _said(calls)
        chip.set(hidden=True if said is None else None)
        if said is not None:
            chip.classes(replace=f"chip {said.tone}")
            chip.set(aria_label=f"Sync: {_title(calls, said)}", title=_title(calls, said))
            short.set_text(said.short)

    show()
    dot.set(aria_hidden="true")
    calls.live.synced.subscribe(show)
    return chip


def sync_dialog(calls: Calls) -> None:
    """What the chip opens: the state in a sentence, since when, what waits, and Sync now."""
    if calls.sync is None:
        return
    with modal(ID, "Sync"):
        look = el("a", "btn look", href="/attention")
        facts = SyncFacts(calls, calls.sync)
        with el("div", "dfoot"):
            el("a", "btn quiet", "Settings of sync", href="/settings/sync", data_closes="")
            facts.sync_now()

    def show() -> None:
        look.set(hidden=None if calls.to_look_at else True)
        look.set_text(f"Look at {calls.to_look_at:,}")

    show()
    calls.live.synced.subscribe(show)


def _said(calls: Calls) -> Words | None:
    status = calls.sync.status if calls.sync is not None else None
    now = None if status is None else words(status, today=calls.today(), in_demo=calls.in_demo)
    if calls.to_look_at and not calls.in_demo and (status is None or status.state in QUIET):
        return Words("warn", f"{calls.to_look_at:,} to look at", now.sentence if now else "")
    return now


def _title(calls: Calls, said: Words) -> str:
    """The same with the last success, for who rests on the chip or hears it."""
    status = calls.sync.status if calls.sync is not None else None
    last = f". Last in step: {last_success(status)}" if status is not None and not calls.in_demo else ""
    return f"{said.short}{last}"
