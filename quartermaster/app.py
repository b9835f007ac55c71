"""Ties the rooms together: settings → store → services → pages, as a server or in a window."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
import webbrowser
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import date
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import uvicorn
from fastapi import APIRouter, FastAPI

from quartermaster import log
from quartermaster.household import locale_of, opened, opened_demo, server_of, wanted_money
from quartermaster.settings import Settings, WrongSetting, check_who_asks
from quartermaster.storage.backup import private_folder
from quartermaster.storage.failures import InUse
from quartermaster.storage.succession import sweep
from quartermaster.storage.work import ARRIVED
from quartermaster.sync.keeping import config_of, kept
from quartermaster.sync.room import Sync
from quartermaster.web.access import OnlyFromHere, Written
from quartermaster.web.healthz import healthz
from quartermaster.web.listening import Server, as_seen, listen
from quartermaster.web.metrics import PATH as METRICS
from quartermaster.web.metrics import Measured, Metrics, counted
from quartermaster.web.passwords import Passwords
from quartermaster.web.secret import own_secret
from quartermaster.web.sign_in import SignedIn
from quartermaster.window.guard import OnlyTheWindow
from quartermaster.window.only_one import Door, first, hold
from quartermaster.window.serving import Line

if TYPE_CHECKING:
    from quartermaster.ui.calls import Calls

BACKUP_LOOK_S = 900
OWN_WINDOW = {
    "host": "127.0.0.1", "auth": "", "htpasswd": None, "public_url": "", "allowed_hosts": (), "trusted_proxies": (),
}  # fmt: skip
"""The settings of a window, whatever a server would be set to."""
CLOSING_S = 15.0
"""Longer than a server part needs to end when its window was killed."""
Asgi = Callable[..., Awaitable[None]]


def run_server(settings: Settings, *, style: str, demo: bool = False) -> int:
    """Serve until SIGTERM or Ctrl+C; the port is 0 to let the system choose."""
    log.configure(settings.log_level, settings.log_style(style))
    log.write_crashes()
    return _run(settings, *_server(settings, demo=demo))


def run_in_browser(settings: Settings, folder: Path, *, demo: bool = False) -> int:
    """Serve, and open the browser, where no window can be; on another port where the one that is set is busy.

    A second start finds the first by `folder`, and opens the browser on its page. Raises InUse when it does not answer.
    """
    log.configure(settings.log_level, settings.log_style("human"))
    log.write_crashes()
    for one in (folder.parent.parent, folder.parent, folder):
        private_folder(one)
    try:
        held = first(folder, {})
    except TimeoutError:
        raise InUse("It is served already, but does not answer. End its process first.") from None
    if held is None:
        _say(settings, "Quartermaster runs already: its page is opened in the browser.")
        return 0
    server, listening = _server(settings, demo=demo, or_any_port=True)

    def browse(*_: object) -> None:
        # In a thread: some systems' browsers hold their caller until they are closed.
        Thread(target=webbrowser.open, args=(_address(listening),), daemon=True).start()

    door = Door(folder, browse)
    try:
        browse()
        return _run(settings, server, listening)
    finally:
        door.close()
        held.let_go()


def run_behind_window(settings: Settings, line: Line) -> int:
    """Serve the window at the other end of the line, and nobody else, until it goes."""
    settings = settings.model_copy(update=OWN_WINDOW)
    _import_pages(settings)  # the window is being made meanwhile
    orders = line.orders()
    if orders is None:
        return 0
    log.configure(settings.log_level, settings.log_style("human"), orders.log_file)
    log.write_crashes()
    held = hold(orders.lock_file, within_s=CLOSING_S)
    if held is None:
        raise InUse("Quartermaster is still closing this household. Open it again in a moment.")
    try:
        guard = partial(OnlyTheWindow, key=orders.key, badge=orders.badge)
        settings = settings.model_copy(update={"port": orders.port})
        line.serve(*_server(settings, demo=orders.demo, guard=guard, or_any_port=True))
    finally:
        held.let_go()
    return 0


def _run(settings: Settings, server: uvicorn.Server, listening: socket.socket) -> int:
    with listening:
        _say(settings, f"Quartermaster is at {_address(listening)}")
        # Ctrl+C has ended the server by the time that uvicorn passes it on.
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listening])
    return 0


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _server(
    settings: Settings, *, demo: bool, guard: Callable[[Asgi], Asgi] = lambda app: app, or_any_port: bool = False
) -> tuple[uvicorn.Server, socket.socket]:
    check_who_asks(settings)
    application, ending = build(settings, demo=demo, guard=guard)
    try:
        listening = listen(settings.host, settings.port)
    except ValueError as error:
        if not or_any_port:
            raise WrongSetting(str(error)) from None
        listening = listen(settings.host, 0)
    config = uvicorn.Config(
        application,
        log_config=None,  # it is configured
        access_log=False,
        timeout_graceful_shutdown=3,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=as_seen(settings.trusted_proxies),
    )
    return Server(config, ending), listening


def build(
    settings: Settings, *, demo: bool = False, guard: Callable[[Asgi], Asgi] = lambda app: app
) -> tuple[Asgi, Callable[[], None]]:
    """The whole program as one ASGI application, and what to call when it ends; the data file is ready then.

    `guard` stands before everything but the request log.
    """
    database = settings.database
    passwords, metrics = _passwords(settings), Metrics()
    wanted = wanted_money(settings)
    # A damaged file, a newer one and a wrong setting are said at once, before the pages take their second.
    opening = None if demo else opened(settings, metrics.unit_of_work)

    _import_pages(settings)
    from quartermaster.ui.calls import Calls
    from quartermaster.ui.mounting import mount
    from quartermaster.ui.pages.registry import register_all
    from quartermaster.ui.place import Place

    place = Place.beside(
        database,
        backups=settings.backups,
        locale=locale_of(settings),
        currency=wanted.currency,
        is_currency_set=bool(settings.currency),
    )
    store, money = opening or opened_demo(place, metrics.unit_of_work)
    sweep(database.parent)
    # Before NiceGUI makes it for everybody: what is half typed lies there. Where nothing can be written, it makes none.
    with suppress(OSError):
        private_folder(database.parent / "browsers")
    calls = Calls(store, money, date.today, place=place)
    sync = _synced(calls, settings)
    web = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=_lifespan(calls, sync))
    web.include_router(healthz(lambda: store.path))
    web.include_router(sync.routes)
    web.include_router(_measuring(metrics, settings, calls, sync))
    register_all(calls)
    mount(
        web,
        secret=settings.storage_secret or own_secret(database.parent),
        is_encrypted=settings.public_url.startswith("https:"),
    )
    # Without a token the numbers are for this machine's programs: with passwords, for those who have one.
    unasked = ("/healthz", METRICS) if settings.metrics_token else ("/healthz",)
    inside = web if passwords is None else SignedIn(web, passwords, unasked=unasked)
    origins = frozenset({settings.origin} - {""})
    asked = guard(OnlyFromHere(inside, hosts=settings.hosts, origins=origins))
    return Measured(Written(asked), metrics), sync.news.end


def _import_pages(settings: Settings) -> None:
    """They take a second. NiceGUI reads the path when it is imported: what browsers remember lies beside the data."""
    os.environ["NICEGUI_STORAGE_PATH"] = str(settings.database.parent / "browsers")
    import quartermaster.ui.pages.registry  # noqa: F401


def _measuring(metrics: Metrics, settings: Settings, calls: Calls, sync: Sync) -> APIRouter:
    return metrics.route(
        settings.metrics_token,
        is_behind_a_proxy=settings.auth == "proxy",
        read=lambda: calls.read(counted),
        backups=settings.backups,
        database=lambda: calls.store.path,
        sync=lambda: sync.status,
    )


def _passwords(settings: Settings) -> Passwords | None:
    """Where people are asked for them, the passwords that are right."""
    if settings.auth != "basic" or settings.htpasswd is None:
        return None
    try:
        return Passwords(settings.htpasswd)
    except ValueError as error:
        raise WrongSetting(f"QUARTERMASTER_HTPASSWD: {error}") from None


def _synced(calls: Calls, settings: Settings) -> Sync:
    """Sync, with the server that the settings name or else the one that was connected on the page."""
    sync = calls.sync = Sync(
        calls.store,
        calls.use,
        backups=lambda: settings.backups,
        is_set_by_operator=bool(settings.sync_url),
        server=server_of(settings) or kept(config_of(settings.database)),
        currency=settings.currency.strip().upper() or None,
        is_demo=lambda: calls.in_demo,
        joined=lambda: calls.live.soon(calls.became_another),
        moved=calls.became_another,
    )
    calls.live.elsewhere.subscribe(sync.changed_elsewhere)
    calls.live.elsewhere.subscribe(lambda: calls.live.soon(calls.changed_elsewhere))
    calls.store.listen(
        # What this device does leaves nothing new to look at; what arrives may.
        lambda done: calls.live.soon(calls.count_attention) if done.action == ARRIVED or calls.to_look_at else None
    )
    calls.live.started.subscribe(lambda: calls.live.soon(calls.count_attention))
    sync.watch(lambda _status: calls.live.synced.emit())
    return sync


def _lifespan(calls: Calls, sync: Sync) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        daily = asyncio.create_task(_daily_backups(calls), name="daily backups")
        try:
            async with sync.running():
                yield
        finally:
            daily.cancel()
            calls.store.close()

    return living


async def _daily_backups(calls: Calls) -> None:
    while True:
        # While the demo is open, nothing changes in the household's own file, which may not even be there.
        if not calls.in_demo:
            await asyncio.to_thread(calls.daily.make_if_due)
        await asyncio.sleep(BACKUP_LOOK_S)


def _say(settings: Settings, sentence: str) -> None:
    """To the person who started the program, on stderr; where all is to be JSON, in the log."""
    if settings.log_format == "json":
        logging.getLogger(__name__).info(sentence)
        return
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
