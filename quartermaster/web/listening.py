"""The socket that the server listens on, and the server's end."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, ip_network

import uvicorn

# To be alone on the port, also right after another one left it. On Windows "reuse" would let a second program share it.
if sys.platform == "win32":
    ALONE = socket.SO_EXCLUSIVEADDRUSE
else:
    ALONE = socket.SO_REUSEADDR


class Server(uvicorn.Server):
    """Lets streams that have no end of their own know that this is it, before it waits for all answers to end."""

    def __init__(self, config: uvicorn.Config, ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._ending = ending

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending()
        await super().shutdown(sockets)


def as_seen(proxies: Iterable[str]) -> list[str]:
    """Addresses and networks, those of IPv4 also as they look to who listens on all of both kinds: ::ffff:10.0.0.2."""
    networks = [ip_network(proxy.strip()) for proxy in proxies]
    old = [one for one in networks if isinstance(one, IPv4Network)]
    return [*map(str, networks), *(f"::ffff:{one.network_address}/{96 + one.prefixlen}" for one in old)]


def listen(host: str, port: int) -> socket.socket:
    """Listen there, at once. Raises ValueError, a sentence that names the setting to mend."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, ALONE, 1)
    try:
        listening.bind((host, port))
        # At once: a port that is bound but not yet listened on can be bound by a second program too.
        listening.listen()
    except OSError as error:
        listening.close()
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise ValueError(
                f"QUARTERMASTER_HOST is {host!r}: {error.strerror}. "
                "Name an address of this machine, or 0.0.0.0 for all of them."
            ) from None
        raise ValueError(
            f"QUARTERMASTER_PORT is {port} on {host}: {error.strerror}. "
            "Choose another port, or stop the program that uses it."
        ) from None
    return listening
