"""By what the ledger of all postings is narrowed, as it is typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from quartermaster.domain.errors import Refused
from quartermaster.domain.money import Money
from quartermaster.domain.year_month import YearMonth

FILTER = "ledger"
"""Under which key what was typed into the filter is kept."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the filter asks for."""

    text: str = ""
    cents: int | None = None
    year_month: YearMonth | None = None
    entry_name: str | None = None


def read_filter(money: Money, fields: Mapping[str, str]) -> Wanted:
    """The filter's fields; what names no month or entry asks for all."""
    text = fields.get("text", "").strip()
    try:
        year_month = YearMonth.parse(fields.get("month", ""))
    except Refused:
        year_month = None
    return Wanted(text, amount_in(money, text), year_month, fields.get("entry") or None)


def amount_in(money: Money, text: str) -> int | None:
    """The amount that a text is, where it is one."""
    try:
        return money.read(text)
    except Refused:
        return None
