"""Amounts: exact minor units, read and written the way the household's locale does."""

from __future__ import annotations

from dataclasses import dataclass

MOST_UNITS = 9_999_999_999


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """How this household writes money: ISO 4217 code, its decimals, and the locale's signs."""

    currency: str = "USD"
    decimals: int = 2
    decimal_sign: str = "."
    group_sign: str = ","

    def format(self, cents: int, *, signed: bool = False) -> str:
        """`1,234.50`; a true minus sign for negatives, a plus for positives when `signed`."""
        raise NotImplementedError

    def read(self, typed: str, *, field: str = "amount") -> int:
        """Minor units of what was typed: a number or a small sum. Refuses with what was expected."""
        raise NotImplementedError
