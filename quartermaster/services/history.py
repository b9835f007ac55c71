"""Who changed what, when, in which action: read from the change log alone, where nothing that was typed ever goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from quartermaster.domain.year_month import YearMonth
from quartermaster.services.months import find_month
from quartermaster.services.telling import Did, Step, Telling
from quartermaster.storage.change import INSERT
from quartermaster.storage.changelog import CLOCK_SHIFT
from quartermaster.storage.devices import devices
from quartermaster.storage.history import LATEST, About, Action, actions, one_action
from quartermaster.storage.work import Work

PAGE = 30
"""Deeds on one page of the history."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What one device did at once. `steps` are the first of them, `counts` and `total` count all.

    `can_take_back`: it is this device's own, and something of it still stands in a month that is open.
    """

    device: UUID
    device_name: str | None
    is_own: bool
    number: int
    stamp: int
    steps: tuple[Step, ...]
    counts: Mapping[tuple[str, Did], int]
    total: int
    can_take_back: bool

    @property
    def at_ms(self) -> int:
        """When, by that device's clock."""
        return self.stamp >> CLOCK_SHIFT


@dataclass(frozen=True, slots=True)
class History:
    """One page, newest first. `older` is what the next page begins before; None where there is none."""

    deeds: tuple[Deed, ...]
    older: int | None


def history(
    work: Work,
    about: About = About.ALL,
    which: UUID | None = None,
    *,
    by: UUID | None = None,
    before: int = LATEST,
    most: int = PAGE,
) -> History:
    """What was done to one month, entry or other record, or to all; by one device where `by` is given.

    As far as the log goes back, in pages: the next one begins before the last one's `older`.
    """
    found = actions(work.connection, about, which, by=by, before=before, most=most + 1)
    shown = found[:most]
    return History(tuple(_told(work, shown)), shown[-1].stamp if len(found) > most else None)


def deed(work: Work, number: int) -> Deed | None:
    """One action of this device; None where the log does not hold it."""
    found = one_action(work.connection, work.device, number)
    return next(iter(_told(work, [found])), None) if found else None


def month_history(
    work: Work, year_month: YearMonth, *, by: UUID | None = None, before: int = LATEST, most: int = PAGE
) -> History:
    """The same of one month with all that stands in it; of one that was never started there is nothing."""
    month = find_month(work, year_month)
    return history(work, About.MONTH, month.id, by=by, before=before, most=most) if month else History((), None)


def _told(work: Work, found: Sequence[Action]) -> Iterable[Deed]:
    telling = Telling(work, [change for action in found for change in action.changes])
    called, me = {one.id: one.name for one in devices(work.connection)}, work.device
    for action in found:
        is_own = action.device == me
        yield Deed(
            device=action.device,
            device_name=called.get(action.device),
            is_own=is_own,
            number=action.number,
            stamp=action.stamp,
            steps=tuple(telling.step(change) for change in action.changes),
            counts=_counted(action),
            total=action.total,
            can_take_back=is_own and telling.can_take_back(action.changes),
        )


def _counted(action: Action) -> dict[tuple[str, Did], int]:
    found: dict[tuple[str, Did], int] = {}
    for count in action.counts:
        if count.deleted is not None:
            did = Did.DELETED if count.deleted else Did.BROUGHT_BACK
        else:
            did = Did.ADDED if count.op == INSERT else Did.EDITED
        found[count.kind, did] = found.get((count.kind, did), 0) + count.number
    return found
