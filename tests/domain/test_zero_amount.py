"""Income minus everything else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quartermaster.domain.section import Section
from quartermaster.domain.zero_amount import Tone, tone, zero_amount

amounts = st.lists(st.tuples(st.sampled_from(Section), st.integers(-(10**12), 10**12)))


@given(amounts)
def test_the_zero_amount_is_income_minus_all_the_rest(given: list[tuple[Section, int]]) -> None:
    income = sum(cents for section, cents in given if section is Section.INCOME)
    rest = sum(cents for section, cents in given if section is not Section.INCOME)
    assert zero_amount(given) == income - rest


@given(amounts)
def test_giving_every_unit_a_job_brings_it_to_exactly_zero(given: list[tuple[Section, int]]) -> None:
    assert zero_amount([*given, (Section.OTHER, zero_amount(given))]) == 0


@given(st.integers())
def test_the_tone_follows_the_sign(zero_cents: int) -> None:
    expected = Tone.ZERO if zero_cents == 0 else Tone.UNASSIGNED if zero_cents > 0 else Tone.OVER
    assert tone(zero_cents) is expected


def test_nothing_planned_stands_at_zero() -> None:
    assert zero_amount([]) == 0
