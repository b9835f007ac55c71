"""A number or a small sum as people type it: `1,234.50`, `12.50+3*4`, `(80 − 20) ÷ 4`. Exact, and never slow."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

_MOST_TYPED = 100
_MOST_NESTED = 12
_OPERATORS = {"×": "*", "⋅": "*", "·": "*", "÷": "/", "∕": "/", "−": "-", "–": "-", "﹣": "-"}
_APOSTROPHES = "’ʼ‘"


class NotASum(Exception):
    """What was typed cannot be read; the text goes on after the quoted amount."""


class TypedSum:
    """What was typed, split into numbers and operators of one locale; `value` works it out.

    sum     = [+ or -] product, then + or - product …
    product = operand, then * or / operand …
    operand = number, or a sum in parentheses
    """

    def __init__(self, typed: str, decimal_sign: str, group_sign: str, decimals: int, signs: tuple[str, ...]) -> None:
        if len(typed) > _MOST_TYPED:
            raise NotASum(f"is too long for an amount: at most {_MOST_TYPED} characters.")
        text = _without_currency(_plain(typed), [_plain(sign) for sign in signs])
        self._decimal, self._group, self._decimals = _plain(decimal_sign), _plain(group_sign), decimals
        self._tokens = self._split(text)
        self._next = 0

    def value(self) -> Fraction:
        """The sum, exactly. Raises NotASum."""
        result = self._sum(nested=0)
        if self._peek():
            raise NotASum("is not an amount.")
        return result

    def _split(self, text: str) -> list[str]:
        decimal, group = re.escape(self._decimal), re.escape(self._group)
        number = rf"[0-9{decimal}](?:[0-9{decimal}{group} ]*[0-9{decimal}])?"
        tokens = re.findall(rf"{number}|[-+*/()]|[^ ]", text)
        # A product may pass through finer parts (100*1.075); a plain number may not, or 12.500 would be read as 12.50.
        finest = None if {"*", "/"} & set(tokens) else self._decimals
        threes = rf"[0-9]{{1,3}}(?P<sign>{group}| )[0-9]{{3}}(?:(?P=sign)[0-9]{{3}})*"
        twos = rf"[0-9]{{1,2}}(?:{group}[0-9]{{2}})+{group}[0-9]{{3}}"
        whole = rf"[0-9]+|{threes}|{twos}"
        self._number = re.compile(rf"(?P<whole>{whole})?(?:{decimal}(?P<part>[0-9]*))?")
        self._finest = finest
        return tokens

    def _peek(self) -> str:
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._next += 1
        return token

    def _sum(self, nested: int) -> Fraction:
        sign = self._take() if self._peek() in ("+", "-") else "+"
        total = self._product(nested)
        total = -total if sign == "-" else total
        while self._peek() in ("+", "-"):
            total = total + self._product(nested) if self._take() == "+" else total - self._product(nested)
        return total

    def _product(self, nested: int) -> Fraction:
        result = self._operand(nested)
        while self._peek() in ("*", "/"):
            if self._take() == "*":
                result *= self._operand(nested)
                continue
            divisor = self._operand(nested)
            if divisor == 0:
                raise NotASum("divides by zero.")
            result /= divisor
        return result

    def _operand(self, nested: int) -> Fraction:
        taken = self._take()
        if taken != "(":
            return self._read(taken)
        if nested == _MOST_NESTED:
            raise NotASum("has too many parentheses.")
        inside = self._sum(nested + 1)
        if self._take() != ")":
            raise NotASum("lacks a closing parenthesis.")
        return inside

    def _read(self, token: str) -> Fraction:
        match = self._number.fullmatch(token)
        if match is None or not (match["whole"] or match["part"]):
            raise NotASum(self._complaint(token))
        whole, part = re.sub("[^0-9]", "", match["whole"] or ""), match["part"] or ""
        if self._finest is not None and len(part) > self._finest:
            raise NotASum(f"has too many decimals: at most {self._finest}." if self._finest else "has decimals.")
        return Fraction(int((whole + part) or "0"), 10 ** len(part))

    def _complaint(self, token: str) -> str:
        if not any(c.isdigit() for c in token):
            return "is not an amount."
        if not any(c in "0123456789" for c in token):
            return "is not written with the digits 0 to 9."
        decimal, group = _shown(self._decimal), _shown(self._group)
        return f"cannot be read: {decimal} starts the decimals and {group} stands before each three digits."


def _plain(typed: str) -> str:
    """One sign for each meaning: all spaces alike, all apostrophes, all minuses; invisible marks dropped."""
    return "".join(_plain_sign(c) for c in typed).strip() if len(typed) > 1 else _plain_sign(typed)


def _plain_sign(sign: str) -> str:
    if sign in _OPERATORS:
        return _OPERATORS[sign]
    if sign in _APOSTROPHES:
        return "'"
    if sign.isspace():
        return " "
    return "" if sign and unicodedata.category(sign) == "Cf" else sign


def _without_currency(text: str, signs: list[str]) -> str:
    sign = text[:1] if text[:1] in ("+", "-") else ""
    rest = text[len(sign) :].strip()
    for currency in filter(None, signs):
        if rest.upper().startswith(currency.upper()):
            return sign + rest[len(currency) :].strip()
        if rest.upper().endswith(currency.upper()):
            return sign + rest[: -len(currency)].strip()
    return text


def _shown(sign: str) -> str:
    return "a space" if sign == " " else f"“{sign}”"
