"""What sync costs as a household grows: pulls, edits and many devices; and 100,000 changes through a rate limit."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from benchmarks.figures import Figure, median
from benchmarks.household import drafts, furnish, opened, post
from quartermaster.domain.posting import PostingDraft
from quartermaster.services.postings import edit_posting
from quartermaster.storage.identity import take_identity
from quartermaster.storage.store import Store
from quartermaster.sync.client import Client
from quartermaster.sync.conversation import Outcome
from quartermaster.sync.line import Line, Server
from quartermaster.sync.room import sync_once
from quartermaster.sync.use import in_a_thread
from tests.running import Program
from tests.sync.proxying import PASSWORD, USER, Proxy

SMALL, LARGE, EDITS, DEVICES, ROUNDS = 10_000, 100_000, 2_000, 200, 3
GROWTH = 1.25
"""As much longer a change may take where everything is ten times as large."""
SCATTERED = ("edits sent", "edits fetched")
"""Edits of all years at once: in a large file each has leaves of its own to write, in a small one they share them."""


def measured(folder: Path) -> list[Figure]:
    """Ratios of the time per change, and the two directions of a large first sync behind a proxy that allows 10/s."""
    small, large = (_at_size(folder / str(size), size) for size in (SMALL, LARGE))
    figures = [
        Figure(
            f"time per change, {name}, ten times as many postings",
            large[name] / small[name],
            "times",
            None if name in SCATTERED else GROWTH,
        )
        for name in small
    ]
    few, many = (_of_devices(folder / f"devices-{count}", count) for count in (2, DEVICES))
    figures.append(Figure(f"time per change, pulled, {DEVICES} devices instead of 2", many / few, "times", GROWTH))
    return figures + _limited(folder / "limited")


def _at_size(place: Path, size: int) -> dict[str, float]:
    """Seconds per change: of a fresh device's first sync, of edits sent, and of edits fetched."""
    with _laptop(place / "laptop") as laptop, Program(_made(place / "server")) as program:
        written = drafts(furnish(laptop), size)
        post(laptop, written)
        server = Server(url=program.url)
        asyncio.run(sync_once(laptop, server))
        pulled = _pulled(place, server)
        with _laptop(place / "editor") as other:
            asyncio.run(sync_once(other, server))
            sent, fetched = asyncio.run(_edits(laptop, other, server, written))
    return {"pulled": pulled, "edits sent": sent, "edits fetched": fetched}


def _of_devices(place: Path, count: int) -> float:
    """Seconds per change of a fresh device's first sync, where so many devices wrote the same number of postings."""
    with _laptop(place / "laptop") as laptop, Program(_made(place / "server")) as program:
        written = drafts(furnish(laptop), SMALL)
        each = len(written) // count
        for start in range(0, len(written), each):
            with laptop.write() as work:
                take_identity(work.connection, uuid4())
            post(laptop, written[start : start + each])
        server = Server(url=program.url)
        asyncio.run(sync_once(laptop, server))
        return _pulled(place, server)


def _pulled(place: Path, server: Server) -> float:
    """Seconds per change of a fresh device's first sync."""
    taken = []
    for number in range(ROUNDS):
        with _laptop(place / f"fresh-{number}") as fresh:
            taken.append(asyncio.run(_per_change(lambda fresh=fresh: sync_once(fresh, server))))  # type: ignore[misc]  # at once
    return median(taken)


async def _edits(laptop: Store, other: Store, server: Server, written: list[PostingDraft]) -> tuple[float, float]:
    """Seconds per edit, sent and fetched, of two programs that have been in step for a while."""
    lines = [Line(server), Line(server)]
    sender, fetcher = (Client(store, line, in_a_thread) for store, line in zip((laptop, other), lines, strict=True))
    sent, fetched = [], []
    await sender.exchange()
    await fetcher.exchange()
    for number in range(ROUNDS):
        await asyncio.to_thread(_edit, laptop, written, number)
        sent.append(await _per_change(sender.exchange))
        fetched.append(await _per_change(fetcher.exchange))
    for line in lines:
        await line.close()
    return median(sent), median(fetched)


def _limited(place: Path) -> list[Figure]:
    with _laptop(place / "laptop") as laptop, Program(_made(place / "server")) as program, Proxy(program.url) as proxy:
        post(laptop, drafts(furnish(laptop), LARGE))
        server = Server(url=proxy.url, user=USER, password=PASSWORD)
        sent_s = _timed(laptop, server)
        with _laptop(place / "fresh") as fresh:
            fetched_s = _timed(fresh, server)
        refused = sum(status != 200 for status in proxy.statuses)
    return [
        Figure(f"{LARGE:,} postings sent through a limit of 10/s", sent_s, "s"),
        Figure(f"{LARGE:,} postings fetched through a limit of 10/s", fetched_s, "s"),
        Figure("answers of the proxy that were not 200", refused, "answers", 0),
    ]


def _edit(laptop: Store, written: list[PostingDraft], number: int) -> None:
    for one in random.Random(number).sample(written, EDITS):
        with laptop.write() as work:
            edit_posting(work, replace(one, amount=one.amount + 1 + number))


async def _per_change(exchange: Callable[[], Awaitable[Outcome]]) -> float:
    before = time.perf_counter()
    outcome = await exchange()
    return (time.perf_counter() - before) / (outcome.sent + outcome.received)


def _timed(store: Store, server: Server) -> float:
    before = time.perf_counter()
    asyncio.run(sync_once(store, server))
    return time.perf_counter() - before


def _made(place: Path) -> Path:
    place.mkdir(parents=True)
    return place


def _laptop(place: Path) -> AbstractContextManager[Store]:
    return opened(_made(place) / "quartermaster.db")
