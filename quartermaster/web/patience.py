"""How long someone who typed wrong passwords waits before the next one is looked at."""

from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable

FREE = 5
"""Wrong passwords that cost nothing but the time to type them."""
LONGEST_S = 60.0
FORGOTTEN_AFTER_S = 900.0
MOST = 10_000
"""Addresses that are remembered; beyond it the one that was quiet for longest is forgotten."""


class Patience:
    """Counts failures by address: five are free, then the wait is 1, 2, 4 … 60 seconds. Lives on the event loop."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_s(self, address: str) -> int:
        """Whole seconds until the next password from this address is looked at; 0 when at once."""
        failures, last = self._of(address)
        if failures < FREE:
            return 0
        pause = min(2.0 ** min(failures - FREE, 30), LONGEST_S)
        return max(0, math.ceil(last + pause - self._clock()))

    def failed(self, address: str) -> int:
        """Note a wrong password; how many there were."""
        failures = self._of(address)[0] + 1
        network = _network(address)
        self._failures[network] = (failures, self._clock())
        self._failures.move_to_end(network)
        if len(self._failures) > MOST:
            self._failures.popitem(last=False)
        return failures

    def succeeded(self, address: str) -> None:
        """Forget what was wrong before."""
        self._failures.pop(_network(address), None)

    def _of(self, address: str) -> tuple[int, float]:
        failures, last = self._failures.get(_network(address), (0, 0.0))
        return (0, 0.0) if self._clock() - last > FORGOTTEN_AFTER_S else (failures, last)


def _network(address: str) -> str:
    """A household has one IPv4 address or 2^64 of the newer ones: the latter count as one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    return str(found.ipv4_mapped or ipaddress.ip_network((int(found), 64), strict=False))
