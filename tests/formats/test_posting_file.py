"""Postings as a CSV file: written for spreadsheets, read back the same, and faults said line by line."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartermaster.domain.money import MOST_UNITS, Money
from quartermaster.domain.section import Section
from quartermaster.formats.posting_file import MOST_LINES, PostingLine, read, written

DOLLARS = Money()
EUROS = Money(currency="EUR", decimal_sign=",", group_sign=".", currency_sign="€")
YEN = Money(currency="JPY", decimals=0)
DINARS = Money(currency="KWD", decimals=3)


def line(
    amount: int = 1_250,
    payee: str | None = "Marlow Market",
    description: str | None = None,
    entry: str = "Groceries",
) -> PostingLine:
    return PostingLine(
        number=2,
        day=date(2026, 5, 17),
        section=Section.FOOD,
        entry=entry,
        amount=amount,
        payee=payee,
        description=description,
        id=UUID(int=7),
    )


def faults(text: str, money: Money = DOLLARS) -> list[tuple[int, str]]:
    return [(fault.number, fault.sentence) for fault in read(text.encode(), money).faults]


def test_a_spreadsheet_is_told_that_it_is_utf8_and_what_the_columns_are() -> None:
    text = written([line(payee="Café Émile")], DOLLARS)
    assert text.startswith(b"\xef\xbb\xbfdate,section,entry,amount,payee,description,id\r\n")
    assert (
        text.decode("utf-8-sig").splitlines()[1]
        == "2026-05-17,food,Groceries,12.50,Café Émile,,00000000-0000-0000-0000-000000000007"
    )


@pytest.mark.parametrize("money", [DOLLARS, EUROS, YEN, DINARS], ids=lambda money: money.currency)
@given(amount=st.integers(-MOST_UNITS, MOST_UNITS).filter(bool), payee=st.text(max_size=120), entry=st.text(min_size=1))
def test_what_was_written_is_read_back_the_same(money: Money, amount: int, payee: str, entry: str) -> None:
    one = line(amount, payee=_plain(payee) or None, entry=_plain(entry) or "Groceries")
    there = read(written([one], money), money)
    assert (there.lines, there.faults) == ((one,), ())


def _plain(typed: str) -> str:
    """As records hold texts: without controls, on one line, trimmed."""
    return " ".join("".join(c for c in typed if c.isprintable()).split())


@pytest.mark.parametrize("payee", ["=1+1", "+49 30 1", "-x", "@me", "'quoted", "'=1", "\t=1"])
def test_nothing_that_was_typed_becomes_a_formula_in_a_spreadsheet(payee: str) -> None:
    text = written([line(payee=payee, description=payee)], DOLLARS).decode("utf-8-sig")
    cells = text.splitlines()[1].split(",")
    assert not cells[4].startswith(("=", "+", "-", "@", "\t"))
    assert read(text.encode(), DOLLARS).lines[0].payee == payee.strip()


def test_other_programs_columns_and_separators_are_understood() -> None:
    text = "Betrag;Date;ENTRY;amount;Note\n9;2026-05-17;Groceries;1.234,50;x\n;2026-05-18;Groceries;-3;\n"
    there = read(text.encode("utf-8"), EUROS)
    assert there.faults == ()
    assert [(one.day.day, one.amount, one.section, one.payee, one.id) for one in there.lines] == [
        (17, 123_450, None, None, None),
        (18, -300, None, None, None),
    ]


def test_an_older_windows_file_is_read_too() -> None:
    assert read("date,entry,amount,payee\n2026-05-17,Food,1,Café\n".encode("cp1252"), DOLLARS).lines[0].payee == "Café"


def test_blank_lines_and_a_file_without_postings_are_no_fault() -> None:
    assert faults("date,entry,amount\n\n,,\n") == []
    assert read(b"date,entry,amount\n", DOLLARS).lines == ()


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("2026-02-30,Food,1", "“2026-02-30” is not a date. Write it like 2026-05-17."),
        ("17.05.2026,Food,1", "“17.05.2026” is not a date. Write it like 2026-05-17."),
        (",Food,1", "The date is missing. Write it like 2026-05-17."),
        ("2026-05-17,,1", "The entry is missing: name the entry of the month that the posting is on."),
        ("2026-05-17,Food,", "An amount is needed here. Type an amount like 1,234.50 or a sum like 12.50+3*4."),
        ("2026-05-17,Food,1e999", "“1e999”"),
        ("2026-05-17,Food,1.005", "“1.005” has too many decimals"),
        ("2026-05-17,Food,0", "The amount is 0, so nothing moved."),
        ("2026-05-17", "The entry is missing"),
        ("2026-05-17,Food", "An amount is needed here."),
        ("2026-05-17,Food,1,234.50", "It has more cells than the first line names columns."),
        ("2026-05-17,Food,(12.50)", "An amount in brackets may mean less than nothing."),
    ],
)
def test_a_line_that_cannot_be_read_is_said_with_its_number(row: str, sentence: str) -> None:
    [(number, said)] = faults(f"date,entry,amount\n2026-05-17,Food,1\n{row}\n")
    assert number == 3
    assert said.startswith(sentence)


def test_an_amount_may_be_a_sum_with_brackets_in_it() -> None:
    assert read(b"date,entry,amount\n2026-05-17,Food,(2+3)*4\n", DOLLARS).lines[0].amount == 2_000


def test_columns_that_are_not_ours_and_empty_cells_beyond_them_are_no_fault() -> None:
    assert faults("date,entry,amount,note\n2026-05-17,Food,1,x,,\n,,,x\n") == []


@pytest.mark.parametrize("quoted", ['"Marlow', '"5" pipe"', f'"{"x" * 200_000}'], ids=["open", "within", "endless"])
def test_nothing_goes_missing_behind_a_quotation_mark_that_does_not_pair(quoted: str) -> None:
    text = f"date,entry,amount,payee\n2026-05-17,Food,1\n2026-05-18,Food,2,{quoted}\n2026-05-19,Food,3,Shop\n"
    there = read(text.encode(), DOLLARS)
    assert [one.day.day for one in there.lines] == [17]
    [fault] = there.faults
    assert fault.number == 3
    assert fault.sentence.startswith("Its quotation marks do not pair, so nothing from here on was read.")


@pytest.mark.parametrize("column", ["section", "id"])
def test_a_section_or_an_id_that_is_none_is_said(column: str) -> None:
    [(number, said)] = faults(f"date,entry,amount,{column}\n2026-05-17,Food,1,nonsense\n")
    assert number == 2
    assert "“nonsense”" in said


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", b"a,b,c\n1,2,3\n", b"\x89PNG\r\n\x1a\n\x00\x00"])
def test_a_file_that_is_no_list_of_postings_says_what_is_needed(data: bytes) -> None:
    [fault] = read(data, DOLLARS).faults
    assert fault.number == 1
    assert "date, entry and amount" in fault.sentence


def test_a_file_of_endless_lines_is_refused_before_it_is_read() -> None:
    data = b"date,entry,amount\n" + b"2026-05-17,Food,1\n" * (MOST_LINES + 1)
    [fault] = read(data, DOLLARS).faults
    assert f"{MOST_LINES:,}" in fault.sentence
