"""Remembers when this device last exchanged with which other one, without a write for every exchange."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from quartermaster.storage.devices import note_met
from quartermaster.storage.exchange import MOST_DEVICES
from quartermaster.storage.failures import StorageFailure
from quartermaster.storage.store import Store

EVERY_MS = 600_000
"""People look at this in days."""


class Meetings:
    """One per side of an exchange."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._noted: dict[UUID, int] = {}

    def note(self, device: UUID) -> None:
        """It was here just now. A full disk is no reason not to have met."""
        now_ms = self._store.now_ms()
        if abs(now_ms - self._noted.get(device, -EVERY_MS)) < EVERY_MS:
            return
        if len(self._noted) >= MOST_DEVICES:
            self._noted.clear()
        self._noted[device] = now_ms
        with suppress(StorageFailure), self._store.write() as work:
            note_met(work.connection, device, now_ms)
