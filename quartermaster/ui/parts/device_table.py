"""The devices that hold the household: what they are called, what they wrote, when they were seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from uuid import UUID

from quartermaster.storage.devices import Device
from quartermaster.ui.calls import Calls
from quartermaster.ui.icons import icon
from quartermaster.ui.parts.inline_edit import InlineEdit
from quartermaster.ui.parts.tags import button, el
from quartermaster.ui.sync_words import device_name, waiting
from quartermaster.ui.when import local_moment

NEVER = "—"


class DeviceTable:
    """`rename` saves a typed name and answers the one that is kept; `forget` asks first."""

    def __init__(
        self,
        calls: Calls,
        *,
        rename: Callable[[UUID, str], Awaitable[str]],
        forget: Callable[[Device], Awaitable[None]],
    ) -> None:
        self._calls, self._rename, self._forget = calls, rename, forget
        with el("section", "group devices", aria_label="Devices"):
            with el("div", "ghead shead"):
                el("h2", text="Devices")
            with el("div", "dcols lab dhead2", aria_hidden="true"):
                for label, classes in (("Device", ""), ("Wrote", "num m"), ("Last change", "m"), ("Last seen", "m")):
                    el("span", classes, label)
                el("span")
            self._list = el("ul", "plainlist")
        self._rows: dict[UUID, _Row] = {}

    def show(self, devices: Sequence[Device]) -> None:
        """Bring the rows to what is known; a name that is being typed stays."""
        if [device.id for device in devices] != list(self._rows):
            self._list.clear()
            with self._list:
                self._rows = {
                    device.id: _Row(self._calls, device, partial(self._rename, device.id), self._forget)
                    for device in devices
                }
        for device in devices:
            self._rows[device.id].show(device)


class _Row:
    def __init__(
        self,
        calls: Calls,
        device: Device,
        rename: Callable[[str], Awaitable[str]],
        forget: Callable[[Device], Awaitable[None]],
    ) -> None:
        self._device = device

        async def save(typed: str) -> None:
            self._name.button.set_text(await rename(typed))

        with el("li", "row dcols"):
            with el("span", "name"):
                self._name = InlineEdit(calls, "Name of the device", lambda: self._name.button.text, save)
                if device.is_this:
                    el("span", "tag ok", "this one")
            self._wrote = el("span", "num dim m")
            self._last = el("span", "dim m")
            self._seen = el("span", "dim m")
            self._phone = el("span", "faint only-phone")
            with el("span", "acts"):
                if not device.is_this:
                    with button("", "iconbtn", title="Forget this device", aria_label="Forget this device") as forgets:
                        icon("close")
                    forgets.on("click", lambda: forget(self._device), args=[])

    def show(self, device: Device) -> None:
        self._device = device
        self._name.button.set_text(device_name(device.id, device.name))
        last = local_moment(device.last_ms) if device.last_ms is not None else NEVER
        seen = "here" if device.is_this else local_moment(device.met_ms) if device.met_ms is not None else NEVER
        self._wrote.set_text(waiting(device.changes))
        self._last.set_text(last)
        self._seen.set_text(seen)
        self._phone.set_text(f"last change {last}" if device.last_ms is not None else "nothing yet")
