"""The fields of records and what stands in them, in a person's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from quartermaster.domain import rate
from quartermaster.domain.money import Money
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth

NAMES = {
    "planned": "planned",
    "amount": "amount",
    "name": "name",
    "notes": "notes",
    "section": "section",
    "payee": "payee",
    "description": "description",
    "day": "date",
    "entry_id": "entry",
    "lifecycle": "state",
    "debt_target": "debt target",
    "deleted": "deletion",
    "goal": "goal",
    "goal_date": "date of the goal",
    "opening_balance": "opening balance",
    "debt_balance": "balance owed",
    "apr_basis_points": "rate",
    "position": "place in its section",
    "currency": "currency",
}
MONEY = frozenset({"planned", "amount", "goal", "opening_balance", "debt_balance"})
POINTERS = frozenset({"entry_id", "debt_target"})
NOTHING = "nothing"


def field_name(field: str) -> str:
    """What people call a field; a newer program's by its own name."""
    return NAMES.get(field, field.replace("_", " "))


def shown(field: str, wire: Any, money: Money, names: Mapping[str, str], *, most: int | None = None) -> str:
    """What stands in a field, of the form in which it travels. `names` has those of the records that it may name.

    Text of more than `most` characters is cut short.
    """
    if wire in (None, ""):
        return "none" if field in POINTERS else NOTHING
    if field in POINTERS:
        return names.get(str(wire)) or "an entry that is gone"
    if field in MONEY and isinstance(wire, int):
        return money.format(wire)
    if field == "apr_basis_points" and isinstance(wire, int):
        return f"{rate.format(wire, money.decimal_sign)} %"
    say = _SHOWN.get(field)
    return say(wire) if say else f"“{cut(str(wire), most)}”"


def day_shown(wire: Any) -> str:
    """`12 May 2026`, of `2026-05-12`."""
    day = date.fromisoformat(str(wire))
    return f"{day.day} {YearMonth.of(day).short_title} {day.year}"


def cut(text: str, most: int | None) -> str:
    """The text in one line, no longer than that."""
    if most is None or len(text) <= most:
        return text
    return f"{' '.join(text.split())[: most - 1].rstrip()}…"


def _state(wire: Any) -> str:
    return str(wire[0]) if isinstance(wire, list) and wire else str(wire)


def _section(wire: Any) -> str:
    return Section(wire).title if wire in set(Section) else str(wire)


_SHOWN: dict[str, Callable[[Any], str]] = {
    "lifecycle": _state,
    "section": _section,
    "day": day_shown,
    "goal_date": day_shown,
    "position": str,
    "deleted": lambda wire: "deleted" if wire else "not deleted",
}
