"""Two households that become one: what one of them holds, written again into the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar
from uuid import UUID

from quartermaster.domain import text
from quartermaster.domain.errors import Refused
from quartermaster.domain.month import Month, MonthEntry, MonthState, copied_entry_id, month_id
from quartermaster.domain.plan import Household, PlanEntry
from quartermaster.domain.posting import Posting
from quartermaster.services.order import last_position
from quartermaster.storage.work import Work

E = TypeVar("E", PlanEntry, MonthEntry)


@dataclass(frozen=True, slots=True)
class Held:
    """One month with all that is in it."""

    month: Month
    entries: tuple[MonthEntry, ...]
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that a household holds."""

    household: Household
    plan: tuple[PlanEntry, ...]
    months: tuple[Held, ...]

    @property
    def postings(self) -> int:
        return sum(len(held.postings) for held in self.months)


@dataclass(frozen=True, slots=True)
class Together:
    """What was added to the other household: new plan entries, months and month entries, and all postings."""

    plan_entries: int = 0
    months: int = 0
    entries: int = 0
    postings: int = 0


@dataclass(frozen=True, slots=True)
class Side:
    """How much one of two households holds, and between which days its postings lie."""

    plan_entries: int
    months: int
    entries: int
    postings: int
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What putting both together would do: what each side holds, and what of `mine` would be added to `theirs`.

    The rest of it meets what is there: the same month, or an entry of the same section and name.
    """

    mine: Side
    theirs: Side
    added: Together


def preview(work: Work, brought: Holdings) -> Preview:
    """What `put_together` does. It does it, so the unit of work is to be thrown away. Refused as that is."""
    theirs = _side(holdings(work))
    return Preview(_side(brought), theirs, put_together(work, brought))


def holdings(work: Work) -> Holdings:
    """All that this household holds, to be written into another one."""
    months = tuple(_held(work, month) for month in work.months())
    return Holdings(work.household(), tuple(work.plan_entries()), months)


def put_together(work: Work, brought: Holdings) -> Together:
    """Write what was brought into this household, as one action. Refused when the two keep different money.

    Months are matched by their year-month, entries by section and name. What is here stays as it is, a month's state
    too: a closed one that gets postings shows that it is out of balance. A debt target comes along where here is none.
    """
    household = work.household()
    if household.currency != brought.household.currency:
        raise Refused(
            f"One household keeps its money in {household.currency} and the other in {brought.household.currency}, so "
            "their amounts cannot be put together. Choose one of the two."
        )
    missing = _missing(work.plan_entries(), brought.plan)
    work.add(*missing)
    done = Together(plan_entries=len(missing))
    plan = _by_name(work.plan_entries())
    sources = {old.id: plan[_name(old)] for old in brought.plan}
    target = _namesake(brought.household.debt_target, brought.plan, work.plan_entries())
    if household.debt_target is None and target is not None:
        work.edit(household, replace(household, debt_target=target))
    for held in brought.months:
        done = _put_month(work, held, sources, done)
    return done


def _side(held: Holdings) -> Side:
    days = [posting.day for month in held.months for posting in month.postings]
    return Side(
        plan_entries=len(held.plan),
        months=len(held.months),
        entries=sum(len(month.entries) for month in held.months),
        postings=held.postings,
        first_day=min(days, default=None),
        last_day=max(days, default=None),
    )


def _held(work: Work, month: Month) -> Held:
    entries = work.month_entries(month.id)
    return Held(month, tuple(entries), tuple(posting for entry in entries for posting in work.postings(entry.id)))


def _put_month(work: Work, held: Held, sources: Mapping[UUID, PlanEntry], done: Together) -> Together:
    identity = month_id(work.household().id, held.month.year_month)
    there = work.month(identity)
    here = work.month_entries(identity)
    brought = list(_moved_in(work, identity, held.entries, sources, {entry.id for entry in here}))
    added = _missing(here, brought)
    _add_entries(work, added, {source.id: source for source in sources.values()})
    place = _by_name([*here, *added])
    target = _namesake(held.month.debt_target, held.entries, place.values())
    if there is None:
        work.add(replace(held.month, id=identity, debt_target=target))
    elif there.debt_target is None and target is not None and there.state is not MonthState.CLOSED:
        work.edit(there, replace(there, debt_target=target))
    _add_postings(work, held.postings, {old.id: place[_name(old)].id for old in held.entries})
    return Together(
        done.plan_entries,
        done.months + (there is None),
        done.entries + len(added),
        done.postings + len(held.postings),
    )


def _namesake(target: UUID | None, brought: Iterable[E], here: Iterable[E]) -> UUID | None:
    """The entry here that stands for the one brought that the debt target points at."""
    pointed = next((entry for entry in brought if entry.id == target), None)
    return _by_name(here)[_name(pointed)].id if pointed is not None else None


def _moved_in(
    work: Work, month: UUID, entries: Iterable[MonthEntry], sources: Mapping[UUID, PlanEntry], taken: set[UUID]
) -> Iterator[MonthEntry]:
    """The entries as this month's. One that came from the plan is the copy of what stands for it in the plan here: so
    a device that starts the month on its own, without having heard of this, has started the same entries.
    """
    for entry in entries:
        source = sources.get(entry.source) if entry.source is not None else None
        if source is None:
            yield replace(entry, id=work.new_id(), month_id=month)
        elif (identity := copied_entry_id(month, source.id)) in taken:
            yield replace(entry, id=work.new_id(), month_id=month, source=None)
        else:
            taken.add(identity)
            yield replace(entry, id=identity, month_id=month, source=source.id)


def _add_entries(work: Work, entries: Sequence[MonthEntry], sources: Mapping[UUID, PlanEntry]) -> None:
    """Add them. Where one differs from a mere copy of the plan, that is an edit of it: no start elsewhere undoes it."""
    starts = {entry.id: _start(entry, sources) for entry in entries}
    work.add(*starts.values())
    for entry in entries:
        work.edit(starts[entry.id], entry)


def _start(entry: MonthEntry, sources: Mapping[UUID, PlanEntry]) -> MonthEntry:
    source = sources.get(entry.source) if entry.source is not None else None
    if source is None:
        return entry
    return replace(entry, section=source.section, name=source.name, planned=source.planned, notes=source.notes)


def _add_postings(work: Work, postings: Iterable[Posting], of_old: Mapping[UUID, UUID]) -> None:
    work.add(*(replace(posting, entry_id=of_old[posting.entry_id]) for posting in postings))


def _missing(here: list[E], brought: Iterable[E]) -> list[E]:
    """What has no namesake in its section, each at the end of it."""
    known = _by_name(here)
    added: list[E] = []
    for entry in brought:
        if _name(entry) not in known:
            placed = replace(entry, position=last_position([*here, *added], entry.section))
            known[_name(entry)] = placed
            added.append(placed)
    return added


def _name(entry: PlanEntry | MonthEntry) -> tuple[str, str]:
    return entry.section.value, text.known_as(entry.name)


def _by_name(entries: Iterable[E]) -> dict[tuple[str, str], E]:
    found: dict[tuple[str, str], E] = {}
    for entry in entries:
        found.setdefault(_name(entry), entry)
    return found
