"""Two households that become one: what one of them holds, written again into the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar
from uuid import UUID

from quartermaster.domain import text
from quartermaster.domain.errors import Refused
from quartermaster.domain.month import Month, MonthEntry, MonthState, copied_entry_id, month_id, moved_entry_id
from quartermaster.domain.plan import EXTRAS, Household, PlanEntry
from quartermaster.domain.posting import Posting
from quartermaster.domain.section import Section
from quartermaster.services.corrections import Corrections, bring
from quartermaster.services.order import last_position
from quartermaster.storage.own_edits import own_edits
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
    """All that a household holds, and what its device corrected in postings."""

    household: Household
    plan: tuple[PlanEntry, ...]
    months: tuple[Held, ...]
    corrections: Corrections = field(default_factory=dict)

    @property
    def postings(self) -> int:
        return sum(len(held.postings) for held in self.months)


@dataclass(frozen=True, slots=True)
class Together:
    """What was added to the other household: its new plan entries, months, month entries and postings.

    `corrected`: so many postings that are known there were corrected or deleted by this device alone.
    """

    plan_entries: int = 0
    months: int = 0
    entries: int = 0
    postings: int = 0
    corrected: int = 0


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

    The rest of it meets what is there: the same month, an entry of the same section and name, or what another device of
    the same household has brought before.
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
    return Holdings(work.household(), tuple(work.plan_entries()), months, own_edits(work.connection, "posting"))


def put_together(work: Work, brought: Holdings) -> Together:
    """Write what was brought into this household, as one action. Refused when the two keep different money.

    Months are matched by their year-month, entries by section and name. What is here stays as it is, a month's state
    too: a closed one that gets postings shows that it is out of balance. A debt target comes along where here is none,
    and so do a plan entry's notes, goal, balances and rate where the one here has none.

    What another device of the same household has brought before is known again, whatever it is called by now, and is
    not brought again, where it was deleted since either. A new posting on an entry that was deleted is shown there.
    What this device corrected in such a posting, or that it deleted it, comes after it.
    """
    household = work.household()
    if household.currency != brought.household.currency:
        raise Refused(
            f"One household keeps its money in {household.currency} and the other in {brought.household.currency}, so "
            "their amounts cannot be put together. Choose one of the two."
        )
    moving, done = _put_plan(work, brought)
    if household.debt_target is None and not moving.again:
        target = _debt(brought.household.debt_target, moving.sources, moving.plan.values())
        work.edit(household, replace(household, debt_target=target))
    for held in brought.months:
        done = _put_month(work, held, moving, done)
    return replace(done, corrected=bring(work, brought.corrections, moving.places))


@dataclass(frozen=True, slots=True)
class _Moving:
    """What is known of a household that moves in: the plan here by its ids, which of it stands for each plan entry
    that was brought, which postings are known here, and whether anything of it was brought before.
    """

    plan: Mapping[UUID, PlanEntry]
    sources: Mapping[UUID, UUID]
    postings: Collection[UUID]
    again: bool
    places: dict[UUID, UUID] = field(default_factory=dict)
    """Which entry of a month here stands for each that was brought, of the months so far."""

    def copy(self, month: UUID, entry: MonthEntry) -> UUID | None:
        """The id of an entry that came from the plan as the copy of what stands for that here: so a device that starts
        the month on its own, without having heard of this, has started the same entries.
        """
        if entry.source is None:
            return None
        return copied_entry_id(month, self.sources.get(entry.source, entry.source))


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


def _put_plan(work: Work, brought: Holdings) -> tuple[_Moving, Together]:
    known = work.known(PlanEntry, (entry.id for entry in brought.plan))
    postings = work.known(Posting, (posting.id for held in brought.months for posting in held.postings))
    here, again = work.plan_entries(), bool(known or postings)
    rest = [entry for entry in brought.plan if entry.id not in known]
    met = _met([entry for entry in here if entry.id not in known], rest)
    missing = _at_the_end(here, [entry for entry in rest if entry.id not in met])
    work.add(*missing)
    for old in rest if not again else ():
        if old.id in met:
            _complete(work, met[old.id], old, ("notes", *EXTRAS))
    plan = {entry.id: entry for entry in work.plan_entries()}
    sources = {old.id: met[old.id].id if old.id in met else old.id for old in brought.plan}
    return _Moving(plan, sources, postings.keys(), again=again), Together(plan_entries=len(missing))


def _put_month(work: Work, held: Held, moving: _Moving, done: Together) -> Together:
    identity = month_id(work.household().id, held.month.year_month)
    there, here = work.month(identity), work.month_entries(identity)
    place = _known_places(work, identity, held.entries, here, moving)
    taken = {entry.id for entry in here}
    rest = [entry for entry in held.entries if entry.id not in place]
    added = _at_the_end(here, _moved_in(identity, rest, taken, moving))
    _add_entries(work, added, moving.plan)
    place |= {old.id: new.id for old, new in zip(rest, added, strict=True)}
    moving.places.update(place)
    target = _debt(held.month.debt_target, place, [*here, *added])
    is_new = there is None and not (moving.again and work.known(Month, [identity]))
    if is_new:
        work.add(replace(held.month, id=identity, debt_target=target))
    elif there is not None and there.debt_target is None and there.state is not MonthState.CLOSED and not moving.again:
        work.edit(there, replace(there, debt_target=target))
    postings = [posting for posting in held.postings if posting.id not in moving.postings]
    work.add(*(replace(posting, entry_id=place[posting.entry_id]) for posting in postings))
    return Together(done.plan_entries, done.months + is_new, done.entries + len(added), done.postings + len(postings))


def _debt(target: UUID | None, place: Mapping[UUID, UUID], here: Iterable[E]) -> UUID | None:
    """The debt here that stands for the one that a debt target points at there."""
    pointed = place.get(target) if target is not None else None
    return next((entry.id for entry in here if entry.id == pointed and entry.section is Section.DEBT_MINIMUM), None)


def _known_places(
    work: Work, month: UUID, entries: Sequence[MonthEntry], here: list[MonthEntry], moving: _Moving
) -> dict[UUID, UUID]:
    """Which entry of this month each of those brought is, as far as it is known here; it may be deleted by now."""
    moved = {entry.id: moved_entry_id(month, entry.id) for entry in entries}
    copies = {entry.id: copy for entry in entries if (copy := moving.copy(month, entry)) is not None}
    known = work.known(MonthEntry, (*moved.values(), *copies.values()))
    names = {entry.id: _name(entry) for entry in here}
    place = {old: new for old, new in moved.items() if new in known}
    place |= {
        entry.id: copies[entry.id]
        for entry in entries
        if entry.id not in place and entry.id in copies and names.get(copies[entry.id]) == _name(entry)
    }
    free = [entry for entry in here if entry.id not in place.values()]
    met = _met(free, [entry for entry in entries if entry.id not in place])
    place |= {old: new.id for old, new in met.items()}
    if moving.again:
        place |= {old: copy for old, copy in copies.items() if old not in place and copy in known}
    return place


def _moved_in(month: UUID, entries: Iterable[MonthEntry], taken: set[UUID], moving: _Moving) -> Iterator[MonthEntry]:
    """The entries as this month's: the plan's copies, or else known again by where they came from."""
    for entry in entries:
        identity = moving.copy(month, entry)
        if identity is None or identity in taken:
            yield replace(entry, id=moved_entry_id(month, entry.id), month_id=month, source=None)
        else:
            taken.add(identity)
            source = moving.sources.get(entry.source, entry.source) if entry.source else None
            yield replace(entry, id=identity, month_id=month, source=source)


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


def _met(here: Iterable[E], brought: Iterable[E]) -> dict[UUID, E]:
    """Which of those here each of those brought meets, by section and name. Two of one name meet two, or one is new."""
    free: dict[tuple[str, str], list[E]] = defaultdict(list)
    for entry in here:
        free[_name(entry)].append(entry)
    return {entry.id: free[_name(entry)].pop(0) for entry in brought if free[_name(entry)]}


def _complete(work: Work, here: E, brought: E, names: Iterable[str]) -> None:
    """What is empty here, and was filled in there, comes along."""
    values = {name: getattr(brought, name) for name in names if getattr(here, name) is None}
    work.edit(here, replace(here, **values))


def _at_the_end(here: list[E], brought: Iterable[E]) -> list[E]:
    """Each of those brought at the end of its section."""
    added: list[E] = []
    for entry in brought:
        added.append(replace(entry, position=last_position([*here, *added], entry.section)))
    return added


def _name(entry: PlanEntry | MonthEntry) -> tuple[str, str]:
    return entry.section.value, text.known_as(entry.name)
