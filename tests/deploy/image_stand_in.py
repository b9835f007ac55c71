"""Stands in for an image: answers `/healthz` as its kind does. Started as `python … KIND WORDS…`."""

from __future__ import annotations

import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

WELL = (200, b'{"status":"ok"}')
TO_THE_ENGINE = {"ill": (503, b'{"status":"error","detail":"OperationalError"}')}
TO_OTHERS = {**TO_THE_ENGINE, "not routed": (404, b"404 page not found"), "signed out": (200, b"<h1>Sign in</h1>")}


class Answer(BaseHTTPRequestHandler):
    """As the container answers its engine, and as the proxy in front answers everybody else."""

    def do_GET(self) -> None:
        asked_by_the_engine = self.headers["X-Asked-By"] == "engine"
        status, body = (TO_THE_ENGINE if asked_by_the_engine else TO_OTHERS).get(kind, WELL)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


if __name__ == "__main__":
    kind, *words = sys.argv[1:]
    if words[0] != "serve":
        sys.exit(0)  # `restore --before-migration`: there was nothing to take back
    if kind == "dies":
        sys.exit(1)
    if kind == "never ready":
        time.sleep(3600)
    HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
