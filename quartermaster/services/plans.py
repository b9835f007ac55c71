"""The plan: what it shows, and the verbs that change it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from quartermaster.domain import rate, text
from quartermaster.domain.errors import NotFound
from quartermaster.domain.plan import Household, PlanEntry, checked_balance, checked_goal, checked_planned, require_debt
from quartermaster.domain.section import Group, Section
from quartermaster.domain.zero_amount import zero_amount
from quartermaster.services.edits import KEEP, Deleted, Kept
from quartermaster.services.order import last_position, move
from quartermaster.storage.work import Work


@dataclass(frozen=True, slots=True)
class PlanSection:
    section: Section
    entries: tuple[PlanEntry, ...]
    planned: int


@dataclass(frozen=True, slots=True)
class PlanGroup:
    group: Group
    sections: tuple[PlanSection, ...]
    planned: int


@dataclass(frozen=True, slots=True)
class PlanView:
    """The whole plan, summed. All groups and sections are present, the empty ones too."""

    household: Household
    groups: tuple[PlanGroup, ...]
    income: int
    zero: int

    @property
    def entries(self) -> tuple[PlanEntry, ...]:
        return tuple(entry for group in self.groups for section in group.sections for entry in section.entries)

    @property
    def debts(self) -> tuple[PlanEntry, ...]:
        return self._section(Section.DEBT_MINIMUM).entries

    @property
    def debt_target(self) -> PlanEntry | None:
        """One of the debts. A merge can leave the pointer at something else; that is no target."""
        return next((debt for debt in self.debts if debt.id == self.household.debt_target), None)

    @property
    def is_empty(self) -> bool:
        return not self.entries

    def _section(self, wanted: Section) -> PlanSection:
        return next(section for group in self.groups for section in group.sections if section.section is wanted)


def plan_view(work: Work) -> PlanView:
    """The plan as it stands."""
    household, entries = work.household(), work.plan_entries()
    groups = tuple(_group(group, entries) for group in Group)
    return PlanView(
        household=household,
        groups=groups,
        income=groups[0].planned,
        zero=zero_amount((entry.section, entry.planned) for entry in entries),
    )


def add_plan_entry(
    work: Work, *, section: Section, name: str, planned: int, notes: str | None = None, id: UUID | None = None
) -> PlanEntry:
    """Add an entry at its section's end. The same `id` again returns what is there."""
    if id is not None and (there := work.plan_entry(id)) is not None:
        return there
    entry = PlanEntry(
        id=id or work.new_id(),
        section=section,
        name=text.name(name),
        planned=checked_planned(planned),
        notes=text.notes(notes),
        position=last_position(work.plan_entries(), section),
    )
    work.add(entry)
    return entry


def edit_plan_entry(
    work: Work,
    entry_id: UUID,
    *,
    name: str | Kept = KEEP,
    planned: int | Kept = KEEP,
    notes: str | Kept | None = KEEP,
    goal: int | Kept | None = KEEP,
    goal_date: date | Kept | None = KEEP,
    opening_balance: int | Kept | None = KEEP,
    debt_balance: int | Kept | None = KEEP,
    apr_basis_points: int | Kept | None = KEEP,
) -> PlanEntry:
    """Edit the fields that are given; None empties one. Months that exist keep what they copied."""
    old = _entry(work, entry_id)
    new = replace(
        old,
        name=old.name if name is KEEP else text.name(name),
        planned=old.planned if planned is KEEP else checked_planned(planned),
        notes=old.notes if notes is KEEP else text.notes(notes),
        goal=old.goal if goal is KEEP else checked_goal(goal),
        goal_date=old.goal_date if goal_date is KEEP else goal_date,
        opening_balance=(
            old.opening_balance if opening_balance is KEEP else checked_balance(opening_balance, "opening_balance")
        ),
        debt_balance=old.debt_balance if debt_balance is KEEP else checked_balance(debt_balance, "debt_balance"),
        apr_basis_points=old.apr_basis_points if apr_basis_points is KEEP else rate.checked(apr_basis_points),
    )
    if work.edit(old, new):
        work.announce("template_entry_updated", entry_id=str(entry_id), section=new.section.value, planned=new.planned)
    return new


def move_plan_entry(work: Work, entry_id: UUID, *, section: Section, before: UUID | None) -> PlanEntry:
    """Reorder an entry, or move it to another section; the debt target is cleared when it leaves the debts."""
    entry = _entry(work, entry_id)
    moved = move(work, work.plan_entries(), entry, section, before)
    if section is not entry.section:
        _clear_target(work, entry_id)
    return moved


def delete_plan_entry(work: Work, entry_id: UUID) -> Deleted:
    """Delete an entry; months keep their copies."""
    entry = _entry(work, entry_id)
    work.remove(entry)
    _clear_target(work, entry_id)
    return Deleted(entry.name, 0, work.acted())


def set_plan_debt_target(work: Work, entry_id: UUID | None) -> None:
    """Point at one of the debts, or at none."""
    if entry_id is not None:
        require_debt(_entry(work, entry_id).section)
    household = work.household()
    work.edit(household, replace(household, debt_target=entry_id))


def _group(group: Group, entries: list[PlanEntry]) -> PlanGroup:
    sections = []
    for section in group.sections:
        held = tuple(entry for entry in entries if entry.section is section)
        sections.append(PlanSection(section, held, sum(entry.planned for entry in held)))
    return PlanGroup(group, tuple(sections), sum(section.planned for section in sections))


def _entry(work: Work, entry_id: UUID) -> PlanEntry:
    entry = work.plan_entry(entry_id)
    if entry is None:
        raise NotFound("That plan entry was deleted meanwhile.")
    return entry


def _clear_target(work: Work, entry_id: UUID) -> None:
    household = work.household()
    if household.debt_target == entry_id:
        work.edit(household, replace(household, debt_target=None))
