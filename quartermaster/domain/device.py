"""What a household's people say of a device: its name, and that it is gone."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceCard:
    """`id` is the device's own. `forgotten` is how many changes it had said when it was forgotten.

    A device that says more after that is back.
    """

    id: UUID
    name: str | None = None
    forgotten: int | None = None
