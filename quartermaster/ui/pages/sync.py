"""Settings of sync: connect a server, leave it, and see which devices hold the household."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from nicegui import ui
from nicegui.events import GenericEventArguments

from quartermaster.domain.errors import Refused
from quartermaster.services.devices import device_list, rename_device
from quartermaster.storage.devices import Device
from quartermaster.storage.exchange import Census, census
from quartermaster.storage.work import Work
from quartermaster.sync.errors import NeedsPassword, OtherHousehold, SyncFailure
from quartermaster.sync.keeping import config_of, forget, keep
from quartermaster.sync.line import Server
from quartermaster.sync.room import Sync
from quartermaster.ui.calls import Calls
from quartermaster.ui.dialogs.ask import ask
from quartermaster.ui.drafts import FORM_DATA, form_fields
from quartermaster.ui.joining import put_both_together, replace_theirs, take_theirs
from quartermaster.ui.live import OneAtATime
from quartermaster.ui.parts.field import field
from quartermaster.ui.parts.inline_edit import InlineEdit
from quartermaster.ui.parts.join_choice import join_choice
from quartermaster.ui.parts.snackbar import say, say_next
from quartermaster.ui.parts.tags import button, el
from quartermaster.ui.shell import shell
from quartermaster.ui.sync_words import waiting, words
from quartermaster.ui.when import local_moment

FIELDS = ("url", "user", "password")


def register(calls: Calls) -> None:
    @ui.page("/settings/sync")
    async def page() -> None:
        known = await calls.read(device_list)
        with shell(calls, title="Sync", active="settings") as frame:
            with frame.lead:
                el("a", "btn quiet", "‹ Settings", href="/settings").move(target_index=0)
            el(
                "p", "lede",
                "Every device holds the whole household and works without a network. A server is where they meet: "
                "what one device writes, the others have as soon as both can reach it.",
            )  # fmt: skip
            if calls.sync is not None:
                _SyncPage(calls, calls.sync).draw(known)


class _SyncPage:
    def __init__(self, calls: Calls, sync: Sync) -> None:
        self._calls, self._sync = calls, sync

    def draw(self, known: list[Device]) -> None:
        self._place = el("div")
        self._draw_server()
        with el("section", "group devices", aria_label="Devices"):
            with el("div", "ghead shead"):
                el("h2", text="Devices")
            self._list = el("div")
        self._known: list[Device] = []
        self._draw_devices(known)
        self._calls.live.changed.subscribe(OneAtATime(self._refresh))

    async def _refresh(self) -> None:
        with self._calls.told():
            self._draw_devices(await self._calls.read(device_list))

    def _draw_devices(self, known: list[Device]) -> None:
        """Draw them again when there is another one; a name that is being typed stays."""
        if [device.id for device in known] != [device.id for device in self._known]:
            self._list.clear()
            with self._list:
                for device in known:
                    self._draw_device(device)
        self._known = known

    def _draw_server(self) -> None:
        self._place.clear()
        with self._place, el("section", "group", aria_label="Server"):
            with el("div", "ghead shead"):
                el("h2", text="Server")
            if self._sync.server is None:
                self._draw_form()
            else:
                self._draw_connected(self._sync.server)

    def _draw_connected(self, server: Server) -> None:
        with el("div", "connect"):
            sentence = el("p", role="status")
            with el("dl", "pairs"):
                el("dt", "lab", "Address")
                el("dd", text=server.url)
                el("dt", "lab", "Name")
                el("dd", text=server.user or "none")
                el("dt", "lab", "Last in step")
                last = el("dd")
                el("dt", "lab", "Waiting here")
                rest = el("dd")
            with el("div", "dfoot"):
                button("Sync now", "btn pri").on("click", self._now, args=[])
                if self._sync.is_set_by_operator:
                    el("p", "faint", "The address is set by QUARTERMASTER_SYNC_URL.")
                else:
                    button("Disconnect…", "btn").on("click", self._disconnect, args=[])

        def show() -> None:
            status = self._sync.status
            if status is None or sentence.is_deleted:
                return
            sentence.set_text(words(status, in_demo=self._calls.in_demo).sentence)
            last.set_text(local_moment(status.last_success_ms) if status.last_success_ms else "not yet")
            rest.set_text(waiting(status.waiting) if status.waiting else "nothing")

        show()
        self._calls.live.synced.subscribe(show)

    def _draw_form(self) -> None:
        with el("form", "connect", novalidate=True) as form:
            self._fields = {"url": field("Address", "url", {}, placeholder="https://budget.example.org", type="url")}
            with el("div", "two"):
                self._fields["user"] = field("Name", "user", {}, autocomplete="username")
                self._fields["password"] = field(
                    "Password", "password", {}, type="password", autocomplete="current-password"
                )
            el("p", "hintline", "Name and password are those that the server, or the proxy in front of it, asks for. "
               "The password is kept in this system's keyring, or else in a file that only you can read.")  # fmt: skip
            with el("div", "dfoot"):
                self._button = el("button", "btn pri", "Connect", type="submit")
        self._choice = el("div")
        form.on("submit.prevent", self._connect, js_handler=FORM_DATA)

    async def _connect(self, event: GenericEventArguments) -> None:
        fields = form_fields(event.args)
        for one in self._fields.values():
            one.refuse("")
        self._button.set(disabled=True)
        self._button.set_text("Connecting…")
        with self._calls.told(self._refused):
            server = Server(
                url=read_address(fields.get("url", "")),
                user=fields.get("user", "").strip(),
                password=fields.get("password", ""),
            )
            try:
                outcome = await self._sync.connect(server)
            except OtherHousehold as other:
                await self._ask_which(server, other)
            except SyncFailure as failure:
                at = "password" if isinstance(failure, NeedsPassword) else "url"
                raise Refused(failure.sentence, field=at) from failure
            else:
                said = f"{waiting(outcome.sent)} sent, {outcome.received:,} received"
                await self._connected(server, said, joined=outcome.joined)
                return
        self._button.set(disabled=None)
        self._button.set_text("Connect")

    async def _connected(self, server: Server, said: str, *, joined: bool) -> None:
        """Keep the connection; where the household is another one than before, all pages begin anew."""
        await self._calls.off_the_loop(partial(keep, config_of(self._calls.place.database), server))
        if joined:
            say_next(f"Connected: {said}.")
            await self._calls.became_another()
        else:
            say(f"Connected: {said}.")
            self._draw_server()

    async def _ask_which(self, server: Server, other: OtherHousehold) -> None:
        """Show both sides, and let the person choose."""
        theirs = UUID(hex=str(other.details["household"]))
        mine = await self._calls.read(_census)

        async def both() -> None:
            with self._joining():
                done = await put_both_together(self._calls, self._sync, server, theirs)
                await self._connected(server, f"{done.postings:,} postings of this device were added", joined=True)

        async def take() -> None:
            if await ask("Use the server's household?", "This device's own is kept as a backup.", do="Use it"):
                with self._joining():
                    before = await take_theirs(self._calls, self._sync, server, theirs)
                    await self._connected(server, f"what was here is kept as {before.path.name}", joined=True)

        async def replace() -> None:
            said = "All devices of that server go on with what is here. The server keeps its own as a backup."
            if await ask("Replace the server's household?", said, do="Replace it", danger=True):
                with self._joining():
                    await replace_theirs(self._sync, server, theirs)
                    await self._connected(server, "the server has this device's household now", joined=False)

        self._choice.clear()
        with self._choice:
            join_choice(mine, _counts(other), both=both, take=take, replace=replace)

    @contextmanager
    def _joining(self) -> Iterator[None]:
        with self._calls.told(self._refused):
            try:
                yield
            except SyncFailure as failure:
                raise Refused(failure.sentence, field="url") from failure

    def _refused(self, sentence: str, at: str | None) -> None:
        self._fields[at if at in FIELDS else "url"].refuse(sentence, focus=True)

    def _now(self) -> None:
        if self._sync.client is not None:
            self._sync.client.wake()

    async def _disconnect(self) -> None:
        yes = await ask(
            "Disconnect this device?",
            "The household stays here and on the server, and each goes its own way until you connect again.",
            do="Disconnect",
        )
        if yes:
            with self._calls.told():
                await self._sync.disconnect()
                await self._calls.off_the_loop(partial(forget, config_of(self._calls.place.database)))
                self._draw_server()

    def _draw_device(self, device: Device) -> None:
        called = device.name or f"Device {device.id.hex[-4:]}"

        async def rename(typed: str) -> None:
            name.button.set_text(await self._calls.write(rename_device, device.id, typed))

        with el("div", "row"):
            with el("span", "name"):
                name = InlineEdit(self._calls, "Name of the device", lambda: name.button.text, rename)
                name.button.set_text(called)
                if device.is_this:
                    el("span", "tag ok", "this one")
            el("span", "num dim m", waiting(device.changes))
            el("span", "dim", local_moment(device.last_ms) if device.last_ms is not None else "nothing yet")


def _census(work: Work) -> Census:
    return census(work.connection)


def _counts(other: OtherHousehold) -> Mapping[str, Any]:
    here = other.details.get("here")
    return here if isinstance(here, dict) else {}


def read_address(typed: str) -> str:
    """The address of a server as it is typed. Raises Refused."""
    address = typed.strip().rstrip("/")
    if address and "://" not in address:
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
        known = parts.scheme in ("http", "https") and parts.hostname and not (parts.username or parts.query)
    except ValueError:
        known = False
    if not known:
        raise Refused("Type the server's address, such as https://budget.example.org.", field="url")
    return address
