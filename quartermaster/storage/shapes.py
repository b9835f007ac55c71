"""What the fields that travel look like: a table of every kind and field that this version knows.

What a device writes and what arrives from others is checked against the same table: a change that one device accepts
from a person must never be one that the others refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from quartermaster.domain import position, rate, text
from quartermaster.domain.currency import CODES
from quartermaster.domain.errors import Refused
from quartermaster.domain.lifecycle import EARLIEST_MS, LATEST_MS
from quartermaster.domain.money import MOST_CENTS
from quartermaster.domain.month import MonthState
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.storage.change import INSERT

MOST_WHOLE = (1 << 63) - 1
_IDENTITY = re.compile(r"[0-9a-f]{32}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Misshapen(Exception):
    """A value is not what its place holds. Says where and what was expected, never what came."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.place, self.expected = "", expected

    def inside(self, place: str) -> Misshapen:
        """The same, seen from one level further out."""
        self.place = place + self.place
        return self

    def __str__(self) -> str:
        return f"{self.place.removeprefix('.')} {self.expected}"


class Beyond(Misshapen):
    """A value is of the right form, and not one that this version takes: a later one may."""


Check = Callable[[Any], None]
_WORD, _CODE = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII), re.compile(r"[A-Z]{3}", re.ASCII)
_SECTIONS, _STATES = frozenset(Section), frozenset(MonthState)


def whole(value: Any, least: int = -MOST_WHOLE, most: int = MOST_WHOLE) -> int:
    """A whole number in a range; True and False are none."""
    if type(value) is not int or not least <= value <= most:
        is_whole = type(value) is int and abs(value) <= MOST_WHOLE
        raise (Beyond if is_whole else Misshapen)(f"must be a whole number from {least} to {most}")
    return value


def short_text(value: Any, most: int, least: int = 0) -> str:
    """A text of so many characters that can be written in UTF-8."""
    if type(value) is not str:
        raise Misshapen(f"must be a text of {least} to {most} characters")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Misshapen("must be text that UTF-8 can hold") from None
    if not least <= len(value) <= most:
        raise Beyond(f"must be a text of {least} to {most} characters")
    return value


def identity(value: Any) -> str:
    """An id: 32 lower-case hexadecimal digits."""
    if type(value) is not str or not _IDENTITY.fullmatch(value):
        raise Misshapen("must be an id of 32 lower-case hexadecimal digits")
    return value


def _a_number(least: int, most: int) -> Check:
    return lambda value: void(whole(value, least, most))


def _a_text(most: int, least: int = 0) -> Check:
    return lambda value: void(short_text(value, most, least))


def _or_none(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def _an_id(value: Any) -> None:
    identity(value)


def _a_day(value: Any) -> None:
    if type(value) is not str or not _DAY.fullmatch(value):
        raise Misshapen("must be a day such as 2026-05-17")
    try:
        date.fromisoformat(value)
    except ValueError:
        raise Misshapen("must be a day of the calendar") from None


def _a_month(value: Any) -> None:
    try:
        YearMonth.parse(short_text(value, 7))
    except Refused:
        raise Misshapen("must be a month such as 2026-05") from None


def _a_section(value: Any) -> None:
    if type(value) is not str or value not in _SECTIONS:
        raise _one_of(_WORD, value)(f"must be one of {', '.join(Section)}")


def _a_currency(value: Any) -> None:
    if type(value) is not str or value not in CODES:
        raise _one_of(_CODE, value)("must be a currency code of ISO 4217")


def _a_lifecycle(value: Any) -> None:
    expected = f"must be [one of {', '.join(MonthState)}, milliseconds or null, milliseconds or null]"
    if type(value) is not list or len(value) != 3:
        raise Misshapen(expected)
    for moment in value[1:]:
        if moment is not None:
            whole(moment, EARLIEST_MS, LATEST_MS)
    if type(value[0]) is not str or value[0] not in _STATES:
        raise _one_of(_WORD, value[0])(expected)


def _one_of(form: re.Pattern[str], value: Any) -> type[Misshapen]:
    """What a value is that is none of those that are known."""
    return Beyond if type(value) is str and form.fullmatch(value) else Misshapen


def _a_flag(value: Any) -> None:
    if type(value) is not bool:
        raise Misshapen("must be true or false")


def _never(_: Any) -> None:
    raise Misshapen("must not be edited")


def void(_: object) -> None:
    """Checked, and not needed further."""


_NAME, _NOTES = _a_text(text.NAME_LENGTH), _or_none(_a_text(text.NOTES_LENGTH))
_CENTS, _PLACE = _a_number(-MOST_CENTS, MOST_CENTS), _a_number(-position.MOST, position.MOST)

FIELDS: Mapping[str, Mapping[str, Check]] = {
    "household": {"currency": _a_currency, "debt_target": _or_none(_an_id)},
    "plan_entry": {
        "section": _a_section,
        "name": _NAME,
        "planned": _CENTS,
        "notes": _NOTES,
        "position": _PLACE,
        "goal": _or_none(_CENTS),
        "goal_date": _or_none(_a_day),
        "opening_balance": _or_none(_CENTS),
        "debt_balance": _or_none(_CENTS),
        "apr_basis_points": _or_none(_a_number(0, rate.MOST_POINTS)),
    },
    "month": {"year_month": _a_month, "lifecycle": _a_lifecycle, "debt_target": _or_none(_an_id)},
    "month_entry": {
        "month_id": _an_id,
        "section": _a_section,
        "name": _NAME,
        "planned": _CENTS,
        "notes": _NOTES,
        "position": _PLACE,
        "origin_name": _or_none(_NAME),
        "origin_planned": _or_none(_CENTS),
        "source": _or_none(_an_id),
    },
    "posting": {
        "entry_id": _an_id,
        "day": _a_day,
        "amount": _CENTS,
        "payee": _or_none(_a_text(text.PAYEE_LENGTH)),
        "description": _or_none(_a_text(text.DESCRIPTION_LENGTH)),
    },
    "device_card": {"name": _or_none(_NAME), "forgotten": _or_none(_a_number(0, MOST_WHOLE))},
}
"""Every field of every kind that an insert must have; edits may also have `deleted`.

A field that a later version adds must not be demanded: inserts of older versions do not have it.
"""

DELETED: Check = _a_flag
FIXED: Mapping[str, frozenset[str]] = {"household": frozenset({"currency"})}
"""Fields that no edit sets: amounts would mean something else."""


def check_known(kind: str, op: str, fields: Mapping[str, Any]) -> None:
    """Refuse known fields that do not hold what they must. Raises Misshapen."""
    for wrong in faults(kind, op, fields).values():
        raise wrong


def faults(kind: str, op: str, fields: Mapping[str, Any]) -> dict[str, Misshapen]:
    """The known fields that do not hold what they must, and why."""
    known, fixed = FIELDS.get(kind, {}), FIXED.get(kind, frozenset()) if op != INSERT else frozenset()
    found = {}
    for name, value in fields.items():
        check = _never if name in fixed else known.get(name)
        if check is not None:
            try:
                check(value)
            except Misshapen as wrong:
                found[name] = wrong.inside(f".{name}")
    return found
