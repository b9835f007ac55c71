"""What holds of a household whatever its devices did, and what all of them must show alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from quartermaster.domain import text
from quartermaster.domain.month import MonthEntry, MonthState, copied_entry_id, month_id
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.domain.zero_amount import zero_amount
from quartermaster.services.attention import attention
from quartermaster.services.history import history
from quartermaster.services.month_views import MonthView, month_list, month_view
from quartermaster.services.plans import plan_view
from quartermaster.services.posting_files import export_postings
from quartermaster.services.postings import ledger
from quartermaster.services.sinking_funds import funds
from quartermaster.storage.change import Change
from quartermaster.storage.changelog import logged
from quartermaster.storage.merge import DELETED
from quartermaster.storage.work import Work
from tests.sync.replicas import Replica, assert_totals

WHOLE_LOG = 100_000
BRANCH = 5
"""The version of the ids that branches of a fork get."""


@dataclass(frozen=True)
class Deletion:
    """A posting that a person deleted, and all changes of it that were in their file, the deletion too."""

    posting: UUID
    known: tuple[Change, ...]


def assert_alike(replicas: list[Replica]) -> None:
    """All devices show the same plan, months, postings and history, and the same of what needs a look."""
    first = _shown(replicas[0])
    for other in replicas[1:]:
        for name, shown in _shown(other).items():
            assert shown == first[name], name


def assert_household(one: Replica) -> None:
    """The rules of the household that no merge can break, and that the pages say what the postings make."""
    assert_totals(one)
    with one.store.read() as work:
        views = _views(work)
        _assert_plan(work)
        for view in views:
            _assert_month(work, view)
        _assert_attention(work, views)


def deletion(work: Work, posting: UUID) -> Deletion:
    """The deletion that was written just now."""
    return Deletion(posting, tuple(logged(work.connection, [posting])))


def assert_deleted(one: Replica, deletions: list[Deletion]) -> None:
    """What somebody deleted who had seen everything of it is gone, whatever its devices are called by now."""
    with one.store.read() as work:
        for gone in deletions:
            said = logged(work.connection, [gone.posting])
            if all(any(_is_same(change, known) for known in gone.known) for change in said):
                was_kept = any(change.fields.get(DELETED) for change in said)
                assert not was_kept or work.posting(gone.posting) is None, gone


def _is_same(change: Change, known: Change) -> bool:
    same = (change.stamp, change.op, change.fields) == (known.stamp, known.op, known.fields)
    return same and (change.device == known.device or change.device.version == BRANCH)


def _shown(one: Replica) -> dict[str, Any]:
    with one.store.read() as work:
        plan, now = plan_view(work), attention(work)
        return {
            "plan": plan,
            "months": [month_view(work, month.year_month) for month in work.months()],
            "list": month_list(work),
            "postings": export_postings(work),
            "funds": funds(work, plan.entries, YearMonth.of(date(2026, 12, 31))),
            "history": {
                (deed.device, deed.number): (deed.device_name, deed.stamp, deed.steps, deed.counts, deed.total)
                for deed in history(work, most=WHOLE_LOG).deeds
            },
            "out of balance": now.out_of_balance,
            "stranded": sorted(now.stranded, key=lambda one: one.entry.id),
            "twins": now.twins,
        }


def _views(work: Work) -> list[MonthView]:
    views = [month_view(work, month.year_month) for month in work.months()]
    assert None not in views, "a month has not the id that follows from its household and its name"
    return [view for view in views if view is not None]


def _assert_plan(work: Work) -> None:
    plan = plan_view(work)
    assert plan.zero == zero_amount((entry.section, entry.planned) for entry in work.plan_entries())
    assert plan.debt_target is None or plan.debt_target.section is Section.DEBT_MINIMUM
    for entry in plan.entries:
        assert entry.planned >= 0
        assert text.name(entry.name) == entry.name


def _assert_month(work: Work, view: MonthView) -> None:
    month, applied = view.month, defaultdict[UUID, int](int)
    assert month.id == month_id(work.household().id, month.year_month)
    for posting, entry in work.all_postings():
        if entry.month_id == month.id:
            assert posting.amount
            applied[entry.id] += posting.amount
    for line in view.lines:
        _assert_entry(line.entry)
        assert line.applied == applied.pop(line.entry.id, 0)
        assert ledger(work, line.entry.id, limit=None).total == line.postings == len(work.postings(line.entry.id))
    assert not applied, "money on an entry that the month does not show"
    assert view.debt_target is None or view.debt_target.section is Section.DEBT_MINIMUM
    assert view.planned_zero == zero_amount((line.entry.section, line.entry.planned) for line in view.lines)
    assert view.applied_zero == zero_amount((line.entry.section, line.applied) for line in view.lines)
    life = month.lifecycle
    assert (life.activated_ms is not None, life.closed_ms is not None) == (
        life.state is not MonthState.PLANNING,
        life.state is MonthState.CLOSED,
    )
    [listed] = [one for one in month_list(work) if one.year_month == month.year_month]
    assert (listed.state, listed.planned_zero, listed.applied_zero, listed.spent, listed.income_applied) == (
        month.state, view.planned_zero, view.applied_zero, view.spent, view.income_applied
    )  # fmt: skip


def _assert_entry(entry: MonthEntry) -> None:
    assert entry.planned >= 0
    assert text.name(entry.name) == entry.name
    # One copy of each plan entry, whoever started the month.
    assert entry.source is None or entry.id == copied_entry_id(entry.month_id, entry.source)


def _assert_attention(work: Work, views: list[MonthView]) -> None:
    now = attention(work)
    out = [view.month.year_month for view in views if not view.is_open and view.applied_zero]
    assert [month.year_month for month in now.out_of_balance] == out
    marked = {line.entry.id for view in views for line in view.lines if line.is_stranded}
    assert {one.entry.id for one in now.stranded} == marked
    assert {frozenset(entry.id for entry in twins.entries) for twins in now.twins if twins.month} == set(
        _twins(work, views)
    )


def _twins(work: Work, views: list[MonthView]) -> Iterator[frozenset[UUID]]:
    """Entries of open months that share section and name, and come from different devices."""
    born = dict(work.connection.exec_driver_sql("SELECT id, born_device FROM month_entry").tuples().all())
    for view in views:
        named: dict[tuple[Section, str], list[UUID]] = defaultdict(list)
        for line in view.lines:
            if view.is_open and not line.is_stranded:
                named[line.entry.section, text.known_as(line.entry.name)].append(line.entry.id)
        yield from (frozenset(ids) for ids in named.values() if len({born[one.bytes] for one in ids}) > 1)
