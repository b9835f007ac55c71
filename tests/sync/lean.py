"""A client and a server as processes that are made in no time: forked from one that has imported everything."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from contextlib import suppress
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from uuid import uuid4

from quartermaster.storage.store import Store
from quartermaster.sync.errors import SyncFailure
from quartermaster.sync.line import Server
from quartermaster.sync.room import sync_once
from tests.sync.replicas import Replica
from tests.sync.serving import Serving


def context() -> ForkServerContext:
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["tests.sync.lean"])
    return made


def start_server(path: Path, port: int) -> ForkServerProcess:
    """A process that answers for the file until it is killed."""
    process = context().Process(target=_serve, args=(path, port), daemon=True)
    process.start()
    return process


def start_client(path: Path, url: str) -> ForkServerProcess:
    """A process that exchanges until it is in step, whatever happens to the server."""
    process = context().Process(target=_exchange, args=(path, url), daemon=True)
    process.start()
    return process


def _serve(path: Path, port: int) -> None:
    with Serving(Replica(path, 0), port):
        time.sleep(3_600)


def _exchange(path: Path, url: str) -> None:
    store = Store(path, now_ms=lambda: time.time_ns() // 1_000_000, new_id=uuid4)
    while True:
        with suppress(SyncFailure):
            asyncio.run(sync_once(store, Server(url=url)))
            break
    store.close()
