"""How rates of interest are read and written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartermaster.domain import rate
from quartermaster.domain.errors import Refused


@given(st.integers(0, rate.MOST_POINTS), st.sampled_from(".,"))
def test_a_rate_that_is_written_reads_back_as_the_same(points: int, decimal_sign: str) -> None:
    assert rate.read(rate.format(points, decimal_sign)) == points


@pytest.mark.parametrize(
    ("typed", "points"),
    [
        ("19.9", 1_990),
        ("19,9", 1_990),
        ("6.89 %", 689),
        (" 0 ", 0),
        ("5.", 500),
        ("0.05", 5),
        ("007", 700),
        ("1000", 100_000),
        ("0" * 5_000 + "7", 700),
    ],
)
def test_a_rate_is_percent_with_up_to_two_decimals(typed: str, points: int) -> None:
    assert rate.read(typed) == points


@pytest.mark.parametrize(
    ("points", "written"), [(1_990, "19.9"), (689, "6.89"), (2_000, "20"), (10_000, "100"), (5, "0.05"), (0, "0")]
)
def test_a_rate_is_written_without_zeros_at_its_end(points: int, written: str) -> None:
    assert rate.format(points) == written


@pytest.mark.parametrize("typed", ["", "  ", "%", " % "])
def test_a_blank_rate_is_none(typed: str) -> None:
    assert rate.read(typed) is None


@pytest.mark.parametrize(
    "typed", ["-1", "1.234", "1e3", "NaN", "١٢", "²", "1/2", "5%%", "1,000", ".", "\x00", "\ud800"]
)
def test_what_is_no_rate_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(Refused, match=r"^Type a rate like 19\.9, in percent a year\.$") as refused:
        rate.read(typed)
    assert refused.value.field == "apr_basis_points"


@pytest.mark.parametrize("typed", ["1000.01", "1001", "9" * 10_000])
def test_a_rate_of_more_than_a_thousand_percent_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="from 0 to 1,000 percent"):
        rate.read(typed)


@pytest.mark.parametrize("points", [-1, rate.MOST_POINTS + 1])
def test_a_rate_out_of_range_is_refused_wherever_it_comes_from(points: int) -> None:
    with pytest.raises(Refused, match="from 0 to 1,000 percent"):
        rate.checked(points)
    assert rate.checked(None) is None
