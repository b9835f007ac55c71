"""What sync costs as a household grows: pulls, edits and many devices; and 100,000 changes through a rate limit."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from benchmarks.figures import Figure
from benchmarks.household import drafts, furnish, opened, post
from quartermaster.domain.posting import PostingDraft
from quartermaster.services.postings import edit_posting
from quartermaster.storage.identity import take_identity
from quartermaster.storage.store import Store
from quartermaster.sync.line import Server
from quartermaster.sync.room import sync_once
from tests.running import Program
from tests.sync.proxying import PASSWORD, USER, Proxy

SMALL, LARGE, EDITS, DEVICES = 10_000, 100_000, 2_000, 200
GROWTH = 1.25
"""As much longer a change may take where everything is ten times as large."""


def measured(folder: Path) -> list[Figure]:
    """Ratios of the time per change, and the two directions of a large first sync behind a proxy that allows 10/s."""
    small, large = (_at_size(folder / str(size), size) for size in (SMALL, LARGE))
    figures = [
        Figure(f"time per change, {name}, ten times as many postings", large[name] / small[name], "times", GROWTH)
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
        _per_change(laptop, server)
        with _laptop(place / "fresh") as fresh:
            pulled = _per_change(fresh, server)
            _edit(laptop, written)
            sent = _per_change(laptop, server)
            return {"pulled": pulled, "edits sent": sent, "edits fetched": _per_change(fresh, server)}


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
        _per_change(laptop, server)
        with _laptop(place / "fresh") as fresh:
            return _per_change(fresh, server)


def _limited(place: Path) -> list[Figure]:
    with _laptop(place / "laptop") as laptop, Program(_made(place / "server")) as program, Proxy(program.url) as proxy:
        post(laptop, drafts(furnish(laptop), LARGE))
        server = Server(url=proxy.url, user=USER, password=PASSWORD)
        sent_s = _timed(lambda: _per_change(laptop, server))
        with _laptop(place / "fresh") as fresh:
            fetched_s = _timed(lambda: _per_change(fresh, server))
        refused = sum(status != 200 for status in proxy.statuses)
    return [
        Figure(f"{LARGE:,} postings sent through a limit of 10/s", sent_s, "s"),
        Figure(f"{LARGE:,} postings fetched through a limit of 10/s", fetched_s, "s"),
        Figure("answers of the proxy that were not 200", refused, "answers", 0),
    ]


def _edit(laptop: Store, written: list[PostingDraft]) -> None:
    for one in random.Random(1).sample(written, EDITS):
        with laptop.write() as work:
            edit_posting(work, replace(one, amount=one.amount + 1))


def _per_change(store: Store, server: Server) -> float:
    before = time.perf_counter()
    outcome = asyncio.run(sync_once(store, server))
    return (time.perf_counter() - before) / max(outcome.sent + outcome.received, 1)


def _timed(job: Callable[[], object]) -> float:
    before = time.perf_counter()
    job()
    return time.perf_counter() - before


def _made(place: Path) -> Path:
    place.mkdir(parents=True)
    return place


def _laptop(place: Path) -> AbstractContextManager[Store]:
    return opened(_made(place) / "quartermaster.db")
