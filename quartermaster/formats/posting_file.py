"""Postings as a CSV file (RFC 4180): one line each, for spreadsheets and for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from quartermaster.domain.errors import Refused
from quartermaster.domain.money import Money
from quartermaster.domain.section import Section

COLUMNS = ("date", "section", "entry", "amount", "payee", "description", "id")
NEEDED = ("date", "entry", "amount")
MOST_LINES = 200_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
"""What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection"); and the mark that prevents it."""
_SHOWN = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class PostingLine:
    """One line. `amount` in minor units; `section` and `id` are None where the file does not say them.

    `number` is where it stands in the file, counted from 1.
    """

    number: int
    day: date
    section: Section | None
    entry: str
    amount: int
    payee: str | None
    description: str | None
    id: UUID | None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one line, and what to do about it."""

    number: int
    sentence: str


@dataclass(frozen=True, slots=True)
class PostingFile:
    """What a file says, and what in it could not be read."""

    lines: tuple[PostingLine, ...] = ()
    faults: tuple[Fault, ...] = ()


def written(lines: Iterable[PostingLine], money: Money) -> bytes:
    """The file, in UTF-8 with the mark by which spreadsheets know it. Amounts are plain: -1234.50."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for line in lines:
        texts = [_no_formula(one or "") for one in (line.entry, line.payee, line.description)]
        section, identity = line.section or "", line.id or ""
        table.writerow([line.day, section, texts[0], _plain(line.amount, money.decimals), *texts[1:], identity])
    return text.getvalue().encode("utf-8-sig")


def read(data: bytes, money: Money) -> PostingFile:
    """The lines of a file, in any order of columns. Never raises: what cannot be read is among the faults."""
    text = _decoded(data)
    head, _, _ = text.partition("\n")
    # Strictly: of a quotation mark that nothing closes, what follows would be taken for one text, and go missing.
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(head), strict=True)
    lines: list[PostingLine] = []
    faults: list[Fault] = []
    columns: list[str] = []
    number = 0
    try:
        columns = [name.strip().lower() for name in next(rows, [])]
        if not set(NEEDED) <= set(columns):
            return PostingFile(faults=(Fault(1, _WITHOUT_COLUMNS),))
        number = rows.line_num
        for row in rows:
            number = rows.line_num
            try:
                cells = _cells(columns, row)
                if any(cells.values()):
                    lines.append(_line(number, cells, money))
            except Refused as no:
                faults.append(Fault(number, no.sentence(money)))
            if len(lines) + len(faults) > MOST_LINES:
                return PostingFile(faults=(Fault(number, _TOO_MANY),))
    except csv.Error:
        faults.append(Fault(number + 1, _UNPAIRED if columns else _WITHOUT_COLUMNS))
    return PostingFile(tuple(lines), tuple(faults))


_WITHOUT_COLUMNS = (
    "This is no list of postings. It must be a CSV file whose first line names the columns date, entry and amount; "
    "section, payee, description and id may be there too."
)
_UNPAIRED = (
    "Its quotation marks do not pair, so nothing from here on was read. A text that holds one stands between two of "
    "them, and the one in it is doubled."
)
_SURPLUS = (
    "It has more cells than the first line names columns. An amount or a text that holds the separator itself stands "
    "between quotation marks."
)
_BRACKETS = "An amount in brackets may mean less than nothing. Write it with a minus, or without the brackets."
_TOO_MANY = f"The file has more than {MOST_LINES:,} lines. Split it into several."


def _cells(columns: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    """What stands in each of our columns, nothing where the line or the file does not have it."""
    if any(cell.strip() for cell in row[len(columns) :]):
        raise Refused(_SURPLUS)
    found = {name: _cell(cell) for name, cell in zip(columns, row, strict=False)}
    return {name: found.get(name, "") for name in COLUMNS}


def _line(number: int, cells: Mapping[str, str], money: Money) -> PostingLine:
    if not cells["entry"]:
        raise Refused("The entry is missing: name the entry of the month that the posting is on.")
    amount = _amount(cells["amount"], money)
    if amount == 0:
        raise Refused("The amount is 0, so nothing moved. Leave the line out, or write what was paid or received.")
    return PostingLine(
        number=number,
        day=_day(cells["date"]),
        section=_section(cells["section"]),
        entry=cells["entry"],
        amount=amount,
        payee=cells["payee"] or None,
        description=cells["description"] or None,
        id=_id(cells["id"]),
    )


def _decoded(data: bytes) -> str:
    """UTF-8, as nearly every program writes it now; else what Windows wrote in western countries."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _delimiter(head: str) -> str:
    """Spreadsheets of countries that write 12,50 separate by semicolons."""
    return max(",;\t", key=head.count)


def _day(typed: str) -> date:
    if not typed:
        raise Refused("The date is missing. Write it like 2026-05-17.")
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Refused(f"“{typed[:_SHOWN]}” is not a date. Write it like 2026-05-17.") from None


def _amount(typed: str, money: Money) -> int:
    """As this program writes it, whatever the locale; else as the locale does."""
    if typed.startswith("(") and typed.endswith(")"):
        raise Refused(_BRACKETS)
    units, point, rest = typed.removeprefix("-").partition(".")
    is_plain = units.isascii() and units.isdigit() and len(rest) == money.decimals and bool(point) == bool(rest)
    if is_plain and (not rest or (rest.isascii() and rest.isdigit())):
        typed = typed.replace(".", money.decimal_sign)
    return money.read(typed)


def _section(typed: str) -> Section | None:
    if not typed:
        return None
    known = {name: section for section in Section for name in (section.value, section.title.lower())}
    if typed.lower() not in known:
        raise Refused(f"“{typed[:_SHOWN]}” is not a section. Leave it out, or write one of {', '.join(Section)}.")
    return known[typed.lower()]


def _id(typed: str) -> UUID | None:
    try:
        return UUID(typed) if typed else None
    except ValueError:
        raise Refused(f"“{typed[:_SHOWN]}” is not an id. Leave the column id out, or as it was written.") from None


def _plain(cents: int, decimals: int) -> str:
    units, rest = divmod(abs(cents), 10**decimals)
    return f"{'-' * (cents < 0)}{units}" + (f".{rest:0{decimals}d}" if decimals else "")


def _no_formula(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _cell(text: str) -> str:
    text = text.strip()
    return text[1:].strip() if text.startswith("'") and text[1:].startswith(_FORMULA) else text
