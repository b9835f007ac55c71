"""Whatever is typed or pasted: stored exactly, trimmed as the domain says, or refused in a sentence; never a crash."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from quartermaster.domain.errors import OutsideMonth, Refused
from quartermaster.domain.money import Money
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.formats.locales import money_for
from quartermaster.services.months import add_month_entry, edit_month_entry
from quartermaster.services.plans import add_plan_entry, edit_plan_entry
from quartermaster.services.postings import add_posting, add_postings, edit_posting, entry_for_payee, payees
from quartermaster.storage.doctor import examine
from quartermaster.storage.store import Store
from quartermaster.storage.work import Work
from tests.living import MAY, draft, entry, plan_entry, posted, started
from tests.services.acting import ask, changes, do

Write = Callable[[Work, UUID, UUID, UUID, str], object]

KEPT = {
    "a script": "<script>alert(document.cookie)</script>",
    "an image that runs": '"><img src=x onerror=alert(1)>',
    "a template": "{{ 7 * 7 }} ${7*7} #{7*7} {% raw %}",
    "a format string": "%s %n %(name)s {0.__class__}",
    "a statement": "Robert'); DROP TABLE posting; --",
    "a formula": '=HYPERLINK("http://example.org";"Rent")',
    "Hebrew": "סופרמרקט שכונתי",
    "marks of direction": "abc \u202edef\u202c \u2066ghi\u2069 end",
    "emoji that are joined": "👨‍👩‍👧‍👦 🏳️‍🌈 👍🏽 end",
    "accents that combine": "Zoe\u0308 a\u0300\u0301\u0302\u0303",
    "the last characters there are": "\U0010ffff \ufffe \ue000",
    "quotes of JSON": '{"deleted": true, "a": "\\u0000"}',
    "backslashes": "C:\\new\\table\\\\",
    "a wild card": "100 % _ of * ?",
}  # fmt: skip
CLEANED = {
    "a NUL": ("Ren\x00t", "Rent"),
    "half of a surrogate pair": ("Re\ud83dnt\udc00", "Rent"),
    "an escape of a terminal": ("\x1b[31mRent\x1b[0m", "[31mRent[0m"),
    "spaces around it": (" \u00a0\u3000Rent\t\n", "Rent"),
    "a line of its own": ("Rent\r\n\u2028", "Rent"),
    "controls of the second kind": ("Re\x85\x9fnt", "Rent"),
}
BLANK = ["", " \t\n", "\x00", "\ud800", "\u200b\u200d", "\u202e\u2069", "\u2060\ufeff"]
LONG = ["x" * 10_000, "👍🏽" * 5_000, "\u202e" * 9_999 + "x", " a" * 5_000]


def _add_many(work: Work, plan: UUID, here: UUID, there: UUID, typed: str) -> object:
    return add_postings(work, [draft(here), draft(here, payee=typed, description=typed)])


FIELDS: dict[str, Write] = {
    "a plan entry's name": lambda work, plan, here, there, typed: add_plan_entry(
        work, section=Section.FOOD, name=typed, planned=1
    ),
    "a plan entry's name, edited": lambda work, plan, here, there, typed: edit_plan_entry(work, plan, name=typed),
    "a plan entry's notes": lambda work, plan, here, there, typed: edit_plan_entry(work, plan, notes=typed),
    "a month entry's name": lambda work, plan, here, there, typed: add_month_entry(
        work, MAY, section=Section.FOOD, name=typed, planned=1
    ),
    "a month entry's name, edited": lambda work, plan, here, there, typed: edit_month_entry(work, here, name=typed),
    "a month entry's notes": lambda work, plan, here, there, typed: edit_month_entry(work, here, notes=typed),
    "a payee": lambda work, plan, here, there, typed: add_posting(work, draft(here, payee=typed)),
    "a payee, edited": lambda work, plan, here, there, typed: edit_posting(work, draft(here, payee=typed, id=there)),
    "a description": lambda work, plan, here, there, typed: add_posting(work, draft(here, description=typed)),
    "payees and descriptions of many": _add_many,
}
every_field = pytest.mark.parametrize("write", FIELDS.values(), ids=FIELDS.keys())


@pytest.fixture
def places(store: Store) -> tuple[UUID, UUID, UUID]:
    """A plan entry, a month entry and a posting on it."""
    plan = plan_entry(store).id
    started(store)
    here = entry(store, "Groceries").id
    return plan, here, posted(store, here).id


def texts(store: Store) -> set[str]:
    """Every text that the rows hold."""
    columns = (
        ("plan_entry", "name"), ("plan_entry", "notes"), ("month_entry", "name"), ("month_entry", "notes"),
        ("posting", "payee"), ("posting", "description"),
    )  # fmt: skip
    with store.read() as work:
        return {
            text
            for table, column in columns
            for text in work.connection.exec_driver_sql(f"SELECT {column} FROM {table}").scalars()
            if text is not None
        }


def logged(store: Store) -> set[object]:
    """Every value that the last change of the log carries."""
    with store.read() as work:
        query = "SELECT fields FROM change ORDER BY counter DESC LIMIT 1"
        return {str(value) for value in json.loads(work.connection.exec_driver_sql(query).scalar_one()).values()}


@every_field
def test_text_is_stored_and_logged_letter_for_letter(
    store: Store, database: Path, places: tuple[UUID, UUID, UUID], write: Write
) -> None:
    for what, typed in KEPT.items():
        do(store, write, *places, typed)
        assert typed in texts(store), what
        assert typed in logged(store), what
    assert examine(database).findings == ()


@every_field
def test_what_cannot_be_seen_or_stored_is_dropped(store: Store, places: tuple[UUID, UUID, UUID], write: Write) -> None:
    for what, (typed, kept) in CLEANED.items():
        do(store, write, *places, "Something else")
        do(store, write, *places, typed)
        assert kept in logged(store), what
        assert typed not in texts(store), what


@every_field
@pytest.mark.parametrize("typed", LONG, ids=["letters", "emoji", "marks", "words"])
def test_a_text_of_ten_thousand_characters_is_refused_in_a_short_sentence_and_leaves_no_trace(
    store: Store, places: tuple[UUID, UUID, UUID], money: Money, write: Write, typed: str
) -> None:
    before, log = texts(store), changes(store)
    with pytest.raises(Refused, match="characters; it can have") as refused:
        do(store, write, *places, typed)
    sentence = refused.value.sentence(money)
    assert refused.value.field in ("name", "notes", "payee", "description")
    assert sentence.endswith("Shorten it and try again.")
    assert len(sentence) < 120
    assert (texts(store), changes(store)) == (before, log)


@every_field
def test_a_text_with_nothing_to_see_is_none_or_refused_where_a_name_is_needed(
    store: Store, places: tuple[UUID, UUID, UUID], write: Write
) -> None:
    for typed in BLANK:
        try:
            do(store, write, *places, typed)
        except Refused as refused:
            assert refused.field == "name"
            assert refused.message == "An entry needs a name. Type one of up to 120 characters."
        assert texts(store) <= {"Groceries", "Marlow Market"}


def test_a_payee_is_completed_and_found_again_however_it_was_typed(
    store: Store, places: tuple[UUID, UUID, UUID]
) -> None:
    for typed in [*KEPT.values(), *(typed for typed, _ in CLEANED.values())]:
        kept = do(store, add_posting, draft(places[1], day=date(2026, 5, 20), payee=typed)).payee
        assert kept in [hint.payee for hint in ask(store, payees, typed)]
        assert ask(store, entry_for_payee, typed, MAY) == places[1]


@pytest.mark.parametrize("typed", [*BLANK, *LONG, "%" * 60_000, "\\" * 60_000], ids=lambda typed: repr(typed[:4]))
def test_a_search_for_anything_finds_nothing_or_something_but_never_fails(
    store: Store, places: tuple[UUID, UUID, UUID], typed: str
) -> None:
    assert len(ask(store, payees, typed)) <= 1
    assert ask(store, entry_for_payee, typed, MAY) is None


@pytest.mark.parametrize(
    "typed",
    ["1e999", "NaN", "inf", "--5", "12,5", "١٢", "=1+1", "1/0", "0x10", "<b>1</b>", "\x00", "\ud800", "9" * 10_000],
)
def test_an_amount_that_cannot_be_read_is_refused_in_a_sentence_that_can_be_shown(money: Money, typed: str) -> None:
    with pytest.raises(Refused) as refused:
        money.read(typed)
    sentence = refused.value.sentence(money)
    assert refused.value.field == "amount"
    assert "Type an amount like 1,234.50" in sentence or "divides" in sentence
    assert len(sentence) < 300
    sentence.encode()


def test_a_comma_is_the_decimal_sign_where_the_locale_says_so() -> None:
    assert money_for("EUR", "de_DE").read("12,5") == 1_250
    assert money_for("EUR", "fr_FR").read("12,5") == 1_250


@pytest.mark.parametrize(
    ("year_month", "day"),
    [
        (YearMonth(2026, 2), date(2026, 1, 31)),
        (YearMonth(2026, 2), date(2026, 3, 2)),
        (YearMonth(2026, 2), date(2025, 2, 28)),
        (YearMonth(2027, 2), date(2028, 2, 29)),
    ],
)
def test_a_day_that_february_does_not_have_is_refused_with_those_that_it_has(
    store: Store, places: tuple[UUID, UUID, UUID], year_month: YearMonth, day: date
) -> None:
    started(store, year_month)
    here = entry(store, "Groceries", year_month).id
    with pytest.raises(OutsideMonth, match=f"Choose a date from {year_month}-01 to {year_month}-28") as refused:
        do(store, add_posting, draft(here, day=day))
    assert refused.value.field == "day"
