"""Where an entry goes when it is added or moved: one rule for the plan and for months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

from quartermaster.domain import position
from quartermaster.domain.errors import NotFound
from quartermaster.domain.month import MonthEntry
from quartermaster.domain.plan import PlanEntry
from quartermaster.domain.section import Section
from quartermaster.storage.work import Work

E = TypeVar("E", PlanEntry, MonthEntry)


def last_position(entries: Sequence[E], section: Section) -> int:
    """The position after a section's last entry."""
    return position.last(entry.position for entry in entries if entry.section is section)


def move(work: Work, entries: Sequence[E], entry: E, section: Section, before: UUID | None) -> E:
    """Put an entry into a section, ahead of `before` or at the end. Neighbours change only when there is no room."""
    others: list[E] = [other for other in entries if other.section is section and other.id != entry.id]
    index: int = len(others) if before is None else _index(others, before)
    place = position.between(
        others[index - 1].position if index else None, others[index].position if index < len(others) else None
    )
    if place is None:
        line = others[:index]
        line.append(entry)
        line.extend(others[index:])
        places = position.spread(len(line))
        for other, spot in zip(line, places, strict=True):
            if other.id != entry.id:
                work.edit(other, replace(other, position=spot))
        place = places[index]
    moved = replace(entry, section=section, position=place)
    work.edit(entry, moved)
    return moved


@dataclass(frozen=True, slots=True)
class Spot:
    """Ahead of which entry something goes; None: at the end."""

    before: UUID | None


def neighbour(line: Sequence[UUID], entry: UUID, by: int) -> Spot | None:
    """Where one step up (−1) or down (1) puts the entry; None when it stands at that end already."""
    index = line.index(entry)
    if not 0 <= index + by < len(line):
        return None
    after = index + by if by < 0 else index + by + 1
    return Spot(line[after] if after < len(line) else None)


def _index(others: Sequence[E], before: UUID) -> int:
    for index, other in enumerate(others):
        if other.id == before:
            return index
    raise NotFound("The entry it was dropped on is gone. Try again.")
