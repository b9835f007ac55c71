"""Income − everything else: exactly zero when every unit has a job."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from quartermaster.domain.section import Section


class Tone(StrEnum):
    """What a zero amount means."""

    ZERO = "zero"
    UNASSIGNED = "unassigned"
    OVER = "over"


def zero_amount(amounts: Iterable[tuple[Section, int]]) -> int:
    """Income minus all other sections, in minor units."""
    return sum(amount if section is Section.INCOME else -amount for section, amount in amounts)


def tone(zero_cents: int) -> Tone:
    """Zero: every unit has a job. Positive: income unassigned. Negative: over budget."""
    if zero_cents == 0:
        return Tone.ZERO
    return Tone.UNASSIGNED if zero_cents > 0 else Tone.OVER
