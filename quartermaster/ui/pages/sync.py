"""Settings of sync: connect a server, mend or leave the connection, and see which devices hold the household."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from nicegui import ui

from quartermaster.services.devices import device_list, forget_device, rename_device
from quartermaster.storage.devices import Device
from quartermaster.sync.errors import OtherHousehold
from quartermaster.sync.keeping import config_of, forget
from quartermaster.sync.line import Server
from quartermaster.sync.room import Sync
from quartermaster.sync.status import State
from quartermaster.ui.building import BUILT_WITHIN_S
from quartermaster.ui.calls import Calls
from quartermaster.ui.connecting import Connecting
from quartermaster.ui.dialogs.ask import ask
from quartermaster.ui.live import OneAtATime
from quartermaster.ui.parts.device_table import DeviceTable
from quartermaster.ui.parts.sync_facts import SyncFacts, mended_note
from quartermaster.ui.parts.tags import button, el
from quartermaster.ui.shell import shell
from quartermaster.ui.sync_words import device_name

LOOK_EVERY_S = 15.0
"""How often it is looked who was seen: that alone tells nobody."""
BY_OPERATOR = "The address is set by QUARTERMASTER_SYNC_URL. Where Quartermaster is started, it is changed or left out."
SIGN_IN_BY_OPERATOR = (
    "Name and password are set by QUARTERMASTER_SYNC_USER and QUARTERMASTER_SYNC_PASSWORD. Correct them where "
    "Quartermaster is started, and start it again."
)


def register(calls: Calls) -> None:
    @ui.page("/settings/sync", response_timeout=BUILT_WITHIN_S)
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
        self._mending: object = None

    def draw(self, known: list[Device]) -> None:
        self._place = el("div")
        self._connecting = Connecting(self._calls, self._sync, drawn=self._draw_server)
        self._draw_server()
        self._devices = DeviceTable(self._calls, rename=self._rename, forget=self._forget)
        self._devices.show(known)
        again = OneAtATime(self._refresh)
        self._calls.live.changed.subscribe(again)
        self._calls.live.synced.subscribe(self._show_mending)
        ui.timer(LOOK_EVERY_S, again)

    async def _refresh(self) -> None:
        with self._calls.told():
            self._devices.show(await self._calls.read(device_list))

    def _draw_server(self) -> None:
        self._place.clear()
        self._mending = None
        with self._place, el("section", "group", aria_label="Server"):
            with el("div", "ghead shead"):
                el("h2", text="Server")
            if self._sync.server is None:
                mended_note(self._calls, self._sync, "connect hintline")
                self._connecting.form(do="Connect")
            else:
                self._draw_connected()
            self._mend = el("div")
        self._show_mending()

    def _draw_connected(self) -> None:
        with el("div", "connect"):
            facts = SyncFacts(self._calls, self._sync)
            with el("div", "dfoot"):
                facts.sync_now()
                if not self._sync.is_set_by_operator:
                    button("Change…").on("click", self._change, args=[])
                    button("Disconnect…", "btn").on("click", self._disconnect, args=[])
            if self._sync.is_set_by_operator:
                el("p", "hintline", BY_OPERATOR)

    def _show_mending(self) -> None:
        """Where the connection needs a person, offer right here what mends it."""
        status, server = self._sync.status, self._sync.server
        if server is None or status is None or self._mend.is_deleted or self._connecting.is_busy:
            return
        needs = (status.state, server.url) if status.state in (State.NEEDS_PASSWORD, State.ANOTHER_HOUSEHOLD) else None
        if needs == self._mending:
            return
        self._mending = needs
        self._mend.clear()
        with self._mend:
            if status.state is State.NEEDS_PASSWORD:
                self._draw_password(server)
            elif isinstance(status.failure, OtherHousehold):
                self._connecting.choose(server, status.failure)

    def _draw_password(self, server: Server) -> None:
        if self._sync.is_set_by_operator:
            el("p", "connect hintline", SIGN_IN_BY_OPERATOR)
        else:
            self._connecting.form(do="Try again", known=server, only_password=True)

    def _change(self) -> None:
        self._mend.clear()
        self._mending = "changing"
        with self._mend:
            self._connecting.form(do="Connect", known=self._sync.server, cancel=self._draw_server)

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

    async def _rename(self, device: UUID, typed: str) -> str:
        return await self._calls.change(rename_device, device, typed)

    async def _forget(self, device: Device) -> None:
        name = device_name(device.id, device.name)
        yes = await ask(
            f"Forget {name}?",
            "It is listed no more, on any device. Everything that it wrote stays.",
            "If it comes back with something new, that is taken in as ever, and it is listed again.",
            do="Forget it",
        )
        if yes:
            with self._calls.told():
                await self._calls.change(forget_device, device.id)
                await self._refresh()
