"""Households of a known size: 24 months of 40 entries, and as many postings as asked for."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

from quartermaster.domain.posting import PostingDraft
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.month_views import month_view
from quartermaster.services.months import activate_month, start_month
from quartermaster.services.plans import add_plan_entry
from quartermaster.services.postings import add_postings
from quartermaster.storage.migrate import prepare
from quartermaster.storage.store import Store

MONTHS, ENTRIES, PAYEES, IN_ONE_ACTION = 24, 40, 300, 10_000
FIRST_MONTH = YearMonth(2024, 6)
LAST_MONTH = FIRST_MONTH.plus(MONTHS - 1)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@contextmanager
def opened(path: Path) -> Iterator[Store]:
    """The household in a file, made ready if it is new."""
    prepare(path, path.parent / "backups")
    store = Store(path, now_ms=now_ms, new_id=uuid4)
    store.found("USD")
    try:
        yield store
    finally:
        store.close()


def furnish(store: Store, *, entries: int = ENTRIES, months: int = MONTHS) -> dict[YearMonth, list[UUID]]:
    """A plan and the last months started from it; the entries of each month."""
    sections = list(Section)
    with store.write() as work:
        for number in range(entries):
            section = sections[number % len(sections)]
            add_plan_entry(work, section=section, name=f"{section.title} {number + 1}", planned=10_000 + 731 * number)
    return {month: _started(store, month) for month in (LAST_MONTH.plus(index + 1 - months) for index in range(months))}


def drafts(entries: dict[YearMonth, list[UUID]], count: int, seed: int = 1) -> list[PostingDraft]:
    """Postings spread evenly over all months and entries."""
    chance = random.Random(seed)
    places = itertools.cycle([(month, entry) for month, held in entries.items() for entry in held])
    made = []
    for month, entry in itertools.islice(places, count):
        day = month.first_day.replace(day=chance.randint(1, 28))
        payee = f"Payee {chance.randrange(PAYEES)}"
        amount = chance.randint(100, 20_000)
        made.append(
            PostingDraft(id=uuid4(), entry_id=entry, day=day, amount=amount, payee=payee, description="Weekly shop")
        )
    return made


def post(store: Store, wanted: list[PostingDraft]) -> None:
    """Write the postings as imports do: ten thousand in one action."""
    for start in range(0, len(wanted), IN_ONE_ACTION):
        with store.write() as work:
            add_postings(work, wanted[start : start + IN_ONE_ACTION])


def _started(store: Store, month: YearMonth) -> list[UUID]:
    with store.write() as work:
        start_month(work, month)
        activate_month(work, month)
        view = month_view(work, month)
    assert view is not None
    return [line.entry.id for line in view.lines]
