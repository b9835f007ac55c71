"""Asks who it is, by HTTP basic authentication, before anything but the health probe is answered: plain ASGI."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from starlette.types import ASGIApp, Receive, Scope, Send

from quartermaster.web.passwords import Passwords
from quartermaster.web.patience import Patience

REMEMBERED_S = 3_600.0
"""How long a right password is not hashed again: each asset of a page brings it along."""
MOST_REMEMBERED = 1_000
MOST_AT_ONCE = 32
"""Different passwords that are looked at or wait for that."""
IN, ASK = 0, -1
"""What is answered beside the seconds to wait."""
_log = logging.getLogger("quartermaster.events")


class SignedIn:
    """Lets in who brings a name and password of the file; `unasked` are paths with a guard of their own, or none."""

    def __init__(
        self,
        app: ASGIApp,
        passwords: Passwords,
        *,
        unasked: Iterable[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._unasked = app, frozenset(unasked)
        self._door = Door(passwords, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"] in self._unasked:
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        verdict = await self._door.verdict(given, (scope.get("client") or ("",))[0])
        if verdict == IN:
            await self._app(scope, receive, send)
        else:
            await _refuse(scope, send, verdict)


class Door:
    """Knows who was let in before, and who tries too often. Lives on the event loop; hashes in threads of its own."""

    def __init__(self, passwords: Passwords, clock: Callable[[], float]) -> None:
        self._passwords, self._clock = passwords, clock
        self._patience = Patience(clock)
        # What is remembered is told by this key, which nobody else has: no password can be read from it.
        self._key = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, float] = OrderedDict()
        self._looking: dict[bytes, asyncio.Task[bool]] = {}
        self._looker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="htpasswd")
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")

    async def verdict(self, given: bytes, address: str) -> int:
        """IN, ASK, or the seconds after which this address may try again."""
        credentials = _credentials(given)
        if credentials is None:
            return ASK
        # In a thread that does nothing else: a disk that hangs holds up who comes in, and not the pages of who is in.
        edition = await asyncio.get_running_loop().run_in_executor(self._looker, self._passwords.edition)
        mark = hashlib.blake2b("\0".join((str(edition), *credentials)).encode(), key=self._key).digest()
        if self._known.get(mark, 0.0) > self._clock():
            return IN
        looking = self._looking.get(mark)
        if looking is None:
            if wait_s := self._patience.wait_s(address) or int(len(self._looking) >= MOST_AT_ONCE):
                return wait_s
            # Counted before it is known to be wrong, or many at once would all be free.
            failures = self._patience.failed(address)
            looking = self._looking[mark] = asyncio.create_task(self._look(mark, credentials, address, failures))
        return IN if await asyncio.shield(looking) else ASK

    async def _look(self, mark: bytes, credentials: tuple[str, str], address: str, failures: int) -> bool:
        loop = asyncio.get_running_loop()
        try:
            right = await loop.run_in_executor(self._threads, self._passwords.is_right, *credentials)
        finally:
            del self._looking[mark]
        if not right:
            _log.warning("sign_in_failed", extra={"event": "sign_in_failed", "failures": failures})
            return False
        self._patience.succeeded(address)
        self._known[mark] = self._clock() + REMEMBERED_S
        self._known.move_to_end(mark)
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return True


def _credentials(given: bytes) -> tuple[str, str] | None:
    """The name and the password of an Authorization header; None where it has none."""
    scheme, _, encoded = given.partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        name, between, password = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if between else None


async def _refuse(scope: Scope, send: Send, verdict: int) -> None:
    status, sentence, header = (
        (401, "Sign in to use Quartermaster.", (b"www-authenticate", b'Basic realm="Quartermaster", charset="UTF-8"'))
        if verdict == ASK
        else (
            429,
            f"Too many wrong passwords. Try again in {verdict} seconds.",
            (b"retry-after", str(verdict).encode()),
        )
    )
    # A websocket is refused as what it is before it is one: a request.
    kind = "websocket.http" if scope["type"] == "websocket" else "http"
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"), header]
    await send({"type": f"{kind}.response.start", "status": status, "headers": headers})
    await send({"type": f"{kind}.response.body", "body": sentence.encode()})
