"""Money that moved: a date and an amount on one month entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from quartermaster.domain import text
from quartermaster.domain.errors import OutsideMonth, Refused
from quartermaster.domain.year_month import YearMonth


@dataclass(frozen=True, kw_only=True, slots=True)
class Posting:
    """One posting. `amount` in minor units, never 0; negative is a refund."""

    id: UUID
    entry_id: UUID
    day: date
    amount: int
    payee: str | None = None
    description: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PostingDraft:
    """A posting as typed: amount and date are read, nothing is checked against rules yet.

    `id` is made before it is sent, so that a replayed Enter adds nothing twice.
    """

    id: UUID
    entry_id: UUID
    day: date
    amount: int
    payee: str | None = None
    description: str | None = None


def accepted(draft: PostingDraft, year_month: YearMonth, other_open: YearMonth | None = None) -> Posting:
    """The posting, cleaned. Refuses a date outside the month, an amount of 0 and texts that are too long.

    `other_open` is the month the date belongs to, when that one is open: the refusal offers it.
    """
    if draft.day not in year_month:
        raise OutsideMonth(draft.day, year_month, other_open)
    if draft.amount == 0:
        raise Refused("The amount is 0, so nothing moved. Type what was paid or received.", field="amount")
    return Posting(
        id=draft.id,
        entry_id=draft.entry_id,
        day=draft.day,
        amount=draft.amount,
        payee=text.payee(draft.payee),
        description=text.description(draft.description),
    )
