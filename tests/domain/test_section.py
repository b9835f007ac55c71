"""Sections and the groups that show them."""

from __future__ import annotations

from quartermaster.domain.section import Group, Section


def test_every_section_is_shown_in_exactly_one_group() -> None:
    assert [section for group in Group for section in group.sections] == list(Section)


def test_the_groups_are_the_households_four() -> None:
    assert {group.title: [section.value for section in group.sections] for group in Group} == {
        "Income": ["income"],
        "Committed": ["fixed_bill", "debt_minimum"],
        "Savings": ["sinking_fund"],
        "Flexible": ["food", "subscription", "other"],
    }


def test_income_and_flexible_start_open() -> None:
    assert [group for group in Group if group.starts_open] == [Group.INCOME, Group.FLEXIBLE]


def test_each_section_has_a_title_of_its_own() -> None:
    assert len({section.title for section in Section}) == len(Section)
