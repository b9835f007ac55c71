"""What a person waits for at the month page, in Chromium, and what the server needs meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.figures import Figure, median, percentile_95
from benchmarks.household import ENTRIES, LAST_MONTH, drafts, furnish, opened, post
from tests.chromium import ARGS, chromium
from tests.running import Program

SIZES = (10_000, 100_000)
ENTERS, OPENINGS, FOLLOWED, STARTS, OPEN_PAGES = 60, 30, 20, 5, 10
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

FOLLOWS = """() => {
  const hero = document.querySelector('.hero').innerText;
  window.followed = new Promise((resolve) => {
    new MutationObserver((_, looking) => {
      if (document.querySelector('.hero').innerText === hero) return;
      looking.disconnect();
      resolve(Date.now());
    }).observe(document.body, {subtree: true, childList: true, characterData: true});
    setTimeout(() => resolve(NaN), 10000);
  });
}"""


def measured(folder: Path) -> list[Figure]:
    """All figures that need a browser, at both sizes of the household."""
    figures: list[Figure] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGS)
        for size in SIZES:
            place = folder / str(size)
            place.mkdir()
            with opened(place / "quartermaster.db") as store:
                post(store, drafts(furnish(store), size))
            figures += _at_size(browser, place, f"{size:,} postings")
        figures += _requests(browser, folder / str(SIZES[0]))
        browser.close()
    return figures


def _at_size(browser: Browser, place: Path, label: str) -> list[Figure]:
    starts = [_start(place) for _ in range(STARTS)]
    with Program(place) as program:
        idle = resident(program.pid)
        with month_page(browser, program) as page:
            openings = [opening(page, number) for number in range(OPENINGS)]
            enters = [enter(page, number) for number in range(ENTERS)]
            follows = _follows(page)
        with ten_pages(browser, program):
            ten = resident(program.pid)
    return [
        Figure(f"Enter → painted, median, {label}", median(enters), "ms", 60),
        Figure(f"  95th percentile, {label}", percentile_95(enters), "ms", 100),
        Figure(f"entry opened, median, {label}", median(openings), "ms", 120),
        Figure(f"  95th percentile, {label}", percentile_95(openings), "ms"),
        Figure(f"Enter → seen in another tab, 95th percentile, {label}", percentile_95(follows), "ms", 1000),
        Figure(f"start → healthy, {label}", median(starts), "s", 3),
        Figure(f"memory, idle, {label}", idle, "MB", 150),
        Figure(f"memory, ten month pages open, {label}", ten, "MB", 300),
    ]


def _requests(browser: Browser, place: Path) -> list[Figure]:
    """How many the server is asked for until a month page can be used: for the first time, and again."""
    with Program(place) as program:
        context = browser.new_context(base_url=program.url, viewport={"width": 1440, "height": 900})
        page, counts = context.new_page(), []
        for _ in ("first", "again"):
            before = _asked(program)
            page.goto(f"/month/{LAST_MONTH}")
            page.wait_for_function("window.did_handshake === true")
            page.wait_for_load_state("networkidle")
            counts.append(_asked(program) - before)
        context.close()
    return [
        Figure("requests of a first load, month page", counts[0], "", 25),
        Figure("requests of a warm reload, month page", counts[1], "", 10),
    ]


def _asked(program: Program) -> int:
    """What the server says it was asked for: nothing that the browser had already."""
    return len(program.heard("http_request"))


def _start(place: Path) -> float:
    before = time.perf_counter()
    with Program(place):
        return time.perf_counter() - before


@contextmanager
def month_page(browser: Browser, program: Program, *, entries: int = ENTRIES) -> Iterator[Page]:
    """The last month's page with all its groups open."""
    context = browser.new_context(base_url=program.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"/month/{LAST_MONTH}")
    page.wait_for_function("window.did_handshake === true")
    while (closed := page.locator(".ghead[aria-expanded=false]")).count():
        title = closed.first.locator("h2").inner_text()
        page.locator(".ghead", has_text=title).click()
        page.locator(".ghead[aria-expanded=true]", has_text=title).wait_for()
    page.wait_for_function(f"document.querySelectorAll('.row').length === {entries}")
    page.evaluate(TIMER)
    yield page
    context.close()


def opening(page: Page, number: int) -> float:
    """Milliseconds from the click on an entry to its ledger."""
    page.evaluate(OPENED, number)
    page.locator(".row .toggle").nth(number).click()
    return float(page.evaluate("window.figure"))


def enter(page: Page, number: int) -> float:
    """Milliseconds from Enter to one more posting in the entry that is open, and all totals."""
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


def _follows(page: Page) -> list[float]:
    """Milliseconds from Enter to the new zero amount on another page that shows the month."""
    other, taken = page.context.new_page(), []
    other.goto(page.url)
    other.wait_for_function("window.did_handshake === true")
    page.evaluate("addEventListener('keydown', (e) => { if (e.key === 'Enter') window.entered = Date.now() }, true)")
    for number in range(FOLLOWED):
        other.evaluate(FOLLOWS)
        enter(page, ENTERS + number)
        taken.append(float(other.evaluate("window.followed")) - float(page.evaluate("window.entered")))
    other.close()
    return taken


@contextmanager
def ten_pages(browser: Browser, program: Program) -> Iterator[None]:
    """As many pages of the last month, all of them connected."""
    with month_page(browser, program) as first:
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
