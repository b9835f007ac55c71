"""What a month shows: its lines, sums and zero amounts, and the list of all months."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from quartermaster.domain.deviation import Deviation, deviation
from quartermaster.domain.month import Month, MonthEntry, MonthState
from quartermaster.domain.section import Group, Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.domain.zero_amount import zero_amount
from quartermaster.services.months import find_month
from quartermaster.storage.reads import Applied, SectionTotal
from quartermaster.storage.work import Work


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One entry with what was applied to it, in minor units."""

    entry: MonthEntry
    applied: int
    postings: int
    is_target: bool
    is_stranded: bool = False
    """It was deleted on one device while another added a posting: somebody must decide."""

    @property
    def left(self) -> int:
        return self.entry.planned - self.applied

    @property
    def deviation(self) -> Deviation:
        return deviation(self.entry)


@dataclass(frozen=True, slots=True)
class MonthSection:
    section: Section
    lines: tuple[MonthLine, ...]
    planned: int
    applied: int

    @property
    def left(self) -> int:
        return self.planned - self.applied


@dataclass(frozen=True, slots=True)
class MonthGroup:
    group: Group
    sections: tuple[MonthSection, ...]
    planned: int
    applied: int

    @property
    def left(self) -> int:
        return self.planned - self.applied


@dataclass(frozen=True, slots=True)
class MonthView:
    """A whole month, summed. All groups and sections are present, the empty ones too."""

    month: Month
    groups: tuple[MonthGroup, ...]
    planned_zero: int
    applied_zero: int

    @property
    def income_planned(self) -> int:
        return self.groups[0].planned

    @property
    def income_applied(self) -> int:
        return self.groups[0].applied

    @property
    def spent(self) -> int:
        """Applied to everything but income."""
        return sum(group.applied for group in self.groups[1:])

    @property
    def is_open(self) -> bool:
        return self.month.state is not MonthState.CLOSED

    @property
    def lines(self) -> tuple[MonthLine, ...]:
        return tuple(line for group in self.groups for section in group.sections for line in section.lines)

    @property
    def debts(self) -> tuple[MonthEntry, ...]:
        return tuple(line.entry for line in self.lines if line.entry.section is Section.DEBT_MINIMUM)

    @property
    def debt_target(self) -> MonthEntry | None:
        return next((line.entry for line in self.lines if line.is_target), None)


@dataclass(frozen=True, slots=True)
class MonthSummary:
    """One month in the list of all months; sums in minor units."""

    year_month: YearMonth
    state: MonthState
    closed_ms: int | None
    planned_zero: int
    applied_zero: int
    income_applied: int
    spent: int
    postings: int


def month_view(work: Work, year_month: YearMonth) -> MonthView | None:
    """The month as it stands; None when it was not started."""
    month = find_month(work, year_month)
    if month is None:
        return None
    applied = work.applied(month.id)
    nothing = Applied()
    lines = []
    for entry, is_stranded in work.month_entries_marked(month.id):
        sums = applied.get(entry.id, nothing)
        # A merge can leave the pointer at what is no debt any more; that is no target.
        is_target = entry.id == month.debt_target and entry.section is Section.DEBT_MINIMUM
        lines.append(MonthLine(entry, sums.cents, sums.postings, is_target, is_stranded))
    return MonthView(
        month=month,
        groups=tuple(_group(group, lines) for group in Group),
        planned_zero=zero_amount((line.entry.section, line.entry.planned) for line in lines),
        applied_zero=zero_amount((line.entry.section, line.applied) for line in lines),
    )


def month_list(work: Work) -> tuple[MonthSummary, ...]:
    """All months that were started, oldest first."""
    totals: dict[UUID, list[SectionTotal]] = defaultdict(list)
    for total in work.section_totals():
        totals[total.month_id].append(total)
    return tuple(_summary(month, totals[month.id]) for month in work.months())


def _summary(month: Month, totals: Sequence[SectionTotal]) -> MonthSummary:
    return MonthSummary(
        year_month=month.year_month,
        state=month.state,
        closed_ms=month.lifecycle.closed_ms,
        planned_zero=zero_amount((total.section, total.planned) for total in totals),
        applied_zero=zero_amount((total.section, total.applied) for total in totals),
        income_applied=sum(total.applied for total in totals if total.section is Section.INCOME),
        spent=sum(total.applied for total in totals if total.section is not Section.INCOME),
        postings=sum(total.postings for total in totals),
    )


def _group(group: Group, lines: Sequence[MonthLine]) -> MonthGroup:
    sections = []
    for section in group.sections:
        held = tuple(line for line in lines if line.entry.section is section)
        planned = sum(line.entry.planned for line in held)
        sections.append(MonthSection(section, held, planned, sum(line.applied for line in held)))
    return MonthGroup(
        group,
        tuple(sections),
        sum(section.planned for section in sections),
        sum(section.applied for section in sections),
    )
