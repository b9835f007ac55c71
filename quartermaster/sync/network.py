"""Whether there is a way out to the server: asked while it cannot be reached, so that its return is noticed."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

Way = Callable[[], str | None]
"""Which of this machine's addresses the server would be asked from; None without a route, or without its name."""


def way_to(url: str) -> Way:
    """The way to the server, or to the proxy that the environment names. Sends no more than a question for its name."""

    def way() -> str | None:
        parts = urlsplit(_first_stop(url))
        with suppress(OSError, ValueError):
            port = parts.port or (443 if parts.scheme == "https" else 80)
            for family, kind, protocol, _, address in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_DGRAM):
                with suppress(OSError), socket.socket(family, kind, protocol) as probe:
                    # Only chooses the route: nothing is sent by that.
                    probe.connect(address)
                    return str(probe.getsockname()[0])
        return None

    return way


def _first_stop(url: str) -> str:
    parts = urlsplit(url)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return proxy if proxy and not proxy_bypass(parts.netloc) else url
