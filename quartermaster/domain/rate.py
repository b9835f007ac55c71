"""Rates of interest a year: percent where people read and type them, whole basis points (1 = 0.01 %) elsewhere."""

from __future__ import annotations

import re

from quartermaster.domain.errors import Refused

MOST_POINTS = 100_000
FIELD = "apr_basis_points"
_PERCENT = re.compile(r"(?P<whole>[0-9]+)(?:[.,](?P<part>[0-9]{0,2}))?", re.ASCII)


def read(typed: str) -> int | None:
    """Basis points of what was typed: percent with up to two decimals after a point or a comma. Blank means none."""
    cleaned = typed.strip().removesuffix("%").strip()
    if not cleaned:
        return None
    match = _PERCENT.fullmatch(cleaned)
    if match is None:
        raise Refused("Type a rate like 19.9, in percent a year.", field=FIELD)
    # As text first: thousands of digits are no number that Python would read.
    digits = (match["whole"] + (match["part"] or "").ljust(2, "0")).lstrip("0")
    return checked(int(digits or "0") if len(digits) <= len(str(MOST_POINTS)) else MOST_POINTS + 1)


def checked(points: int | None) -> int | None:
    """A rate in basis points. Refuses one below zero and one above 1,000 percent."""
    if points is not None and not 0 <= points <= MOST_POINTS:
        raise Refused("A rate is from 0 to 1,000 percent. Type one like 19.9.", field=FIELD)
    return points


def format(points: int, decimal_sign: str = ".") -> str:  # noqa: A001  # `rate.format`, as `money.format`
    """`19.9`: percent, without zeros at the end."""
    whole, part = divmod(points, 100)
    return f"{whole}{decimal_sign}{part:02d}".rstrip("0").removesuffix(decimal_sign)
