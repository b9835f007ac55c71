"""What a month copies from the plan, and why two devices copy the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from quartermaster.domain.month import copied, copied_entry_id, is_namesake, month_id
from quartermaster.domain.plan import PlanEntry
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth

HOUSEHOLD, OTHER_HOUSEHOLD = UUID(int=1), UUID(int=2)
MAY = YearMonth(2026, 5)
RENT = PlanEntry(
    id=UUID(int=3), section=Section.FIXED_BILL, name="Rent", planned=129_200, notes="Until summer", position=7,
    goal=5, goal_date=date(2026, 9, 1),
)  # fmt: skip


def test_devices_that_have_not_met_start_the_same_month_with_the_same_entries() -> None:
    assert month_id(HOUSEHOLD, MAY) == month_id(HOUSEHOLD, YearMonth.parse("2026-05"))
    assert copied(RENT, month_id(HOUSEHOLD, MAY)) == copied(RENT, month_id(HOUSEHOLD, MAY))


def test_other_months_and_other_households_have_ids_of_their_own() -> None:
    ids = {month_id(HOUSEHOLD, MAY), month_id(HOUSEHOLD, MAY.next), month_id(OTHER_HOUSEHOLD, MAY)}
    assert len(ids | {copied_entry_id(month, RENT.id) for month in ids}) == 6


def test_a_copy_takes_name_planned_notes_and_place_and_remembers_where_from() -> None:
    copy = copied(RENT, month_id(HOUSEHOLD, MAY))
    assert (copy.section, copy.name, copy.planned, copy.notes, copy.position) == (
        Section.FIXED_BILL, "Rent", 129_200, "Until summer", 7,
    )  # fmt: skip
    assert (copy.origin_name, copy.origin_planned, copy.source) == ("Rent", 129_200, RENT.id)
    assert copy.month_id == month_id(HOUSEHOLD, MAY)


def test_namesakes_share_their_section_and_their_name_whatever_its_capitals() -> None:
    rent = copied(RENT, month_id(HOUSEHOLD, MAY))
    assert is_namesake(rent, replace(rent, id=UUID(int=4), name="RENT", planned=1))
    assert not is_namesake(rent, replace(rent, section=Section.OTHER))
    assert not is_namesake(rent, replace(rent, name="Rental"))
