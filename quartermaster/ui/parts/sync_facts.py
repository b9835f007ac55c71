"""How sync stands: in a sentence, with a bar while much is on its way, since when, what waits, and which server."""

from __future__ import annotations

from quartermaster.sync.room import Sync
from quartermaster.sync.status import Status
from quartermaster.ui.calls import Calls
from quartermaster.ui.parts.snackbar import say
from quartermaster.ui.parts.tags import Tag, button, el
from quartermaster.ui.sync_words import last_success, repaired, waiting, words


class Progress:
    """A bar with what it counts; hidden while nothing is counted."""

    def __init__(self) -> None:
        with el("div", "progress", hidden=True) as self._all:
            with el(
                "div", "prog", role="progressbar", aria_label="Sync", aria_valuemin="0", aria_valuemax="100"
            ) as bar:
                self._done = el("i")
            self._bar = bar
            self._count = el("p", "dim")

    def show(self, status: Status | None) -> None:
        """Bring it to what the status counts."""
        share = status.share if status is not None else None
        self._all.set(hidden=True if share is None else None)
        if status is None or share is None:
            return
        self._done.set(style=f"width:{share:.0%}")
        self._bar.set(aria_valuenow=f"{share:.0%}".rstrip("%"))
        sent = f"{status.sent:,} of {waiting(status.waiting)} sent" if status.waiting else ""
        received = f"{status.received:,} of {waiting(status.coming)} received" if status.coming else ""
        self._count.set_text(", ".join(filter(None, (sent, received))))


class SyncFacts:
    """Follows the status by itself, for as long as it is drawn."""

    def __init__(self, calls: Calls, sync: Sync) -> None:
        self._calls, self._sync = calls, sync
        self._button: Tag | None = None
        self._sentence = el("p", role="status")
        self._doubt = el("p", "drift", role="alert")
        mended_note(calls, sync)
        self._progress = Progress()
        with el("dl", "pairs") as self._pairs:
            self._server, self._user = _pair("Server"), _pair("Name")
            self._last, self._waiting = _pair("Last in step"), _pair("Waiting here")
        self._show()
        calls.live.synced.subscribe(self._show)

    def sync_now(self) -> Tag:
        """The button that asks the server at once; hidden where there is none, and in the demo, which never syncs."""
        self._button = button("Sync now", "btn pri").on("click", self._now, args=[])
        self._show()
        return self._button

    def _now(self) -> None:
        if self._sync.client is not None:
            self._sync.client.ask()
            say("The server is being asked.")

    def _show(self) -> None:
        if self._sentence.is_deleted:
            return
        status, server = self._sync.status, self._sync.server
        is_connected = status is not None and server is not None
        self._pairs.set(hidden=None if is_connected else True)
        if self._button is not None:
            # Nobody is asked for the demo.
            self._button.set(hidden=None if is_connected and not self._calls.in_demo else True)
        self._progress.show(status)
        if status is None or server is None:
            self._doubt.set(hidden=True)
            self._sentence.set_text("Other devices sync with this one.")
            return
        self._sentence.set_text(words(status, today=self._calls.today(), in_demo=self._calls.in_demo).sentence)
        self._doubt.set(hidden=None if status.doubt else True)
        self._doubt.set_text(status.doubt)
        self._server.set_text(server.url)
        self._user.set_text(server.user or "none")
        self._last.set_text(last_success(status))
        self._waiting.set_text(waiting(status.waiting) if status.waiting else "nothing")


def mended_note(calls: Calls, sync: Sync, classes: str = "hintline") -> None:
    """When rows were made anew, here and on another device; hidden while none were."""
    note = el("p", classes, role="note")

    def show() -> None:
        if note.is_deleted:
            return
        note.set(hidden=None if sync.repaired_ms is not None else True)
        note.set_text(repaired(sync.repaired_ms))

    show()
    calls.live.synced.subscribe(show)


def _pair(label: str) -> Tag:
    el("dt", "lab", label)
    return el("dd")
