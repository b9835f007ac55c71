"""A client and a server as processes that are made in no time: forked from one that has imported everything."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from contextlib import suppress
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from uuid import uuid4

from quartermaster.storage.store import Store
from quartermaster.sync import conversation, host
from quartermaster.sync.errors import SyncFailure
from quartermaster.sync.line import Server
from quartermaster.sync.protocol import PAGE_BYTES
from quartermaster.sync.room import sync_once
from tests.sync.replicas import Replica
from tests.sync.serving import Serving


def context() -> ForkServerContext:
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["tests.sync.lean"])
    return made


def start_server(path: Path, port: int, page_bytes: int = PAGE_BYTES) -> ForkServerProcess:
    """A process that answers for the file until it is killed."""
    process = context().Process(target=_serve, args=(path, port, page_bytes), daemon=True)
    process.start()
    return process


def start_client(path: Path, url: str, page_bytes: int = PAGE_BYTES) -> ForkServerProcess:
    """A process that exchanges until it is in step, whatever happens to the server; it has begun when this returns."""
    has_begun = context().Event()
    process = context().Process(target=_exchange, args=(path, url, page_bytes, has_begun), daemon=True)
    process.start()
    assert has_begun.wait(60)
    return process


def _serve(path: Path, port: int, page_bytes: int) -> None:
    vars(host).update(PAGE_BYTES=page_bytes)
    with Serving(Replica(path, 0), port):
        time.sleep(3_600)


def _exchange(path: Path, url: str, page_bytes: int, has_begun: Event) -> None:
    vars(conversation).update(PAGE_BYTES=page_bytes)
    store = Store(path, now_ms=lambda: time.time_ns() // 1_000_000, new_id=uuid4)
    has_begun.set()
    while True:
        with suppress(SyncFailure):
            asyncio.run(sync_once(store, Server(url=url)))
            break
    store.close()
