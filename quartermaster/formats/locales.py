"""What a locale says about money: the signs between digits, and what currencies are called."""

from __future__ import annotations

import os
from contextlib import suppress

from babel import Locale, UnknownLocaleError
from babel.core import get_global, parse_locale
from babel.numbers import (
    UnknownCurrencyError,
    get_currency_name,
    get_currency_symbol,
    get_decimal_symbol,
    get_group_symbol,
    get_territory_currencies,
)

from quartermaster.domain.currency import CODES, decimals_of
from quartermaster.domain.money import Money

NO_LOCALES = ("C", "POSIX")
"""What systems say where nobody chose one."""
FALLBACK_LOCALE = "en_US"
FALLBACK_CURRENCY = "USD"


def money_for(currency: str, locale: str) -> Money:
    """How amounts of the currency are read and written in the locale. ValueError says what is unknown."""
    code, where = known_currency(currency), known_locale(locale)
    # Latin digits everywhere: an amount typed on one device reads the same on the other.
    return Money(
        currency=code,
        decimals=decimals_of(code),
        decimal_sign=get_decimal_symbol(where, numbering_system="latn"),
        group_sign=get_group_symbol(where, numbering_system="latn"),
        currency_sign=_sign(code, where),
    )


def known_currency(code: str) -> str:
    """The ISO 4217 code in capitals. ValueError when there is none like it."""
    cleaned = code.strip().upper()
    if cleaned not in CODES:
        raise ValueError(f"“{code}” is not a currency. Use an ISO 4217 code such as USD, EUR or JPY.")
    return cleaned


def currencies(locale: str) -> list[tuple[str, str]]:
    """The codes of all money that is paid with somewhere today, each with its name in the locale; by name."""
    paid = {
        code
        for used in get_global("territory_currencies").values()
        for code, _, until, is_tender in used
        if until is None and is_tender and code in CODES
    }
    return sorted(((code, currency_name(code, locale)) for code in paid), key=lambda one: (one[1].casefold(), one[0]))


def currency_name(code: str, locale: str) -> str:
    """What a currency is called in the locale; its code where it has no name there."""
    return get_currency_name(code, locale=known_locale(locale))


def known_locale(name: str) -> Locale:
    """The locale. ValueError when there is none like it."""
    said = name.strip().partition(".")[0].replace("-", "_")
    with suppress(ValueError, TypeError, UnknownLocaleError):
        if said.upper() not in NO_LOCALES:  # newer versions of Babel take them for American English
            return Locale.parse(said)
    raise ValueError(f"“{name}” is not a locale. Use a language and country such as en_US or de_DE.")


def default_locale() -> str:
    """The locale of this person's environment, the first that is known of LC_ALL, LC_MONETARY and LANG; else en_US."""
    for name in ("LC_ALL", "LC_MONETARY", "LANG"):
        # Not Babel's own default_locale: it asks LC_CTYPE first, which Python sets to C in containers.
        said = os.environ.get(name, "").partition("@")[0]
        if said.partition(".")[0] in ("", *NO_LOCALES):
            continue
        try:
            return str(known_locale(said))
        except ValueError:
            continue
    return FALLBACK_LOCALE


def default_currency(locale: str) -> str:
    """What is paid with where the locale is spoken, else USD."""
    where = known_locale(locale)
    likely = get_global("likely_subtags").get(where.language, "")
    territory = where.territory or (parse_locale(likely)[1] if likely else None)
    current = get_territory_currencies(territory) if territory else []
    return next((code for code in current if code in CODES), FALLBACK_CURRENCY)


def _sign(code: str, where: Locale) -> str:
    try:
        return get_currency_symbol(code, where)
    except UnknownCurrencyError:
        return ""
