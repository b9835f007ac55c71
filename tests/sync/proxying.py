"""A reverse proxy as operators put one in front: it asks for a password, limits the rate, and may speak TLS."""

from __future__ import annotations

import base64
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

CERTIFICATES = Path(__file__).parent / "certificates"
AUTHORITY = CERTIFICATES / "ca.pem"
USER, PASSWORD = "anna", "hunter2"
PER_SECOND, BURST = 10, 30


class Proxy:
    """Passes requests on to `backend` inside the `with` block; `statuses` are those that it answered.

    With `most` it passes so many messages on, and breaks the connection at each one after them.
    """

    def __init__(self, backend: str, *, tls: bool = False, most: int | None = None) -> None:
        self.statuses: list[int] = []
        self.left = most
        self._tokens, self._since, self._turn = float(BURST), time.monotonic(), threading.Lock()
        self._used_up = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, backend))
        self._server.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATES / "server.pem")
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def use_up(self) -> None:
        """Others leave nothing in the bucket for whoever asks next, however late that is."""
        self._used_up = True

    def breaks(self) -> bool:
        """Whether this message is one too many."""
        with self._turn:
            if self.left is not None:
                self.left -= 1
            return self.left is not None and self.left < 0

    def may(self) -> bool:
        """Take a token out of the bucket, if there is one."""
        with self._turn:
            now = time.monotonic()
            if self._used_up:
                self._tokens, self._since, self._used_up = 0.0, now, False
            self._tokens = min(BURST, self._tokens + (now - self._since) * PER_SECOND)
            self._since = now
            self._tokens -= 1
            if self._tokens < 0:
                self._tokens = 0
                return False
            return True


def _handler(proxy: Proxy, backend: str) -> type[BaseHTTPRequestHandler]:
    expected = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if self.headers.get("authorization") != expected:
                return self._refuse(401, "www-authenticate", 'Basic realm="budget"')
            if self.command == "POST" and proxy.breaks():
                self.close_connection = True
                return None
            if not proxy.may():
                return self._refuse(429, "retry-after", "1")
            _pass_on(self, backend, body, proxy.statuses)
            return None

        def _refuse(self, status: int, name: str, value: str) -> None:
            proxy.statuses.append(status)
            self.send_response(status)
            self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


def _pass_on(asked: BaseHTTPRequestHandler, backend: str, body: bytes, statuses: list[int]) -> None:
    """What the backend answers, as it comes: a stream of events stays a stream."""
    headers = {name: value for name, value in asked.headers.items() if name.lower() not in ("host", "connection")}
    with httpx.stream(asked.command, backend + asked.path, content=body, headers=headers, timeout=60) as answer:
        statuses.append(answer.status_code)
        asked.send_response(answer.status_code)
        for name in ("content-type", "content-encoding"):
            if name in answer.headers:
                asked.send_header(name, answer.headers[name])
        asked.send_header("connection", "close")
        asked.end_headers()
        for chunk in answer.iter_raw():
            asked.wfile.write(chunk)
            asked.wfile.flush()
    asked.close_connection = True
