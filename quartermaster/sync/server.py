"""The two routes of sync: one to exchange messages, one to hear that there is something new."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.requests import ClientDisconnect, Request

from quartermaster.storage.exchange import vector
from quartermaster.storage.failures import StorageFailure
from quartermaster.storage.store import Store
from quartermaster.sync.errors import Rejected
from quartermaster.sync.host import Host
from quartermaster.sync.news import News, fingerprint, stream
from quartermaster.sync.protocol import EVENTS, EXCHANGE, PROTOCOL, check_size, packed, unpacked
from quartermaster.sync.use import Use

R = TypeVar("R")
AT_ONCE, READ_AT_ONCE = 4, 16
"""Messages that are worked on, and those whose bodies are held, at the same time: what they take in memory is bounded
by this, however many come.
"""
BODY_S = 30.0
"""Who takes longer to send a megabyte gives its place to the next one."""
WORTH_PACKING = 1_000


def router(host: Host, store: Store, news: News, using: Use, *, closed: Callable[[], str | None]) -> APIRouter:
    """The routes. `closed` says in a sentence why sync is not possible at the moment, if it is not."""
    routes, use = APIRouter(), _WhileOpen(using, closed)
    desk = _Desk(host, use)

    @routes.post(EXCHANGE, include_in_schema=False)
    async def exchange(request: Request) -> Response:
        try:
            use.check()
            return await desk.answer(request)
        except Rejected as no:
            return _refusal(no.code, no.sentence, no.status, no.details)
        except StorageFailure as failure:
            return _refusal("storage", failure.sentence, 503)
        except ClientDisconnect:
            return Response(status_code=400)

    @routes.get(EVENTS, include_in_schema=False)
    async def events() -> Response:
        if sentence := closed() or ("Too many devices listen already." if news.is_full else None):
            return _refusal("closed", sentence, 503)

        async def known() -> str | None:
            try:
                return await use(lambda: _fingerprint(store))
            except (StorageFailure, _Closed):
                return None

        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(stream(news, known), media_type="text/event-stream", headers=headers)

    return routes


class _WhileOpen:
    """Uses the file while sync is possible. It is asked with the file in hand too: who waited for that while the demo
    was opened would otherwise get the demo.
    """

    def __init__(self, use: Use, closed: Callable[[], str | None]) -> None:
        self._use, self._closed = use, closed

    def check(self) -> None:
        if sentence := self._closed():
            raise _Closed(sentence)

    async def __call__(self, job: Callable[[], R], /) -> R:
        def checked() -> R:
            self.check()
            return job()

        return await self._use(checked)


class _Desk:
    """Takes messages in and works on them, so many at a time."""

    def __init__(self, host: Host, use: Use) -> None:
        self._host, self._use = host, use
        self._reading, self._working = asyncio.Semaphore(READ_AT_ONCE), asyncio.Semaphore(AT_ONCE)

    async def answer(self, request: Request) -> Response:
        is_packed, takes_gzip = _encoding(request) == "gzip", _takes_gzip(request)
        async with self._reading:
            try:
                async with asyncio.timeout(BODY_S):
                    body = await _body(request)
            except TimeoutError:
                raise _Slow("The message did not arrive in time. Send it again.") from None
            async with self._working:
                answer, encoding = await self._use(lambda: _answered(self._host, body, is_packed, takes_gzip))
        return Response(answer, media_type="application/json", headers=encoding)


def _answered(host: Host, body: bytes, is_packed: bool, takes_gzip: bool) -> tuple[bytes, dict[str, str]]:
    answer = host.answer(unpacked(body) if is_packed else body)
    if not takes_gzip or len(answer) < WORTH_PACKING:
        return answer, {}
    return packed(answer), {"content-encoding": "gzip", "vary": "accept-encoding"}


async def _body(request: Request) -> bytes:
    """The body as it was sent, unless it grows too large: the rest is then not read."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise _Unsupported("Send a message of Quartermaster's sync, as application/json.")
    if _encoding(request) not in ("", "identity", "gzip"):
        raise _Unsupported("Compress the message by gzip, or not at all.")
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        check_size(len(received))
    return bytes(received)


class _Closed(Rejected):
    code, status = "closed", 503


class _Unsupported(Rejected):
    code, status = "unsupported", 415


class _Slow(Rejected):
    code, status = "slow", 408


def _encoding(request: Request) -> str:
    return request.headers.get("content-encoding", "").strip().lower()


def _takes_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "").lower()


def _fingerprint(store: Store) -> str:
    with store.read() as work:
        return fingerprint(vector(work.connection))


def _refusal(code: str, sentence: str, status: int, details: Any = None) -> JSONResponse:
    said = {"protocol": PROTOCOL, "error": code, "sentence": sentence, **(details or {})}
    return JSONResponse(said, status_code=status)
