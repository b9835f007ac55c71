"""Which signs a locale puts between digits."""

from __future__ import annotations

import pytest
from babel import localedata
from hypothesis import given
from hypothesis import strategies as st

from quartermaster.domain.currency import CODES
from quartermaster.domain.money import MOST_UNITS
from quartermaster.formats import locales

CURRENCIES = ("USD", "EUR", "JPY", "KWD", "CHF", "INR", "CLP", "TND", "DKK", "BRL", "SEK")


@given(
    st.sampled_from(CURRENCIES),
    st.sampled_from(sorted(localedata.locale_identifiers())),
    st.integers(-MOST_UNITS, MOST_UNITS),
    st.booleans(),
)
def test_every_locale_reads_what_it_writes(currency: str, locale: str, cents: int, signed: bool) -> None:
    money = locales.money_for(currency, locale)
    assert money.read(money.format(cents, signed=signed)) == cents
    assert money.read(f"{money.format(cents)} {money.currency_sign}") == cents


@pytest.mark.parametrize(
    ("currency", "locale", "written"),
    [
        ("USD", "en_US", "1,234.50"),
        ("EUR", "de_DE", "1.234,50"),
        ("EUR", "fr_FR", "1\u202f234,50"),
        ("SEK", "sv_SE", "1\u00a0234,50"),
        ("EGP", "ar_EG", "1,234.50"),
    ],
)
def test_amounts_are_written_as_the_locale_does_with_the_digits_0_to_9(
    currency: str, locale: str, written: str
) -> None:
    assert locales.money_for(currency, locale).format(123450) == written


@pytest.mark.parametrize("typed", ["1'234.50", "1’234.50"])
def test_an_apostrophe_is_read_whichever_of_both_the_locale_writes(typed: str) -> None:
    money = locales.money_for("CHF", "de_CH")
    assert money.read(typed) == 123450
    assert money.format(123450) in ("1'234.50", "1’234.50")


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [("JPY", 0), ("USD", 2), ("KWD", 3), ("CLF", 4), ("COP", 2), ("HUF", 2), ("IDR", 2), ("RSD", 2), ("ITL", 0)],
)
def test_a_currency_keeps_the_decimals_of_the_standard_whatever_a_locale_rounds_to(
    currency: str, decimals: int
) -> None:
    assert locales.money_for(currency, "en_US").decimals == decimals


def test_amounts_can_be_written_in_every_currency_that_a_household_can_keep() -> None:
    for code in CODES:
        money = locales.money_for(code, "de_DE")
        assert money.read(money.format(123_456_789)) == 123_456_789
        assert locales.currency_name(code, "de_DE")


def test_what_is_offered_and_what_stands_in_can_be_kept() -> None:
    assert {code for code, _ in locales.currencies("en_US")} <= CODES
    where = (locale for locale in localedata.locale_identifiers() if locale != "root")
    assert {locales.default_currency(locale) for locale in where} <= CODES


def test_currencies_and_locales_are_known_in_the_shapes_people_type_them() -> None:
    assert locales.money_for(" eur ", "de-DE") == locales.money_for("EUR", "de_DE.UTF-8")


@pytest.mark.parametrize("code", ["", "XXQ", "dollar", "$", "US", "USDX", "\x00"])
def test_an_unknown_currency_is_refused_with_an_example(code: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217 code such as USD"):
        locales.known_currency(code)


@pytest.mark.parametrize(
    "name", ["", "zz_ZZ", "english", "C", "posix", "C.UTF-8", "../../etc/passwd", "_", "de_DE_x_y_z_w"]
)
def test_an_unknown_locale_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(ValueError, match="such as en_US or de_DE"):
        locales.known_locale(name)


@pytest.mark.parametrize(
    ("environment", "locale"),
    [
        ({"LANG": "de_DE.UTF-8"}, "de_DE"),
        ({"LANG": "C.UTF-8"}, "en_US"),
        ({"LANG": "POSIX"}, "en_US"),
        ({}, "en_US"),
        ({"LC_ALL": "fr_FR.UTF-8", "LANG": "de_DE.UTF-8"}, "fr_FR"),
        ({"LC_MONETARY": "sv_SE", "LANG": "en_GB.UTF-8"}, "sv_SE"),
        ({"LANG": "nonsense", "LC_CTYPE": "C.UTF-8"}, "en_US"),
        ({"LANG": "ca_ES@valencia"}, "ca_ES"),
    ],
)
def test_the_environment_says_the_locale_and_american_english_stands_in(
    environment: dict[str, str], locale: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MONETARY", "LANG", "LC_CTYPE", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert locales.default_locale() == locale


@pytest.mark.parametrize(
    ("locale", "currency"), [("en_US", "USD"), ("de_DE", "EUR"), ("de", "EUR"), ("ja_JP", "JPY"), ("en_001", "USD")]
)
def test_the_locale_suggests_a_currency(locale: str, currency: str) -> None:
    assert locales.default_currency(locale) == currency


def test_the_currencies_to_choose_from_are_those_that_are_paid_with_today() -> None:
    named = dict(locales.currencies("en_US"))
    assert (named["EUR"], named["JPY"]) == ("Euro", "Japanese Yen")
    # Former money, and what is counted in and never paid with.
    assert not {"DEM", "XAU", "CHE"} & named.keys()
