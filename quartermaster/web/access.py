"""Who may ask, and what is written down about it: plain ASGI around everything."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from quartermaster.web.answer import Answer

_log = logging.getLogger("quartermaster.events")

HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"content-security-policy": (
        b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; "
        b"base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
}
SAFE = ("GET", "HEAD", "OPTIONS")


class OnlyFromHere:
    """Refuses other hosts' names (DNS rebinding), and writes and websockets that another site's page started.

    `origins` are the web addresses that the program is known under, beside the host that was asked for itself.
    """

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str], origins: frozenset[str]) -> None:
        self._app, self._hosts, self._origins = app, hosts, origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or self._may(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            answer = PlainTextResponse("This address or page is not known here. See QUARTERMASTER_PUBLIC_URL.", 403)
            await answer(scope, receive, send)

    def _may(self, scope: Scope) -> bool:
        if scope.get("path") == "/healthz":
            return True
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if "*" not in self._hosts and _parts(f"//{host}").hostname not in self._hosts:
            return False
        origin = headers.get(b"origin", b"").decode("latin-1").lower()
        polls = scope["path"].startswith("/_nicegui_ws")
        if not origin or (scope["type"] == "http" and scope["method"] in SAFE and not polls):
            return True
        # Where the public address is encrypted, a page of that name that was not may be anybody's on the way.
        is_own = _parts(origin).netloc == host and f"https://{host}" not in self._origins
        return is_own or origin in self._origins


def _parts(address: str) -> SplitResult:
    """The parts of an address; of what is none, such as a bracket that does not close, nothing."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


class Written:
    """One `http_request` line per request, without query strings; security headers on every answer."""

    def __init__(self, app: ASGIApp, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._app, self._clock = app, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, answer = self._clock(), Answer(send, HEADERS)
        try:
            await self._app(scope, receive, answer)
        finally:
            self._write(scope, answer.status, (self._clock() - started) * 1000)

    @staticmethod
    def _write(scope: Scope, status: int, duration_ms: float) -> None:
        level = logging.DEBUG if scope["path"] == "/healthz" else logging.INFO
        fields = {"method": scope["method"], "path": scope["path"], "status": status}
        _log.log(level, "http_request", extra={"event": "http_request", **fields, "duration_ms": round(duration_ms, 1)})
