"""What the palette finds."""

from __future__ import annotations

from quartermaster.ui.parts.finder import Choice, found

CHOICES = (
    Choice("Plan", "page", to="/"),
    Choice("Backups", "page", to="/settings/backups", words="restore"),
    Choice("Back up now", "action"),
    Choice("May 2026", "month · active", to="/month/2026-05"),
    Choice("March 2026", "month · closed", to="/month/2026-03"),
)


def titles(typed: str) -> list[str]:
    return [choice.title for choice in found(CHOICES, typed)]


def test_nothing_typed_shows_all_in_their_order() -> None:
    assert titles("") == [choice.title for choice in CHOICES]


def test_every_word_must_fit_in_whatever_order() -> None:
    assert titles("2026 closed") == ["March 2026"]
    assert titles("closed march") == ["March 2026"]


def test_titles_that_start_with_what_was_typed_come_first() -> None:
    assert titles("ma") == ["May 2026", "March 2026"]
    assert titles("back up") == ["Back up now", "Backups"]


def test_words_that_are_not_shown_find_too() -> None:
    assert titles("RESTORE") == ["Backups"]


def test_what_is_not_there_finds_nothing() -> None:
    assert titles("<script>") == []
