"""What a merge left that a person should look at: nothing that was typed disappears without being found here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from quartermaster.domain import lifecycle, text
from quartermaster.domain.errors import NotFound
from quartermaster.domain.month import MonthEntry, MonthState
from quartermaster.domain.plan import EXTRAS, PlanEntry, checked_planned
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.month_views import MonthSummary, month_list
from quartermaster.services.months import open_entry, open_month, set_month_debt_target
from quartermaster.services.sinking_funds import hand_over
from quartermaster.services.taking import take
from quartermaster.services.telling import Telling
from quartermaster.storage.devices import Device, devices
from quartermaster.storage.lost_edits import LostEdit, dismiss, lost_edits
from quartermaster.storage.merge import DELETED
from quartermaster.storage.namesakes import leave, month_namesakes, plan_namesakes
from quartermaster.storage.work import Work


@dataclass(frozen=True, slots=True)
class Lost:
    """An edit that does not stand: what it was about, and in which month. `names` has those of the entries it names.

    `is_own`: this device wrote it; otherwise another one did, which may have a name.
    """

    edit: LostEdit
    about: str
    month: YearMonth | None
    names: Mapping[str, str]
    is_own: bool
    device_name: str | None


@dataclass(frozen=True, slots=True)
class Stranded:
    """An entry that was deleted on one device while another added a posting to it."""

    entry: MonthEntry
    month: YearMonth


@dataclass(frozen=True, slots=True)
class Twins:
    """Entries of one name in one section, from different devices: of an open month or, without a month, of the plan."""

    entries: tuple[MonthEntry, ...] | tuple[PlanEntry, ...]
    month: YearMonth | None

    @property
    def amounts(self) -> tuple[int, ...]:
        """What one of them instead of all may be planned at: as each of them, or as all together."""
        planned = [entry.planned for entry in self.entries]
        return tuple(dict.fromkeys((*planned, sum(planned))))


@dataclass(frozen=True, slots=True)
class Attention:
    """All that is to be looked at; empty where nothing is."""

    out_of_balance: tuple[MonthSummary, ...]
    stranded: tuple[Stranded, ...]
    twins: tuple[Twins, ...]
    lost: tuple[Lost, ...]

    @property
    def count(self) -> int:
        return len(self.out_of_balance) + len(self.stranded) + len(self.twins) + len(self.lost)


def attention(work: Work) -> Attention:
    """What there is to look at now."""
    closed = (month for month in month_list(work) if month.state is MonthState.CLOSED)
    return Attention(
        out_of_balance=tuple(month for month in closed if month.applied_zero),
        stranded=tuple(Stranded(entry, month.year_month) for entry, month in work.stranded_entries()),
        twins=(*_twins_of_the_plan(work), *_twins_of_months(work)),
        lost=_lost(work),
    )


def take_lost(work: Work, edit: LostEdit) -> None:
    """Let the value that was lost stand after all, as if it were typed now: refused where typing it would be.

    What was deleted comes back with it, into an open month.
    """
    if edit.is_deleted:
        for month in work.months_of({edit.change.record}):
            lifecycle.require_open(month)
        work.set_fields(edit.change.kind, edit.change.record, {DELETED: False})
    take(work, edit)
    dismiss(work.connection, edit)


def dismiss_lost(work: Work, edit: LostEdit) -> None:
    """A person has looked at it, and leaves it as it is."""
    dismiss(work.connection, edit)


def leave_twins(work: Work, twins: Twins) -> None:
    """A person wants them to share their name: they are listed no more, until there is another one of it."""
    leave(work.connection, [entry.id for entry in twins.entries], twins.entries[0].name)


def make_one(work: Work, twins: Twins, planned: int | None = None) -> MonthEntry | PlanEntry:
    """Make one entry of several, planned at so much, or without it at what they are together: the others go.

    Postings move to it, and a debt target that points at one of the others does. Refused when their notes do not fit.
    Which one stays follows from what they are, whatever their order: two devices that do this without having met keep
    the same.
    """
    amount = checked_planned(sum(entry.planned for entry in twins.entries) if planned is None else planned)
    if twins.month is None:
        return _one_of_plan(work, [entry.id for entry in twins.entries], amount)
    month = open_month(work, twins.month)
    first, *others = sorted((open_entry(work, entry.id)[0] for entry in twins.entries), key=_precedence)
    for other in others:
        for posting in work.postings(other.id):
            work.edit(posting, replace(posting, entry_id=first.id))
    whole = replace(first, planned=amount, notes=text.notes_together(one.notes for one in (first, *others)))
    work.edit(first, whole)
    work.remove(*others)
    if month.debt_target in {other.id for other in others}:
        set_month_debt_target(work, twins.month, first.id)
    return whole


def _one_of_plan(work: Work, ids: Sequence[UUID], planned: int) -> PlanEntry:
    found = sorted((entry for entry in work.plan_entries() if entry.id in ids), key=lambda entry: entry.id)
    if len(found) < len(ids):
        raise NotFound("One of them was deleted meanwhile.")
    first, *others = found
    # What only one of them has, such as a goal, stays.
    extras: dict[str, Any] = {
        name: next((getattr(one, name) for one in found if getattr(one, name) is not None), None) for name in EXTRAS
    }
    if first.section is Section.SINKING_FUND:
        extras["opening_balance"] = hand_over(work, first, others)
    whole = replace(first, planned=planned, notes=text.notes_together(one.notes for one in found), **extras)
    work.edit(first, whole)
    work.remove(*others)
    household = work.household()
    if household.debt_target in {other.id for other in others}:
        work.edit(household, replace(household, debt_target=first.id))
    return whole


def _precedence(entry: MonthEntry) -> tuple[bool, UUID]:
    """Copies of the plan stay rather than others, and of these the one whose plan entry does."""
    return entry.source is None, entry.source or entry.id


def _twins_of_months(work: Work) -> Iterator[Twins]:
    groups = month_namesakes(work.connection)
    found = work.entries_by_id([entry for group in groups for entry in group])
    for group in groups:
        yield Twins(tuple(found[entry][0] for entry in group), found[group[0]][1].year_month)


def _twins_of_the_plan(work: Work) -> Iterator[Twins]:
    if groups := plan_namesakes(work.connection):
        found = {entry.id: entry for entry in work.plan_entries()}
        for group in groups:
            yield Twins(tuple(found[entry] for entry in group), None)


def _lost(work: Work) -> tuple[Lost, ...]:
    edits = lost_edits(work.connection)
    telling = Telling(work, [edit.change for edit in edits])
    known = {device.id: device for device in devices(work.connection)} if edits else {}
    return tuple(_lost_edit(edit, telling, known[edit.change.device]) for edit in edits)


def _lost_edit(edit: LostEdit, telling: Telling, by: Device) -> Lost:
    kind, values = edit.change.kind, edit.values
    month = telling.month_of(kind, values)
    names = telling.names(kind, [{edit.field: edit.lost}, values])
    called = values.get("name") or values.get("payee") or values.get("description")
    about = {
        "household": "The plan",
        "month": month.title if month else "A month",
        "posting": f"A posting on {names.get(str(values.get('entry_id'))) or 'an entry that is gone'}",
        "device_card": "A device",
    }
    return Lost(edit, str(called or about.get(kind, "An entry")), month, names, by.is_this, by.name)
