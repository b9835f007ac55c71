"""What a person waits for at the month page, in Chromium, and what the server needs meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.figures import Figure, median, percentile_95
from benchmarks.household import LAST_MONTH, drafts, furnish, opened, post
from tests.running import Program

CHROMIUM = "/usr/bin/chromium"
SIZES = (10_000, 100_000)
ENTERS, OPENINGS, STARTS, OPEN_PAGES = 60, 30, 5, 10
MEGABYTE = 1_000_000
# The clock runs from the key, in the browser, to the end of the frame that shows the last of what changed.
TIMER = """
window.timed = (event, key, done) => new Promise((resolve) => {
  let began;
  addEventListener(event, (e) => { if (!key || e.key === key) began ??= e.timeStamp }, {capture: true});
  const looked = new MutationObserver(() => {
    if (!began || !done()) return;
    looked.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
  });
  setTimeout(() => resolve(NaN), 10000);
  looked.observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true});
})
"""
ADDED = """(payee) => {
  const hero = document.querySelector('.hero').innerText, row = document.querySelector('.row.open').innerText;
  window.figure = timed('keydown', 'Enter', () =>
    document.querySelector('.postings [role=listitem] b')?.innerText === payee &&
    document.querySelector('.hero').innerText !== hero && document.querySelector('.row.open').innerText !== row);
}"""
OPENED = """(number) => {
  window.figure = timed('click', '', () =>
    document.querySelectorAll('.row')[number].nextElementSibling.querySelector('.postings [role=listitem]'));
}"""


def measured(folder: Path) -> list[Figure]:
    """All figures that need a browser, at both sizes of the household."""
    figures: list[Figure] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for size in SIZES:
            place = folder / str(size)
            place.mkdir()
            with opened(place / "quartermaster.db") as store:
                post(store, drafts(furnish(store), size))
            figures += _at_size(browser, place, f"{size:,} postings")
        browser.close()
    return figures


def _at_size(browser: Browser, place: Path, label: str) -> list[Figure]:
    starts = [_start(place) for _ in range(STARTS)]
    with Program(place) as program:
        idle = resident(program.pid)
        with _month(browser, program) as page:
            openings = [_opening(page, number) for number in range(OPENINGS)]
            enters = [_enter(page, number) for number in range(ENTERS)]
        with _ten_pages(browser, program):
            ten = resident(program.pid)
    return [
        Figure(f"Enter → painted, median, {label}", median(enters), "ms", 60),
        Figure(f"  95th percentile, {label}", percentile_95(enters), "ms", 100),
        Figure(f"entry opened, median, {label}", median(openings), "ms", 120),
        Figure(f"  95th percentile, {label}", percentile_95(openings), "ms"),
        Figure(f"start → healthy, {label}", median(starts), "s", 3),
        Figure(f"memory, idle, {label}", idle, "MB", 150),
        Figure(f"memory, ten month pages open, {label}", ten, "MB", 300),
    ]


def _start(place: Path) -> float:
    before = time.perf_counter()
    with Program(place):
        return time.perf_counter() - before


@contextmanager
def _month(browser: Browser, program: Program) -> Iterator[Page]:
    """The last month's page with all its groups open."""
    context = browser.new_context(base_url=program.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"/month/{LAST_MONTH}")
    page.wait_for_function("window.did_handshake === true")
    while (closed := page.locator(".ghead[aria-expanded=false]")).count():
        title = closed.first.locator("h2").inner_text()
        page.locator(".ghead", has_text=title).click()
        page.locator(".ghead[aria-expanded=true]", has_text=title).wait_for()
    page.wait_for_function("document.querySelectorAll('.row').length === 40")
    page.evaluate(TIMER)
    yield page
    context.close()


def _opening(page: Page, number: int) -> float:
    page.evaluate(OPENED, number)
    page.locator(".row .toggle").nth(number).click()
    return float(page.evaluate("window.figure"))


def _enter(page: Page, number: int) -> float:
    """One more posting in the entry that is open."""
    payee = f"Shop {number}"
    form = page.locator("form.p.add").first
    form.get_by_label("Payee").fill(payee)
    form.get_by_label("Date").fill(LAST_MONTH.last_day.isoformat())
    form.get_by_label("Amount").fill(f"{number + 1}.00")
    # What the typing itself sends to the server is over before the key is pressed.
    page.wait_for_timeout(600)
    page.evaluate(ADDED, payee)
    form.get_by_label("Amount").press("Enter")
    return float(page.evaluate("window.figure"))


@contextmanager
def _ten_pages(browser: Browser, program: Program) -> Iterator[None]:
    with _month(browser, program) as first:
        pages = [first.context.new_page() for _ in range(OPEN_PAGES - 1)]
        for page in pages:
            page.goto(f"{program.url}/month/{LAST_MONTH}")
            page.wait_for_function("window.did_handshake === true")
        yield


def resident(pid: int) -> float:
    """The memory that a process holds, in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024 / MEGABYTE
