"""A replica's server on loopback, in this process: real sockets, the real routes, and nothing of the pages."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

import uvicorn
from fastapi import FastAPI

from quartermaster.sync.line import Server
from quartermaster.sync.room import Sync
from quartermaster.sync.use import in_a_thread
from tests.running import WITHIN_S
from tests.sync.replicas import Replica


class Serving:
    """Answers for a replica inside the `with` block. `closed` makes it say that the demo is open."""

    def __init__(self, replica: Replica, port: int = 0) -> None:
        self.replica = replica
        self.is_demo = False
        self.sync = Sync(
            replica.store,
            in_a_thread,
            backups=lambda: replica.path.parent / "backups",
            is_demo=lambda: self.is_demo,
        )
        self._listening = socket.create_server(("127.0.0.1", port))
        self.server = Server(url=f"http://127.0.0.1:{self._listening.getsockname()[1]}")
        self._uvicorn = uvicorn.Server(
            uvicorn.Config(self._application(), log_config=None, timeout_graceful_shutdown=3)
        )
        self._thread = threading.Thread(target=self._uvicorn.run, args=([self._listening],))

    @property
    def url(self) -> str:
        return self.server.url

    def __enter__(self) -> Self:
        self._thread.start()
        deadline = time.monotonic() + WITHIN_S
        while not self._uvicorn.started:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.sync.news.end()
        self._uvicorn.should_exit = True
        self._thread.join(WITHIN_S)
        self._listening.close()

    def _application(self) -> FastAPI:
        @asynccontextmanager
        async def living(_: FastAPI) -> AsyncIterator[None]:
            async with self.sync.running():
                yield

        web = FastAPI(lifespan=living)
        web.include_router(self.sync.routes)
        return web


@contextmanager
def answering(status: int, headers: dict[str, str], body: bytes, seen: list[str] | None = None) -> Iterator[str]:
    """Something that answers every request the same."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            if seen is not None:
                seen.append(self.headers.get("authorization", ""))
            self.rfile.read(int(self.headers.get("content-length", "0")))
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
