"""What each device brings to a server in one exchange, page after page."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from quartermaster.storage.exchange import MOST_DEVICES
from quartermaster.storage.lost_edits import Arrived

TOGETHER_MS = 60_000
"""A page that comes later than this after the one before it is the first of another exchange."""


class Visits:
    """One per server; for one message at a time."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._going_on: dict[UUID, tuple[int, Arrived]] = {}

    def arrived(self, device: UUID, *, more: bool) -> Arrived:
        """What the device has brought so far, for its next page to be noted there. Over, unless there is more."""
        now_ms = self._now_ms()
        at_ms, arrived = self._going_on.pop(device, (now_ms, Arrived()))
        if abs(now_ms - at_ms) > TOGETHER_MS:
            arrived = Arrived()
        if more:
            if len(self._going_on) >= MOST_DEVICES:
                self._going_on.clear()
            self._going_on[device] = (now_ms, arrived)
        return arrived
