"""How amounts are read and written."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartermaster.domain.errors import Refused
from quartermaster.domain.money import MOST_UNITS, Money

DOLLARS = Money(currency_sign="$")
EUROS = Money(currency="EUR", decimal_sign=",", group_sign=".", currency_sign="€")
FRENCH = Money(currency="EUR", decimal_sign=",", group_sign="\u202f", currency_sign="€")
SWISS = Money(currency="CHF", group_sign="’", currency_sign="CHF")
KRONER = Money(currency="DKK", decimal_sign=",", group_sign=".", currency_sign="kr.")
YEN = Money(currency="JPY", decimals=0, currency_sign="￥")
DINARS = Money(currency="KWD", decimals=3, currency_sign="د.ك.\u200f")
ALL = (DOLLARS, EUROS, FRENCH, SWISS, KRONER, YEN, DINARS)

kinds_of_money = st.sampled_from(ALL)


@st.composite
def money_and_cents(draw: st.DrawFn) -> tuple[Money, int]:
    money = draw(kinds_of_money)
    most = MOST_UNITS * 10**money.decimals
    return money, draw(st.integers(-most, most))


@given(money_and_cents())
def test_what_is_written_reads_back_as_the_same_amount(given: tuple[Money, int]) -> None:
    money, cents = given
    assert money.read(money.format(cents)) == cents
    assert money.read(money.format(cents, signed=True)) == cents


@given(money_and_cents(), st.sampled_from(["{sign} {amount}", "{amount}{sign}", "{amount} {code}", "{code}{amount}"]))
def test_the_households_currency_may_stand_around_an_amount(given: tuple[Money, int], shape: str) -> None:
    money, cents = given
    typed = shape.format(sign=money.currency_sign, code=money.currency, amount=money.format(cents))
    assert money.read(typed) == cents


@given(kinds_of_money, st.text(max_size=200))
def test_whatever_is_typed_gives_an_amount_in_range_or_one_sentence(money: Money, typed: str) -> None:
    try:
        cents = money.read(typed)
    except Refused as refused:
        assert refused.field == "amount"
        assert refused.message.endswith((".", "way."))
        refused.message.encode()  # a lone surrogate would not travel to the screen
        assert len(refused.message) < 300
    else:
        assert abs(cents) <= MOST_UNITS * 10**money.decimals


@given(st.text(alphabet="0123456789.,+-*/() ×÷", max_size=100))
def test_no_sum_is_slow_to_work_out(typed: str) -> None:
    # Not by the clock on the wall: others have the machine meanwhile.
    before = time.process_time()
    with suppress(Refused):
        DOLLARS.read(typed)
    assert time.process_time() - before < 0.5


@pytest.mark.parametrize(
    ("money", "typed", "cents"),
    [
        (DOLLARS, "1,234.50", 123450),
        (DOLLARS, "1234.5", 123450),
        (DOLLARS, " .5 ", 50),
        (DOLLARS, "5.", 500),
        (DOLLARS, "1,23,456.78", 12345678),
        (EUROS, "1.234,50", 123450),
        (FRENCH, "1 234,50", 123450),
        (FRENCH, "1\u00a0234,50", 123450),
        (FRENCH, "1\u202f234,50", 123450),
        (SWISS, "1’234.50", 123450),
        (SWISS, "1'234.50", 123450),
        (YEN, "1,234", 1234),
        (DINARS, "1.234", 1234),
        (DOLLARS, "+12", 1200),
        (DOLLARS, "-12", -1200),
        (DOLLARS, "−12", -1200),
        (DOLLARS, "-$12", -1200),
        (DOLLARS, "$-12", -1200),
        (DOLLARS, "usd 12", 1200),
        (KRONER, "12 kr.", 1200),
    ],
)
def test_an_amount_is_read_in_the_users_locale(money: Money, typed: str, cents: int) -> None:
    assert money.read(typed) == cents


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("12.50+3*4", 2450),
        ("12.50 + 3 × 4", 2450),
        ("(12.50+3)*4", 6200),
        ("10/4", 250),
        ("100÷8", 1250),
        ("-(80 − 20) ÷ 4 × 2", -3000),
        ("1/3*3", 100),
        ("100*1.075", 10750),
        ("1,000-0.01", 99999),
        ("((((1))))", 100),
        ("2*(-3)", -600),
    ],
)
def test_a_small_sum_is_worked_out_exactly(typed: str, cents: int) -> None:
    assert DOLLARS.read(typed) == cents


@pytest.mark.parametrize("typed", ["1e999", "NaN", "inf", "--5", "=1+1", "١٢", "１２", "²", "½", "0x10", "1_000"])
def test_what_is_no_amount_is_refused_with_what_was_expected(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        DOLLARS.read(typed)
    assert f"“{typed}”" in refused.value.message
    assert refused.value.message.endswith("Type an amount like 1,234.50 or a sum like 12.50+3*4.")


@pytest.mark.parametrize("typed", ["١٢", "１２", "²", "3+٤"])
def test_digits_of_other_scripts_are_told_from_what_is_no_number_at_all(typed: str) -> None:
    with pytest.raises(Refused, match="is not written with the digits 0 to 9"):
        DOLLARS.read(typed)
    with pytest.raises(Refused, match=r"cannot be read: “\.” starts the decimals"):
        DOLLARS.read("1.2.3")


@pytest.mark.parametrize("typed", ["", " ", "\u00a0\t"])
def test_nothing_typed_is_refused_and_says_what_to_type(typed: str) -> None:
    with pytest.raises(Refused, match=r"^An amount is needed here\. Type an amount like 1,234\.50"):
        DOLLARS.read(typed)


@pytest.mark.parametrize("typed", ["12,5", "1,23", "1,2345", "12,34", ",5", "1,,234", "1,234,56", "1 2"])
def test_a_group_sign_in_the_wrong_place_is_not_guessed_at(typed: str) -> None:
    with pytest.raises(Refused):
        DOLLARS.read(typed)


def test_a_decimal_comma_in_a_point_locale_is_explained() -> None:
    with pytest.raises(Refused, match=r"“\.” starts the decimals and “,” stands before each three digits"):
        DOLLARS.read("12,5")


@pytest.mark.parametrize(
    ("money", "typed", "said"),
    [
        (DOLLARS, "12.345", "too many decimals: at most 2"),
        (DOLLARS, "12.500", "too many decimals: at most 2"),
        (YEN, "12.5", "has decimals"),
        (DOLLARS, "10/3", "does not come out exactly: USD has 2 decimals"),
        (YEN, "10/4", "JPY has no decimals"),
        (DOLLARS, "1/0", "divides by zero"),
        (DOLLARS, "5/(2-2)", "divides by zero"),
        (DOLLARS, "(5", "closing parenthesis"),
        (DOLLARS, "5)", "is not an amount"),
        (DOLLARS, "5+", "is not an amount"),
        (DOLLARS, "()", "is not an amount"),
        (DOLLARS, "(" * 20 + "1" + ")" * 20, "too many parentheses"),
        (DOLLARS, "9" * 10_000, "at most 100 characters"),
        (DOLLARS, "(" * 5_000, "at most 100 characters"),
        (DOLLARS, "*".join(["9" * 15] * 6), "too much"),
        (DOLLARS, "9,999,999,999.01", "The largest amount is 9,999,999,999.00"),
        (DOLLARS, "-9,999,999,999.01", "either way"),
        (YEN, "10,000,000,000", "The largest amount is 9,999,999,999"),
    ],
)
def test_a_refusal_says_what_is_wrong(money: Money, typed: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        money.read(typed)
    assert said in refused.value.message


def test_the_largest_amount_is_accepted_either_way() -> None:
    assert DOLLARS.read("9,999,999,999") == -DOLLARS.read("-9999999999.00") == MOST_UNITS * 100


@pytest.mark.parametrize("typed", ["<script>alert(1)</script>", "{{ 1 }}", "\x00", "\ud800", "\u202e12x", "👨‍👩‍👧"])
def test_hostile_text_is_refused_in_a_sentence_that_can_be_shown(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        DOLLARS.read(typed)
    refused.value.message.encode()
    assert refused.value.message.isprintable()


def test_a_refusal_names_the_field_it_was_asked_for() -> None:
    with pytest.raises(Refused) as refused:
        DOLLARS.read("lots", field="planned")
    assert refused.value.field == "planned"


@pytest.mark.parametrize(
    ("money", "cents", "written"),
    [
        (DOLLARS, 123450, "1,234.50"),
        (DOLLARS, 5, "0.05"),
        (DOLLARS, 0, "0.00"),
        (DOLLARS, -123450, "−1,234.50"),
        (DOLLARS, -5, "−0.05"),
        (EUROS, 123450, "1.234,50"),
        (FRENCH, 123450, "1\u202f234,50"),
        (SWISS, 123450, "1’234.50"),
        (YEN, 1234, "1,234"),
        (DINARS, 1234567, "1,234.567"),
    ],
)
def test_an_amount_is_written_with_all_its_decimals_and_a_true_minus(money: Money, cents: int, written: str) -> None:
    assert money.format(cents) == written


def test_a_signed_amount_shows_its_plus_but_zero_has_no_sign() -> None:
    assert [DOLLARS.format(cents, signed=True) for cents in (1, 0, -1)] == ["+0.01", "0.00", "−0.01"]


@pytest.mark.parametrize(
    ("money", "expected"),
    [
        (DOLLARS, "Type an amount like 1,234.50 or a sum like 12.50+3*4."),
        (EUROS, "Type an amount like 1.234,50 or a sum like 12,50+3*4."),
        (YEN, "Type an amount like 1,234 or a sum like 12+3*4."),
        (DINARS, "Type an amount like 1,234.500 or a sum like 12.500+3*4."),
    ],
)
def test_what_is_expected_is_shown_in_the_households_own_way(money: Money, expected: str) -> None:
    assert money.expected == expected
    assert money.read(expected.split()[4]) == 1234 * 10**money.decimals + (50 * 10**money.decimals // 100)
