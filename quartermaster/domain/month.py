"""A month and its entries: a snapshot of the plan that is then lived."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid5

from quartermaster.domain import text
from quartermaster.domain.plan import PlanEntry
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth


class MonthState(StrEnum):
    PLANNING = "planning"
    ACTIVE = "active"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lifecycle:
    """A month's state with the times (ms since 1970, UTC) that it was entered at: they travel as one."""

    state: MonthState = MonthState.PLANNING
    activated_ms: int | None = None
    closed_ms: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Month:
    """One started calendar month."""

    id: UUID
    year_month: YearMonth
    lifecycle: Lifecycle = Lifecycle()
    debt_target: UUID | None = None

    @property
    def state(self) -> MonthState:
        return self.lifecycle.state


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthEntry:
    """One line of a month. `planned` and `origin_planned` in minor units."""

    id: UUID
    month_id: UUID
    section: Section
    name: str
    planned: int
    notes: str | None = None
    position: int = 0
    origin_name: str | None = None
    origin_planned: int | None = None
    source: UUID | None = None


def is_namesake(one: MonthEntry, other: MonthEntry) -> bool:
    """Whether two entries stand for the same by their section and name."""
    return one.section is other.section and text.known_as(one.name) == text.known_as(other.name)


def month_id(household: UUID, year_month: YearMonth) -> UUID:
    """The id by meaning: two devices that start May offline have started the same May."""
    return uuid5(household, f"month/{year_month}")


def copied_entry_id(month: UUID, plan_entry: UUID) -> UUID:
    """The id by meaning of a plan entry's copy in a month."""
    return uuid5(month, f"entry/{plan_entry}")


def moved_entry_id(month: UUID, entry: UUID) -> UUID:
    """The id by meaning of another household's entry that moves into a month: whoever brings it brings the same."""
    return uuid5(month, f"moved/{entry}")


def copied(entry: PlanEntry, month: UUID) -> MonthEntry:
    """The copy of a plan entry that a starting month takes."""
    return MonthEntry(
        id=copied_entry_id(month, entry.id),
        month_id=month,
        section=entry.section,
        name=entry.name,
        planned=entry.planned,
        notes=entry.notes,
        position=entry.position,
        origin_name=entry.name,
        origin_planned=entry.planned,
        source=entry.id,
    )
