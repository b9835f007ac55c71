"""`GET /metrics`: aggregated numbers for Prometheus, for programs on this machine or with the token."""

from __future__ import annotations

import hmac
import ipaddress
import platform
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from quartermaster.about import program_version
from quartermaster.storage.backup import list_backups, newest
from quartermaster.storage.devices import devices
from quartermaster.storage.migrate import head
from quartermaster.storage.work import Work
from quartermaster.sync.status import Status
from quartermaster.web.answer import Answer
from quartermaster.web.exposition import MEDIA_TYPE, Durations, gauge

PATH = "/metrics"
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
STREAM = "/events"


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """What the household's file has; `last_changes_s` are the times of the other devices' last changes."""

    postings: int
    months: Counter[str]
    last_changes_s: tuple[float, ...]


def counted(work: Work) -> Counted:
    """The numbers of the file."""
    others = [one for one in devices(work.connection) if not (one.is_this or one.is_forgotten)]
    return Counted(
        postings=sum(total.postings for total in work.section_totals()),
        months=Counter(month.state.value for month in work.months()),
        last_changes_s=tuple(one.last_ms / 1000 for one in others if one.last_ms is not None),
    )


class Metrics:
    """One per program. Its parts are told what happens, and the route says it."""

    def __init__(self) -> None:
        self.requests = Durations("quartermaster_http_request_duration_seconds", "Time to answer, by kind and status.")
        self.work = Durations("quartermaster_query_duration_seconds", "Time of units of work on the data file.")
        self.sockets = 0
        self._started = time.time()

    def unit_of_work(self, kind: str, seconds: float) -> None:
        """One on the data file has ended; may be told in any thread."""
        self.work.took(seconds, kind=kind)

    def route(
        self,
        token: str,
        *,
        is_behind_a_proxy: bool,
        read: Callable[[], Awaitable[Counted]],
        backups: Path,
        database: Callable[[], Path],
        sync: Callable[[], Status | None],
    ) -> APIRouter:
        """The route. `read` answers `counted` of the file that `database` names."""
        router = APIRouter()

        @router.get(PATH, include_in_schema=False)
        async def answer(request: Request) -> Response:
            if refusal := _refused(request, token, is_behind_a_proxy=is_behind_a_proxy):
                return refusal
            lines = [*self._program(), *_household(await read()), *_files(backups, database()), *_in_step(sync())]
            lines += [*self.requests.lines(), *self.work.lines()]
            return Response("\n".join([*lines, ""]), media_type=MEDIA_TYPE, headers={"cache-control": "no-store"})

        return router

    def _program(self) -> Iterator[str]:
        labels = {"version": program_version(), "schema": head(), "python": platform.python_version()}
        yield from gauge("quartermaster_build_info", "Always 1; the labels say which build this is.", (labels, 1))
        uptime = time.time() - self._started
        yield from gauge("quartermaster_uptime_seconds", "Since the program's start.", ({}, uptime))
        yield from gauge("quartermaster_open_pages", "Websockets that are open.", ({}, self.sockets))


class Measured:
    """Tells the metrics how long each answer took; what never ends by itself is left out. Plain ASGI."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            self._metrics.sockets += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._metrics.sockets -= 1
        elif scope["type"] == "http" and (kind := _kind(scope["path"])) is not None:
            await self._timed(scope, receive, send, kind)
        else:
            await self._app(scope, receive, send)

    async def _timed(self, scope: Scope, receive: Receive, send: Send, kind: str) -> None:
        began, answer = time.perf_counter(), Answer(send)
        try:
            await self._app(scope, receive, answer)
        finally:
            took_s = time.perf_counter() - began
            self._metrics.requests.took(took_s, kind=kind, status=f"{answer.status // 100}xx")


def _refused(request: Request, token: str, *, is_behind_a_proxy: bool) -> Response | None:
    """With a token, who brings it; without one, programs of this machine that no proxy stands in front of.

    A proxy on this machine that adds no header of its own cannot be told from such a program: where one is known to
    stand in front, nobody is answered without a token.
    """
    if token:
        given = request.headers.get("authorization", "").partition(" ")
        if given[0].lower() == "bearer" and hmac.compare_digest(given[2].strip().encode(), token.encode()):
            return None
        challenge = {"www-authenticate": 'Bearer realm="Quartermaster metrics"'}
        return PlainTextResponse("Bring the token of QUARTERMASTER_METRICS_TOKEN.", 401, challenge)
    if is_behind_a_proxy:
        return PlainTextResponse("Behind a proxy, set QUARTERMASTER_METRICS_TOKEN and bring it.", 403)
    if _is_loopback(request.client.host if request.client else "") and not set(FORWARDED) & set(request.headers):
        return None
    return PlainTextResponse("Only this machine may ask, unless QUARTERMASTER_METRICS_TOKEN is set.", 403)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _kind(path: str) -> str | None:
    """The few kinds by which requests are counted: a path may name a month, and that is nobody's business."""
    if path in ("/healthz", PATH):
        return path[1:]
    if path.startswith("/api/sync/"):
        return None if path.endswith(STREAM) else "sync"
    if path.startswith("/_nicegui_ws"):
        return "polling"
    return "asset" if path.startswith(("/_nicegui", "/static/")) else "page"


def _household(now: Counted) -> Iterator[str]:
    months = [({"state": state}, now.months[state]) for state in ("planning", "active", "closed")]
    yield from gauge("quartermaster_postings", "Postings of all months.", ({}, now.postings))
    yield from gauge("quartermaster_months", "Months that were started, by their state.", *months)
    yield from gauge("quartermaster_sync_devices", "Other devices that said something.", ({}, len(now.last_changes_s)))
    if now.last_changes_s:
        ages = [max(0.0, time.time() - last) for last in now.last_changes_s]
        which = [({"device": "newest"}, min(ages)), ({"device": "quietest"}, max(ages))]
        yield from gauge("quartermaster_sync_last_change_age_seconds", "Age of other devices' last changes.", *which)


def _files(backups: Path, database: Path) -> Iterator[str]:
    found = list_backups(backups)
    yield from gauge("quartermaster_backups", "Backups that there are.", ({}, len(found)))
    if youngest := newest(found, datetime.now(UTC)):
        age = max(0.0, time.time() - youngest.created.timestamp())
        yield from gauge("quartermaster_backup_age_seconds", "Age of the newest backup.", ({}, age))
        yield from gauge("quartermaster_backup_bytes", "Size of the newest backup.", ({}, youngest.bytes))
    size = sum(part.stat().st_size for part in (database, Path(f"{database}-wal")) if part.exists())
    yield from gauge("quartermaster_data_bytes", "Size of the data file and its write-ahead log.", ({}, size))


def _in_step(status: Status | None) -> Iterator[str]:
    """Where this device has a server of its own."""
    if status is None:
        return
    waiting = "Changes that this device's server lacks."
    yield from gauge("quartermaster_sync_waiting_changes", waiting, ({}, status.waiting))
    if status.last_success_ms is not None:
        age = max(0.0, time.time() - status.last_success_ms / 1000)
        yield from gauge("quartermaster_sync_success_age_seconds", "Since the last exchange with it.", ({}, age))
