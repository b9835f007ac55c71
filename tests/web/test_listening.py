"""Where the server listens, and whose word it takes about where others come from."""

from __future__ import annotations

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from quartermaster.web.listening import as_seen

TRUSTED = ("172.18.0.0/16", " 10.0.0.2", "2001:db8::/32")


async def comes_from(peer: str) -> str:
    """Where a request comes from by the word of a peer that names 192.0.2.1, if it is believed."""
    heard: list[str] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        heard.append(scope["client"][0])

    scope = {"type": "http", "client": (peer, 1), "headers": [(b"x-forwarded-for", b"192.0.2.1")]}
    await ProxyHeadersMiddleware(app, as_seen(TRUSTED))(scope, None, None)  # type: ignore[arg-type]
    return heard[0]


# The second form is how an IPv4 address looks to who listens on all addresses of both kinds, ::.
@pytest.mark.parametrize("peer", ["172.18.0.3", "::ffff:172.18.0.3", "10.0.0.2", "::ffff:10.0.0.2", "2001:db8::1"])
async def test_a_trusted_proxy_is_known_wherever_the_server_listens(peer: str) -> None:
    assert await comes_from(peer) == "192.0.2.1"


@pytest.mark.parametrize("peer", ["172.19.0.3", "::ffff:172.19.0.3", "::ffff:10.0.0.3", "::1"])
async def test_any_other_peer_is_not_believed(peer: str) -> None:
    assert await comes_from(peer) == peer
