"""How the plan's sinking funds stand, over all months."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from quartermaster.domain.plan import PlanEntry
from quartermaster.domain.section import Section
from quartermaster.domain.sinking_fund import Fund, fund
from quartermaster.domain.year_month import YearMonth
from quartermaster.storage.funds import gathered
from quartermaster.storage.work import Work


def funds(work: Work, entries: Iterable[PlanEntry], this: YearMonth) -> Mapping[UUID, Fund]:
    """The funds among these plan entries, as they stand in this month."""
    applied = gathered(work.connection, this)
    return {
        entry.id: fund(entry, *applied.get(entry.id, (0, 0)))
        for entry in entries
        if entry.section is Section.SINKING_FUND
    }
