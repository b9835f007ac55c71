"""What the plan accepts."""

from __future__ import annotations

import pytest

from quartermaster.domain.errors import Refused
from quartermaster.domain.plan import checked_balance, checked_goal, checked_planned, require_debt
from quartermaster.domain.section import Section


@pytest.mark.parametrize("planned", [0, 1, 10**12])
def test_a_planned_amount_is_zero_or_more(planned: int) -> None:
    assert checked_planned(planned) == planned


def test_a_planned_amount_below_zero_is_refused_at_its_field() -> None:
    with pytest.raises(Refused, match="without a minus") as refused:
        checked_planned(-1)
    assert refused.value.field == "planned"


@pytest.mark.parametrize("goal", [0, -1])
def test_a_goal_is_more_than_zero_or_none(goal: int) -> None:
    assert (checked_goal(None), checked_goal(1)) == (None, 1)
    with pytest.raises(Refused, match="more than zero") as refused:
        checked_goal(goal)
    assert refused.value.field == "goal"


@pytest.mark.parametrize("field", ["opening_balance", "debt_balance"])
def test_a_balance_is_zero_or_more_or_none(field: str) -> None:
    assert [checked_balance(balance, field) for balance in (None, 0, 1)] == [None, 0, 1]
    with pytest.raises(Refused, match="zero or more") as refused:
        checked_balance(-1, field)
    assert refused.value.field == field


@pytest.mark.parametrize("section", [section for section in Section if section is not Section.DEBT_MINIMUM])
def test_the_debt_target_is_a_debt_and_nothing_else(section: Section) -> None:
    require_debt(Section.DEBT_MINIMUM)
    with pytest.raises(Refused, match="Choose a debt"):
        require_debt(section)
