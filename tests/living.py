"""Short ways to a household that has something in it."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from quartermaster.domain.month import MonthEntry
from quartermaster.domain.plan import PlanEntry
from quartermaster.domain.posting import Posting, PostingDraft
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.month_views import MonthLine, MonthView, month_view
from quartermaster.services.months import start_month
from quartermaster.services.plans import PlanView, add_plan_entry, plan_view
from quartermaster.services.postings import add_posting
from quartermaster.storage.store import Store

MAY = YearMonth(2026, 5)


def plan_entry(
    store: Store, name: str = "Groceries", planned: int = 80_000, section: Section = Section.FOOD
) -> PlanEntry:
    with store.write() as work:
        return add_plan_entry(work, section=section, name=name, planned=planned)


def started(store: Store, year_month: YearMonth = MAY) -> MonthView:
    with store.write() as work:
        start_month(work, year_month)
    return seen(store, year_month)


def seen(store: Store, year_month: YearMonth = MAY) -> MonthView:
    with store.read() as work:
        view = month_view(work, year_month)
    assert view is not None
    return view


def plan_seen(store: Store) -> PlanView:
    with store.read() as work:
        return plan_view(work)


def line(store: Store, name: str, year_month: YearMonth = MAY) -> MonthLine:
    return next(line for line in seen(store, year_month).lines if line.entry.name == name)


def entry(store: Store, name: str, year_month: YearMonth = MAY) -> MonthEntry:
    return line(store, name, year_month).entry


def draft(
    entry_id: UUID,
    amount: int = 1_000,
    day: date = date(2026, 5, 17),
    payee: str | None = "Marlow Market",
    description: str | None = None,
    id: UUID | None = None,
) -> PostingDraft:
    return PostingDraft(
        id=id or uuid4(), entry_id=entry_id, day=day, amount=amount, payee=payee, description=description
    )


def posted(store: Store, entry_id: UUID, amount: int = 1_000, day: date = date(2026, 5, 17)) -> Posting:
    with store.write() as work:
        return add_posting(work, draft(entry_id, amount, day))
