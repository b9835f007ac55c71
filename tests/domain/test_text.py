"""What people may write in names, notes, payees and descriptions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartermaster.domain import text
from quartermaster.domain.errors import Refused

any_text = st.text(st.characters(exclude_categories=()), max_size=400)
FIELDS: list[tuple[Callable[[str], str | None], int]] = [
    (text.name, 120),
    (text.payee, 120),
    (text.description, 500),
    (text.notes, 1024),
]


@given(any_text)
def test_an_accepted_text_is_clean_and_stays_as_it_is(typed: str) -> None:
    for accept, most in FIELDS:
        try:
            kept = accept(typed)
        except Refused as refused:
            assert refused.field
            continue
        if kept is not None:
            kept.encode()
            assert 0 < len(kept) <= most
            assert kept == kept.strip()
            assert "\x00" not in kept
            assert accept(kept) == kept


@pytest.mark.parametrize(("accept", "most"), FIELDS)
def test_a_text_may_fill_its_length_and_not_one_more(accept: Callable[[str], str | None], most: int) -> None:
    assert accept("x" * most) == "x" * most
    with pytest.raises(Refused, match=rf"has {most + 1:,} characters; it can have {most:,}"):
        accept("x" * (most + 1))


@pytest.mark.parametrize(("accept", "most"), FIELDS)
def test_spaces_around_a_text_do_not_count(accept: Callable[[str], str | None], most: int) -> None:
    assert accept(f"  {'x' * most}\n ") == "x" * most


@pytest.mark.parametrize(("accept", "most"), FIELDS)
def test_ten_thousand_characters_are_refused_in_one_sentence(accept: Callable[[str], str | None], most: int) -> None:
    with pytest.raises(Refused, match="10,000 characters") as refused:
        accept("x" * 10_000)
    assert len(refused.value.message) < 120


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "{{ 7 * 7 }}",
        "'; DROP TABLE posting; --",
        "=cmd|' /C calc'!A0",
        "סופרמרקט שכונתי",
        "a \u202eb\u202c c",
        "👨‍👩‍👧‍👦 family",
        "Zoë & Søn <3",
    ],
)
def test_hostile_and_foreign_text_is_kept_letter_for_letter(typed: str) -> None:
    assert text.name(typed) == text.payee(typed) == text.description(typed) == text.notes(typed) == typed


@pytest.mark.parametrize("typed", ["Rent\x00", "\x07Rent", "Re\ud800nt", "Re\x1bnt"])
def test_what_cannot_be_seen_or_stored_is_dropped(typed: str) -> None:
    assert text.name(typed) == "Rent"


@pytest.mark.parametrize(
    "typed", ["", " ", "\n\t", "\u00a0\u2003", "\x00", "\ud800", "\u200b", "\u200d\u202e", "\u2060 \ufeff"]
)
def test_a_name_must_have_something_to_see(typed: str) -> None:
    with pytest.raises(Refused, match="needs a name") as refused:
        text.name(typed)
    assert refused.value.field == "name"


@pytest.mark.parametrize("typed", [None, "", "  ", "\n", "\x00", "\u200b"])
def test_a_blank_payee_description_or_note_is_none(typed: str | None) -> None:
    assert text.payee(typed) is text.description(typed) is text.notes(typed) is None


def test_notes_keep_their_lines_and_the_others_are_one_line() -> None:
    assert text.notes("one\ntwo\r\nthree") == "one\ntwo\nthree"
    assert text.payee("one\ntwo\r\n\u2028three") == "one two three"
    assert text.name("one \t  two") == "one two"


@pytest.mark.parametrize("end", ["\r", "\x0b", "\x0c"])
def test_a_line_ends_as_other_programs_end_it_and_no_two_words_become_one(end: str) -> None:
    assert text.notes(f"one{end}two") == "one\ntwo"
    assert text.name(f"one{end}two") == text.payee(f"one{end}two") == "one two"
