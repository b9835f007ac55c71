"""A window on a page of the test's own: `python -m tests.window.framed FOLDER PAGE`.

Its server writes down what is asked of it.
"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from quartermaster.window.desk import Desk, Source
from quartermaster.window.frame import Frame, leave
from quartermaster.window.guard import COOKIE
from quartermaster.window.lacking import toolkit

BADGE = "a badge"
CONTENT = b"content " * 20_000
CUT_AFTER = 60_000
PAGES = {
    "/save": 'Text. <a autofocus href="/file" download="copy.db">Save</a>',
    "/cut": 'Text. <a autofocus href="/broken" download="copy.db">Save</a>',
    "/gone": 'Text. <a autofocus href="/nothing" download="copy.db">Save</a>',
    "/made": 'Text. <a autofocus id="made" download="made.csv">Save</a><script>document.getElementById("made").href ='
    ' URL.createObjectURL(new Blob(["a;b"]))</script>',
    "/leave": "Text. <button autofocus onclick=\"location = 'http://127.0.0.2:{port}/elsewhere'\">Leave</button>",
    "/typed": '<script>window.socket = {{connected: false}}</script><input autofocus data-kept="a">',
    "/sent": '<script>window.socket = {{connected: true}}</script><input autofocus data-kept="a">',
    "/parked": '<script>window.socket = {{connected: true}}; const qmSent = new Map([["token", {{}}]])</script>Text.',
    "/hanging": "<script>setTimeout(() => {{ while (true); }})</script>",
    "/choose": 'Text. <input type="file" autofocus onchange="document.title = this.files[0].name">',
}


class Answers(BaseHTTPRequestHandler):
    """Pages by name, and a file for the one who has the badge."""

    folder = Path()
    port = 0

    def do_GET(self) -> None:
        with (self.folder / "asked").open("a", encoding="utf-8") as asked:
            asked.write(f"{self.headers['Host']}{self.path}\n")
        if self.path in PAGES:
            body = PAGES[self.path].format(port=self.port)
            self._send(f"<!doctype html><title>{self.path}</title>{body}".encode())
        elif self.path in ("/file", "/broken") and f"{COOKIE}={BADGE}" in self.headers["Cookie"]:
            self._send(CONTENT, cut=self.path == "/broken")
        else:
            self.send_error(404)

    def _send(self, content: bytes, *, cut: bool = False) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:CUT_AFTER] if cut else content)

    def log_message(self, *_: object) -> None:
        """Nothing is said."""


def main(folder: Path, page: str) -> None:
    # On all of loopback, so that another address of this machine stands for the world.
    server = ThreadingHTTPServer(("0.0.0.0", 0), Answers)
    port = server.server_port
    Answers.folder, Answers.port = folder, port
    Thread(target=server.serve_forever, daemon=True).start()
    frame = Frame(folder / "memory.json", toolkit())
    desk = Desk(frame, Source(port=port, badge=BADGE), lambda: None)
    origin = f"http://127.0.0.1:{port}"
    frame.run(desk, None, lambda: frame.go_to(origin, f"{origin}{page}"))
    leave(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
