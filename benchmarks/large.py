"""Months that are larger than most: one of 400 entries, and one of 5,000 postings on one entry."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.figures import Figure, median, percentile_95
from benchmarks.household import LAST_MONTH, drafts, furnish, opened, post
from benchmarks.pages import enter, month_page, opening
from tests.chromium import ARGS, chromium
from tests.running import Program

MANY_ENTRIES, MANY_POSTINGS = 400, 5_000
LOADS, TIMES = 5, 12


def measured(folder: Path) -> list[Figure]:
    """What a person waits for in them; the same of an ordinary month of 40 entries is in `pages`."""
    figures: list[Figure] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGS)
        for entries, postings, label in (
            (MANY_ENTRIES, MANY_ENTRIES, f"{MANY_ENTRIES} entries"),
            (1, MANY_POSTINGS, f"{MANY_POSTINGS:,} postings on one entry"),
        ):
            place = folder / str(entries)
            place.mkdir()
            with opened(place / "quartermaster.db") as store:
                post(store, drafts(furnish(store, entries=entries, months=1), postings))
            figures += _of_month(browser, place, entries, label)
        browser.close()
    return figures


def _of_month(browser: Browser, place: Path, entries: int, label: str) -> list[Figure]:
    with Program(place) as program:
        loads = [_load(browser, program) for _ in range(LOADS)]
        with month_page(browser, program, entries=entries) as page:
            openings = [_opened(page, number % entries) for number in range(TIMES)]
            enters = [enter(page, number) for number in range(TIMES)]
    return [
        Figure(f"month of {label}: opened, median", median(loads), "ms"),
        Figure(f"month of {label}: entry opened, median", median(openings), "ms"),
        Figure(f"month of {label}: Enter → painted, median", median(enters), "ms"),
        Figure(f"month of {label}: Enter → painted, 95th percentile", percentile_95(enters), "ms"),
    ]


def _load(browser: Browser, program: Program) -> float:
    """Milliseconds until the month page can be used, in a browser that has its scripts."""
    context = browser.new_context(base_url=program.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/archive")
    page.wait_for_function("window.did_handshake === true")
    before = time.perf_counter()
    page.goto(f"/month/{LAST_MONTH}")
    page.wait_for_function("window.did_handshake === true")
    taken = (time.perf_counter() - before) * 1000
    context.close()
    return taken


def _opened(page: Page, number: int) -> float:
    """Milliseconds to open an entry, which is shut first where it is open."""
    row = page.locator(".row").nth(number)
    if "open" in (row.get_attribute("class") or "").split():
        row.locator(".toggle").click()
        page.locator(".row.open").wait_for(state="detached")
    return opening(page, number)
