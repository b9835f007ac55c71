"""The two routes of sync: one to exchange messages, one to hear that there is something new."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

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

AT_ONCE = 4
"""Messages that are worked on at the same time: what they take in memory is bounded by this."""
WORTH_PACKING = 1_000


def router(host: Host, store: Store, news: News, use: Use, *, closed: Callable[[], str | None]) -> APIRouter:
    """The routes. `closed` says in a sentence why sync is not possible at the moment, if it is not."""
    routes = APIRouter()
    turns = asyncio.Semaphore(AT_ONCE)

    @routes.post(EXCHANGE, include_in_schema=False)
    async def exchange(request: Request) -> Response:
        try:
            if sentence := closed():
                return _refusal("closed", sentence, 503)
            body = await _body(request)
            is_packed = _encoding(request) == "gzip"
            async with turns:
                answer, encoding = await use(lambda: _answered(host, body, is_packed, _takes_gzip(request)))
        except Rejected as no:
            return _refusal(no.code, no.sentence, no.status, no.details)
        except StorageFailure as failure:
            return _refusal("storage", failure.sentence, 503)
        except ClientDisconnect:
            return Response(status_code=400)
        return Response(answer, media_type="application/json", headers=encoding)

    @routes.get(EVENTS, include_in_schema=False)
    async def events() -> Response:
        if sentence := closed() or ("Too many devices listen already." if news.is_full else None):
            return _refusal("closed", sentence, 503)

        async def known() -> str | None:
            try:
                return await use(lambda: _fingerprint(store))
            except StorageFailure:
                return None

        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(stream(news, known), media_type="text/event-stream", headers=headers)

    return routes


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


class _Unsupported(Rejected):
    code, status = "unsupported", 415


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
