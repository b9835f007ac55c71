"""The devices that hold the household: what they are called, which are gone.

For pages: `device_list` answers, `rename_device` and `forget_device` change, on all devices.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from quartermaster.domain import text
from quartermaster.domain.device import DeviceCard
from quartermaster.domain.errors import NotFound, Refused
from quartermaster.storage.devices import Device, devices
from quartermaster.storage.work import Work


def device_list(work: Work) -> list[Device]:
    """First this device, then the others in the order in which this file heard of them; not the forgotten ones."""
    return [device for device in devices(work.connection) if not device.is_forgotten]


def rename_device(work: Work, device_id: UUID, name: str) -> str:
    """Give a device a name, on all devices; the name as it is kept. Refuses a blank one and one that is too long."""
    called = text.name(name)
    _write(work, _known(work, device_id), name=called)
    return called


def forget_device(work: Work, device_id: UUID) -> int:
    """Show a device no more, on any device; the action that `undo` takes back.

    Nothing that it wrote goes. When it comes back with more, that is taken in as ever, and it is shown again.
    """
    device = _known(work, device_id)
    if device.is_this:
        raise Refused("This is the device that you are using. Forget it on another one.")
    _write(work, device, forgotten=device.changes)
    return work.acted()


def _known(work: Work, device_id: UUID) -> Device:
    found = next((device for device in devices(work.connection) if device.id == device_id), None)
    if found is None:
        raise NotFound("No such device is known here.")
    return found


def _write(work: Work, device: Device, **fields: str | int) -> None:
    old = work.device_card(device.id)
    if old is None:
        work.add(replace(DeviceCard(id=device.id, name=device.name), **fields))  # type: ignore[arg-type]  # its fields
    else:
        work.edit(old, replace(old, **fields))  # type: ignore[arg-type]  # the same
