"""Amounts: exact minor units, read and written the way the household's locale does."""

from __future__ import annotations

from dataclasses import dataclass

from quartermaster.domain.errors import Refused
from quartermaster.domain.typed_sum import NotASum, TypedSum

MOST_UNITS = 9_999_999_999
MOST_CENTS = 10**14
"""Above MOST_UNITS of a currency with four decimals; sums of so many stay far inside 64 bits."""
_MINUS = "\N{MINUS SIGN}"
_SHOWN = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """How this household writes money: ISO 4217 code, its decimals, and the locale's signs.

    `currency_sign` (`$`, `€`, `kr.`) is tolerated around what is typed, as the code is; it is never written.
    """

    currency: str = "USD"
    decimals: int = 2
    decimal_sign: str = "."
    group_sign: str = ","
    currency_sign: str = ""

    def format(self, cents: int, *, signed: bool = False) -> str:
        """`1,234.50`; a true minus sign for negatives, a plus for positives when `signed`."""
        units, rest = divmod(abs(cents), 10**self.decimals)
        text = f"{units:,}".replace(",", self.group_sign)
        if self.decimals:
            text += f"{self.decimal_sign}{rest:0{self.decimals}d}"
        if cents < 0:
            return _MINUS + text
        return f"+{text}" if signed and cents > 0 else text

    def read(self, typed: str, *, field: str = "amount") -> int:
        """Minor units of what was typed: a number or a small sum. Refuses with what was expected."""
        if not typed.strip():
            raise Refused(f"An amount is needed here. {self.expected}", field=field)
        signs = (self.currency_sign, self.currency)
        try:
            value = TypedSum(typed, self.decimal_sign, self.group_sign, self.decimals, signs).value()
        except NotASum as wrong:
            raise Refused(f"{_quoted(typed)} {wrong} {self.expected}", field=field) from None
        return self._minor_units(value.numerator, value.denominator, typed, field)

    @property
    def expected(self) -> str:
        """What may be typed, with this household's signs."""
        sample, price = self.format(123450 * 10**self.decimals // 100), self.format(1250 * 10**self.decimals // 100)
        return f"Type an amount like {sample} or a sum like {price}+3*4."

    def _minor_units(self, numerator: int, denominator: int, typed: str, field: str) -> int:
        scale: int = 10**self.decimals
        cents, rest = divmod(numerator * scale, denominator)
        if abs(numerator) > MOST_UNITS * denominator:
            most = self.format(MOST_UNITS * scale)
            raise Refused(f"{_quoted(typed)} is too much. The largest amount is {most} either way.", field=field)
        if rest:
            raise Refused(
                f"{_quoted(typed)} does not come out exactly: {self._precision}. {self.expected}", field=field
            )
        return cents

    @property
    def _precision(self) -> str:
        if self.decimals == 0:
            return f"{self.currency} has no decimals"
        return f"{self.currency} has {self.decimals} decimals"


def _quoted(typed: str) -> str:
    # Marks that cannot be seen, and lone surrogates, would garble the sentence or its way to the screen.
    visible = " ".join("".join(c if c.isprintable() else " " for c in typed[: _SHOWN * 2]).split())
    if not visible:
        return "That"
    return f"“{visible}”" if len(visible) <= _SHOWN else f"“{visible[:_SHOWN]}…”"
