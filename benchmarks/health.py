"""How long `/healthz` takes: on an idle server, and on one whose pages are open, loaded and written to."""

from __future__ import annotations

import http.client
import itertools
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

from benchmarks.figures import Figure, median, percentile_95
from benchmarks.household import LAST_MONTH, drafts, furnish, opened, post
from benchmarks.pages import ten_pages
from quartermaster.domain.posting import PostingDraft
from quartermaster.services.postings import add_posting
from tests.chromium import ARGS, chromium
from tests.running import Program

SIZE, PROBES, EVERY_S = 10_000, 300, 0.03
WRITE_EVERY_S, LOAD_EVERY_S = 0.1, 0.5
NOTHING = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200); self.send_header("content-length", "2"); self.end_headers(); self.wfile.write(b"ok")
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
print(server.server_port, flush=True)
server.serve_forever()
"""
"""A server that only says ok: how long this machine takes for an answer while the other one is busy."""


def measured(folder: Path) -> list[Figure]:
    """The probe while nothing happens, then while ten month pages follow a posting every 100 ms and others load."""
    with opened(folder / "quartermaster.db") as store:
        entries = furnish(store)
        post(store, drafts(entries, SIZE))
    with Program(folder) as program, _nothing() as yardstick, sync_playwright() as playwright:
        idle = _probed(program.url)
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGS)
        with ten_pages(browser, program), _busy(program, drafts(entries, SIZE, seed=5)):
            busy, bare = _probed(program.url), _probed(yardstick)
        browser.close()
    return [
        Figure("/healthz, idle, median", median(idle), "ms"),
        Figure("/healthz, busy, median", median(busy), "ms", 100),
        Figure("/healthz, busy, 95th percentile", percentile_95(busy), "ms", 100),
        Figure("  a server that only says ok, meanwhile, median", median(bare), "ms"),
        Figure("  95th percentile", percentile_95(bare), "ms"),
    ]


def _probed(url: str) -> list[float]:
    """Milliseconds of each probe, on a new connection as probes do. Each must say that all is well."""
    taken = []
    for _ in range(PROBES):
        before = time.perf_counter()
        with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)) as line:
            line.request("GET", "/healthz")
            answer = line.getresponse()
            answer.read()
            assert answer.status == 200
        taken.append((time.perf_counter() - before) * 1000)
        time.sleep(EVERY_S)
    return taken


@contextmanager
def _busy(program: Program, wanted: list[PostingDraft]) -> Iterator[None]:
    """Postings from another process, so that every open page draws again, and people who open pages."""
    over = threading.Event()

    def write() -> None:
        with closing(program.store()) as store:
            for draft in itertools.takewhile(lambda _: not over.wait(WRITE_EVERY_S), wanted):
                with store.write() as work:
                    add_posting(work, draft)

    def load() -> None:
        while not over.wait(LOAD_EVERY_S):
            program.get(f"/month/{LAST_MONTH}")

    threads = [threading.Thread(target=job) for job in (write, load)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


@contextmanager
def _nothing() -> Iterator[str]:
    with subprocess.Popen([sys.executable, "-c", NOTHING], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.terminate()
