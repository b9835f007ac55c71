"""Who may talk to the window's server: the window, and nobody else on this machine."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from secrets import compare_digest
from urllib.parse import parse_qs, urlencode

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ENTRANCE = "/window/enter"
COOKIE = "quartermaster_window"
REFUSAL = "Only Quartermaster's own window may talk to this address."


class OnlyTheWindow:
    """Lets requests through that show the badge; all others get 403, whatever they ask for.

    The window gets its badge, a cookie, for a key that works once. Both are made anew for each start, and travel
    neither on a command line nor through a log.
    """

    def __init__(self, app: ASGIApp, *, key: str, badge: str) -> None:
        self._app, self._key, self._badge = app, key, badge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif self._has_badge(scope):
            await self._app(scope, receive, _without_vary(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._answer(scope)(scope, receive, send)

    def _has_badge(self, scope: Scope) -> bool:
        shown = SimpleCookie()
        for name, value in scope["headers"]:
            if name == b"cookie":
                try:
                    shown.load(value.decode("latin-1"))
                except CookieError:
                    return False
        return COOKIE in shown and _same(shown[COOKIE].value, self._badge)

    def _answer(self, scope: Scope) -> Response:
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        if scope["path"] != ENTRANCE or not self._key or not _same(asked.get("key", [""])[0], self._key):
            return PlainTextResponse(REFUSAL, 403)
        self._key = ""
        page = asked.get("to", ["/"])[0]
        # Lax, not strict: a window that goes here from its splash comes from no site at all.
        badge = f"{COOKIE}={self._badge}; Path=/; HttpOnly; SameSite=lax"
        return Response(
            status_code=303, headers={"Location": own_page(page), "Set-Cookie": badge, "Cache-Control": "no-store"}
        )


def entrance(origin: str, key: str, page: str) -> str:
    """The address by which the window enters."""
    return f"{origin}{ENTRANCE}?{urlencode({'key': key, 'to': page})}"


def own_page(page: str) -> str:
    """A page of this program, or the first one when it is anything else."""
    return page if page.startswith("/") and not page.startswith(("//", "/\\", ENTRANCE)) and page.isprintable() else "/"


def _without_vary(send: Send) -> Send:
    """An answer that says it varies with the cookie makes the webview write the badge into its cache, for all to read.

    It varies with nothing here: there is one window, and one badge.
    """

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [header for header in message.get("headers", ()) if header[0].lower() != b"vary"]
            message = {**message, "headers": kept}
        await send(message)

    return sending


def _same(shown: str, expected: str) -> bool:
    return compare_digest(shown.encode(), expected.encode())
