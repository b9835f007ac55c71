"""The way to the server: HTTP with a password, a private authority and proxies, and what its answers mean."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from quartermaster.sync.errors import (
    ForkedDevice,
    Gap,
    NeedsPassword,
    NotQuartermaster,
    OtherHousehold,
    Rejected,
    SyncFailure,
    Unreachable,
    Unusable,
    WrongProtocol,
)
from quartermaster.sync.news import HEARTBEAT_S
from quartermaster.sync.protocol import EVENTS, EXCHANGE, PROTOCOL, check_size, unpacked
from quartermaster.sync.reading import census

CONNECT_S, ANSWER_S, WHOLE_S = 10.0, 60.0, 300.0
"""Until somebody answers, until more of the answer comes, and until all of it is there."""
LATE = "The server does not answer in time."
KEEP_S = 4.0
"""How long a connection is kept for the next message: less than servers keep it, so that none is used as it closes."""
BURST, EACH_S = 20, 0.125
"""Messages at once, and the time between them after that: proxies often allow bursts of 30 and 10 a second."""
ASK_AGAIN_S = 600.0
"""How often a locked keyring is asked."""
MOST_PATIENCE_S = 5.0
"""A limit that asks for no longer than this is waited for."""
LONGEST = 500
"""Of a server's sentence."""
_HEADERS = {"content-type": "application/json", "content-encoding": "gzip", "accept-encoding": "gzip"}
_PLAIN = {"accept-encoding": "identity"}
"""Events are read as they come."""
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """Where the household's server is, and how to get in. Never logged as a whole."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    unlock: Callable[[], str | None] | None = field(default=None, repr=False, compare=False)
    """Asks for the password again where a keyring was locked; None again where it still is."""


class Line:
    """A way to one server, opened when it is first used.

    Proxies and certificates named by the environment are used as everywhere.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._http: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()
        self._next_s = 0.0
        self._unlock, self._may_ask_s = server.unlock, 0.0

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()

    async def post(self, body: bytes) -> bytes:
        """The answer to a packed message, unpacked. Raises SyncFailure with what went wrong."""
        http = await self._opened()
        await self._pace()
        status, headers, plain = await _posted(http, body)
        if status == httpx.codes.TOO_MANY_REQUESTS and 0 < (wait_s := _after(headers)) <= MOST_PATIENCE_S:
            await asyncio.sleep(wait_s)
            status, headers, plain = await _posted(http, body)
        if status != httpx.codes.OK or "json" not in headers.get("content-type", ""):
            raise refusal(status, plain, headers)
        return plain

    async def _pace(self) -> None:
        """Wait where this would be one message too many: each one takes a part of the burst, and time gives it back."""
        now = asyncio.get_running_loop().time()
        self._next_s = max(self._next_s, now - BURST * EACH_S) + EACH_S
        if self._next_s > now:
            await asyncio.sleep(self._next_s - now)

    async def _opened(self) -> httpx.AsyncClient:
        """The way, with all that it needs. What is not there now may be there the next time."""
        async with self._opening:
            if self._http is None:
                self._http = _client(self._server, await asyncio.to_thread(_trust, self._server.ca_file))
            if self._unlock is not None:
                self._http.auth = httpx.BasicAuth(self._server.user, await self._password(self._unlock))
                self._unlock = None
            return self._http

    async def _password(self, unlock: Callable[[], str | None]) -> str:
        """The password. An empty one is never tried in its place: servers count the wrong ones."""
        now, password = asyncio.get_running_loop().time(), None
        if now >= self._may_ask_s:
            # Systems show a window for it, which must not come up at every attempt.
            self._may_ask_s = now + ASK_AGAIN_S
            password = await asyncio.to_thread(unlock)
        if password is None:
            raise NeedsPassword(
                "The password is in this system's keyring, which is locked or does not answer. "
                "Unlock it and start again, or connect anew with the password."
            )
        return password

    async def events(self) -> AsyncIterator[str]:
        """The fingerprint of what the server knows, whenever it changes; ends when the server ends it."""
        http, timeout = await self._opened(), httpx.Timeout(CONNECT_S, read=3 * HEARTBEAT_S)
        async with _understood(), http.stream("GET", EVENTS, headers=_PLAIN, timeout=timeout) as answer:
            if answer.status_code != httpx.codes.OK:
                raise refusal(answer.status_code, await _body(answer), answer.headers)
            rest = b""
            async for chunk in answer.aiter_raw():
                *lines, rest = (rest + chunk).split(b"\n")
                check_size(len(rest))
                for line in lines:
                    if line.startswith(b"data:"):
                        yield line.removeprefix(b"data:").decode("ascii", "replace").strip()


async def _posted(http: httpx.AsyncClient, body: bytes) -> tuple[int, httpx.Headers, bytes]:
    try:
        async with (
            asyncio.timeout(WHOLE_S),
            _understood(),
            http.stream("POST", EXCHANGE, content=body, headers=_HEADERS) as answer,
        ):
            return answer.status_code, answer.headers, await _body(answer)
    except TimeoutError as error:
        raise Unreachable(LATE) from error


async def _body(answer: httpx.Response) -> bytes:
    """All of an answer, unpacked; no more of it is held than a message may have."""
    received = bytearray()
    async for chunk in answer.aiter_raw():
        received += chunk
        check_size(len(received))
    if answer.headers.get("content-encoding") == "gzip":
        return await asyncio.to_thread(unpacked, bytes(received))
    return bytes(received)


def refusal(status: int, body: bytes, headers: Mapping[str, str]) -> SyncFailure:
    """What an answer other than 200 means."""
    if status in (401, 407):
        return NeedsPassword("The server asks for a name and a password, or does not know these.")
    said = _said(body)
    if status in _BUSY:
        return Unreachable(_sentence(said, f"The server is busy or not well (HTTP {status})."), _after(headers))
    if status == httpx.codes.FORBIDDEN and not said:
        return Rejected("The server refuses this address. Its QUARTERMASTER_PUBLIC_URL or _ALLOWED_HOSTS must name it.")
    if not isinstance(said.get("error"), str):
        return NotQuartermaster(f"What answers there is no Quartermaster that can sync (HTTP {status}).")
    return _named(said["error"], said)


def _named(code: str, said: Mapping[str, Any]) -> SyncFailure:
    sentence = _sentence(said, "The server refused.")
    if code == Gap.code:
        return Gap(sentence)
    if code == WrongProtocol.code:
        return _too_old(said["protocol"])
    try:
        if code == OtherHousehold.code:
            household = UUID(hex=str(said.get("household")))
            return OtherHousehold(sentence, household=household.hex, here=census(said.get("here")))
        if code == ForkedDevice.code:
            return ForkedDevice(sentence, UUID(hex=str(said.get("device"))))
    except ValueError:
        return NotQuartermaster("The server names a device or a household in a way that cannot be read.")
    return Rejected(sentence)


def _sentence(said: Mapping[str, Any], otherwise: str) -> str:
    """What the server says to people: no more than they read, and nothing that a page or a terminal cannot show."""
    sentence = said.get("sentence")
    shown = "".join(filter(str.isprintable, sentence[:LONGEST])) if isinstance(sentence, str) else ""
    return shown or otherwise


def _too_old(theirs: int) -> WrongProtocol:
    side = "This Quartermaster is too old for the server" if theirs > PROTOCOL else "The server is too old for this one"
    return WrongProtocol(f"{side}. Update it, then everything goes on; nothing is lost.", protocol=theirs)


def _said(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) and type(said.get("protocol")) is int else {}


def _after(headers: Mapping[str, str]) -> float:
    header = headers.get("retry-after", "")
    return float(header) if header.isdecimal() and len(header) < 6 else 0.0


@asynccontextmanager
async def _understood() -> AsyncIterator[None]:
    """Turn what httpx says into sentences that say what to look at."""
    try:
        yield
    except httpx.ConnectError as error:
        raise Unreachable(_why(error)) from error
    except httpx.TimeoutException as error:
        raise Unreachable(LATE) from error
    except httpx.ProxyError as error:
        raise Unreachable("The proxy on the way to the server refuses.") from error
    except (httpx.RequestError, httpx.InvalidURL) as error:
        raise Unreachable("The connection to the server broke.") from error


def _why(error: httpx.ConnectError) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"The server's certificate is not trusted: {cause.verify_message}. Name its authority's file."
        if isinstance(cause, ssl.SSLError):
            return "The server does not speak TLS as it should. Is the address https where it must be http?"
        cause = cause.__cause__ or cause.__context__
    text = str(error).lower()
    if "name or service" in text or "nodename" in text or "getaddrinfo" in text or "name resolution" in text:
        return "No server of that name is found. Check the address, and the network."
    return "Nobody answers at that address. Check it, and the network."


def _client(server: Server, trust: ssl.SSLContext) -> httpx.AsyncClient:
    try:
        return httpx.AsyncClient(
            base_url=server.url.rstrip("/"),
            auth=httpx.BasicAuth(server.user, server.password) if server.user or server.password else None,
            verify=trust,
            timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S),
            limits=httpx.Limits(max_connections=4, keepalive_expiry=KEEP_S),
            follow_redirects=False,
        )
    except (ValueError, httpx.InvalidURL) as error:
        raise Unusable("The server's address, or a proxy that the environment names, is none.") from error


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    try:
        trust = httpx.create_ssl_context()
    except (OSError, ValueError) as error:
        raise Unusable("The certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read.") from error
    try:
        if ca_file is not None:
            trust.load_verify_locations(cafile=ca_file)
    except (OSError, ValueError) as error:
        raise Unusable(
            f"The certificate of the server's authority cannot be read: {ca_file}. Put that file back, or name another."
        ) from error
    return trust
