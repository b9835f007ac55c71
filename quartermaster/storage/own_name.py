"""What people call this device. They gave that name to the device: it goes with it into another household."""

from __future__ import annotations

from quartermaster.domain.device import DeviceCard
from quartermaster.storage.devices import devices
from quartermaster.storage.work import Work


def own_name(work: Work) -> str | None:
    """The name of the device that speaks in this file, if it has one."""
    return devices(work.connection)[0].name


def say_name_again(work: Work, name: str | None) -> None:
    """Say it in the household that is in the file now, which does not know it."""
    if name is None or work.device_card(work.device) is not None:
        return
    action, work.action = work.action, None
    work.add(DeviceCard(id=work.device, name=name))
    # Nobody did this just now: there is nothing to take back.
    work.action = action
