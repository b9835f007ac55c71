"""The chip in the header that says how sync stands, and the dialog in which it explains itself."""

from __future__ import annotations

from quartermaster.sync.status import State
from quartermaster.ui.calls import Calls
from quartermaster.ui.parts.modal import modal
from quartermaster.ui.parts.snackbar import say
from quartermaster.ui.parts.tags import Tag, button, el
from quartermaster.ui.sync_words import Words, words
from quartermaster.ui.when import local_moment

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
            chip.set(aria_label=f"Sync: {said.short}", title=said.short)
            short.set_text(said.short)

    show()
    dot.set(aria_hidden="true")
    calls.live.synced.subscribe(show)
    return chip


def sync_dialog(calls: Calls) -> None:
    """What the chip opens: the state in a sentence, since when, what waits, and Sync now."""
    if calls.sync is None:
        return
    sync = calls.sync

    def now() -> None:
        if sync.client is not None:
            sync.client.wake()
            say("The server is being asked.")

    with modal(ID, "Sync"):
        sentence = el("p", role="status")
        look = el("a", "btn", href="/attention")
        with el("dl", "pairs") as pairs:
            last = _pair("Last in step")
            waiting = _pair("Waiting here")
            server = _pair("Server")
        with el("div", "dfoot"):
            el("a", "btn quiet", "Settings of sync", href="/settings/sync")
            button("Sync now", "btn pri").on("click", now, args=[])

    def show() -> None:
        look.set(hidden=None if calls.to_look_at else True)
        look.set_text(f"Look at {calls.to_look_at:,}")
        status = sync.status
        pairs.set(hidden=True if status is None else None)
        if status is None or sync.server is None:
            sentence.set_text("Other devices sync with this one.")
            return
        sentence.set_text(words(status, in_demo=calls.in_demo).sentence)
        last.set_text(local_moment(status.last_success_ms) if status.last_success_ms else "not yet")
        waiting.set_text(f"{status.waiting:,} changes" if status.waiting else "nothing")
        server.set_text(sync.server.url)

    show()
    calls.live.synced.subscribe(show)


def _said(calls: Calls) -> Words | None:
    status = calls.sync.status if calls.sync is not None else None
    if calls.to_look_at and not calls.in_demo and (status is None or status.state in QUIET):
        return Words("warn", f"{calls.to_look_at:,} to look at", "")
    return None if status is None else words(status, in_demo=calls.in_demo)


def _pair(label: str) -> Tag:
    el("dt", "lab", label)
    return el("dd")
