"""What sync costs: a household's way to an empty server and to a fresh device, one change to an open page, and room."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from uuid import UUID

from playwright.async_api import Page, async_playwright

from benchmarks.figures import Figure, median
from benchmarks.household import LAST_MONTH, drafts, furnish, opened, post
from benchmarks.pages import MEGABYTE, resident
from quartermaster.domain.posting import PostingDraft
from quartermaster.services.month_views import month_view
from quartermaster.services.postings import add_posting
from quartermaster.storage.store import Store
from quartermaster.sync.client import Client
from quartermaster.sync.line import BURST, EACH_S, Server
from quartermaster.sync.room import Sync, sync_once
from quartermaster.sync.use import in_a_thread
from tests.chromium import ARGS, chromium
from tests.running import Program

SIZES = (10_000, 100_000)
FIRST_SYNC_S = 120.0
"""Longer than the larger size needs; how long it takes is measured elsewhere."""
IDLE_ROUNDS, STARTS, POSTINGS, SEEN = 6, 3, 200, 20
# Both processes are on one machine, so one clock tells when the page shows what was committed elsewhere.
SHOWN = """(payee) => { window.shown = new Promise((resolve) => {
  const there = () => document.querySelector('.postings')?.innerText.includes(payee);
  const looked = new MutationObserver(() => { if (there()) requestAnimationFrame(() => resolve(Date.now())) });
  setTimeout(() => resolve(NaN), 10000);
  looked.observe(document.body, {subtree: true, childList: true, characterData: true});
}) }"""


def measured(folder: Path) -> list[Figure]:
    """All figures of sync, and whether a change costs more in a household that is ten times as large."""
    figures: list[Figure] = []
    per_change = []
    for size in SIZES:
        place = folder / str(size)
        place.mkdir()
        found, pushed_s, changes = _at_size(place, size)
        figures += found
        per_change.append(pushed_s / changes)
    figures.append(Figure("time per change, ten times as many postings", per_change[1] / per_change[0], "times", 1.25))
    return figures


def _at_size(place: Path, size: int) -> tuple[list[Figure], float, int]:
    label, is_small = f"{size:,} postings", size == SIZES[0]
    for name in ("laptop", "fresh", "server", "client"):
        (place / name).mkdir()
    with opened(place / "laptop" / "quartermaster.db") as laptop, Program(place / "server") as program:
        entries = furnish(laptop)
        post(laptop, drafts(entries, size))
        server = Server(url=program.url)
        pushed_s, changes = _timed(laptop, server)
        with opened(place / "fresh" / "quartermaster.db") as fresh:
            pulled_s, _ = _timed(fresh, server)
        starting_s = median([_timed(laptop, server)[0] for _ in range(STARTS)])
        rooms = {name: _megabytes(place / name / "quartermaster.db") for name in ("fresh", "server")}
        after_sync = resident(program.pid)
        env = {"QUARTERMASTER_SYNC_URL": program.url}
        with Program(place / "client", env=env) as client:
            client.until(lambda: bool(client.heard("sync_completed", received=changes)), FIRST_SYNC_S)  # called at once
            in_client = resident(client.pid)
            single = drafts(entries, POSTINGS + SEEN, seed=99)
            idle, added, shown = asyncio.run(_staying(laptop, server, client.url, single))
    figures = [
        Figure(f"push of all to an empty server, {label}", pushed_s, "s", 2 if is_small else None),
        Figure(f"a fresh device's first sync, {label}", pulled_s, "s", 1.5 if is_small else None),
        Figure(f"one change → another device's open page, {label}", shown, "ms", 300),
        Figure(f"exchange with nothing new, {label}", idle, "ms", 5),
        Figure(f"the same by a program that starts for it, {label}", starting_s * 1000, "ms"),
        Figure(f"posting added while sync is on, {label}", added, "ms", 4),
        Figure(f"disk of the client, {label}", rooms["fresh"], "MB", 8 if is_small else None),
        Figure(f"disk of the server, {label}", rooms["server"], "MB", 8 if is_small else None),
        Figure(f"memory of the server after the sync, {label}", after_sync, "MB", 170 if is_small else None),
        Figure(f"memory of the client after its first sync, {label}", in_client, "MB", 200 if is_small else None),
    ]
    return figures, pushed_s, changes


def _timed(store: Store, server: Server) -> tuple[float, int]:
    """Seconds until this file and the server are in step, and how many changes that took."""
    before = time.perf_counter()
    outcome = asyncio.run(sync_once(store, server))
    return time.perf_counter() - before, outcome.sent + outcome.received


async def _staying(store: Store, server: Server, url: str, wanted: list[PostingDraft]) -> tuple[float, float, float]:
    """Milliseconds of an exchange with nothing new, of a posting while sync is on, and of one to an open page."""
    sync = Sync(store, in_a_thread, backups=lambda: store.path.parent / "backups", server=server)
    async with sync.running(), async_playwright() as playwright:
        assert sync.client is not None
        await sync.client.exchange()
        idle = [ms for _ in range(IDLE_ROUNDS) for ms in await _idle_ms(sync.client)]
        added = [await asyncio.to_thread(_added_ms, store, draft) for draft in wanted[:POSTINGS]]
        await sync.client.exchange()
        # The client spares the server: give back what the burst of postings took.
        await asyncio.sleep(BURST * EACH_S)
        browser = await playwright.chromium.launch(executable_path=chromium(), args=ARGS)
        page = await browser.new_page(base_url=url)
        entry = await _opened_ledger(page, store)
        shown = [await _shown_ms(page, store, draft, entry) for draft in wanted[POSTINGS:]]
        await browser.close()
    return median(idle), median(added), median(shown)


async def _idle_ms(client: Client) -> list[float]:
    """Milliseconds of exchanges one after the other, as many as the client's pace allows; then it rests."""
    taken = []
    for _ in range(BURST):
        before = time.perf_counter()
        await client.exchange()
        taken.append((time.perf_counter() - before) * 1000)
    await asyncio.sleep(BURST * EACH_S)
    return taken


def _added_ms(store: Store, draft: PostingDraft) -> float:
    before = time.perf_counter()
    _add(store, draft)
    return (time.perf_counter() - before) * 1000


def _add(store: Store, draft: PostingDraft) -> None:
    with store.write() as work:
        add_posting(work, draft)


async def _opened_ledger(page: Page, store: Store) -> UUID:
    """Open the first entry of the last month; its id."""
    with store.read() as work:
        view = month_view(work, LAST_MONTH)
    assert view is not None
    await page.goto(f"/month/{LAST_MONTH}")
    await page.wait_for_function("window.did_handshake === true")
    await page.locator(".row .toggle").first.click()
    await page.locator(".row.open").wait_for()
    return view.lines[0].entry.id


async def _shown_ms(page: Page, store: Store, draft: PostingDraft, entry: UUID) -> float:
    payee = f"Seen {draft.id.hex[:8]}"
    here = PostingDraft(id=draft.id, entry_id=entry, day=LAST_MONTH.last_day, amount=draft.amount, payee=payee)
    await page.evaluate(SHOWN, payee)
    before = time.time()
    await asyncio.to_thread(_add, store, here)
    return float(await page.evaluate("window.shown")) - before * 1000


def _megabytes(path: Path) -> float:
    """A data file with its write-ahead log, as they lie there."""
    return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*")) / MEGABYTE
