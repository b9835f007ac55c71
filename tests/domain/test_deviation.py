"""How a month entry differs from its origin."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from quartermaster.domain.deviation import Deviation, deviation
from quartermaster.domain.month import MonthEntry, copied
from quartermaster.domain.plan import PlanEntry
from quartermaster.domain.section import Section

COPY = copied(PlanEntry(id=UUID(int=1), section=Section.FOOD, name="Groceries", planned=50_000), UUID(int=2))


@given(st.sampled_from(["Groceries", "Food"]), st.sampled_from([50_000, 0, 50_001]))
def test_a_copy_is_edited_exactly_while_its_name_or_plan_differs_from_the_origin(name: str, planned: int) -> None:
    same = (name, planned) == ("Groceries", 50_000)
    found = deviation(replace(COPY, name=name, planned=planned))
    assert found is (Deviation.UNCHANGED if same else Deviation.EDITED)


def test_editing_back_makes_an_entry_unchanged_again() -> None:
    assert deviation(replace(replace(COPY, planned=1), planned=50_000)) is Deviation.UNCHANGED


def test_notes_place_and_section_never_matter() -> None:
    assert deviation(replace(COPY, notes="x", position=9, section=Section.OTHER)) is Deviation.UNCHANGED


def test_an_entry_without_origin_is_new_in_its_month_whatever_is_edited() -> None:
    added = MonthEntry(id=UUID(int=3), month_id=UUID(int=2), section=Section.FOOD, name="Picnic", planned=100)
    assert {deviation(added), deviation(replace(added, name="Feast", planned=1))} == {Deviation.NEW_IN_MONTH}
