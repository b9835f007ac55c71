"""What the user guide says of keys, amounts, groups, tags and lengths is what the program does."""

from __future__ import annotations

from quartermaster.domain import text
from quartermaster.domain.money import MOST_UNITS, Money
from quartermaster.domain.section import Group
from quartermaster.services.starter import ENTRIES
from quartermaster.ui.dialogs.keys import KEYS
from quartermaster.ui.parts.hero import PLAN_WORDS, TONE_SIGN
from quartermaster.ui.parts.ledger import PAGE
from quartermaster.ui.parts.snackbar import SECONDS_WITH_UNDO
from tests.documentation import DOCS, rows, text_of

USER_GUIDE = DOCS / "user-guide.md"
GUIDE = text_of(USER_GUIDE)


def test_the_guide_lists_the_keys_of_the_card() -> None:
    card = []
    for title, lines in KEYS:
        card += [["+".join(f"`{key}`" for key in keys), title.lower(), meaning] for keys, meaning in lines]
    assert rows(USER_GUIDE, "Keys") == card


def test_the_guide_reads_amounts_as_the_program_does() -> None:
    money = Money(currency_sign="$")
    for typed, read in rows(USER_GUIDE, "Amounts"):
        assert money.format(money.read(typed.strip("`"))) == read.removesuffix(", a refund")
    assert f"{MOST_UNITS:,}" in GUIDE


def test_the_guide_names_the_sections_of_each_group_and_which_are_open() -> None:
    listed = {
        group: sections.removesuffix(", and the primary debt target")
        for group, sections in rows(USER_GUIDE, "The plan")
    }
    assert listed == {group.title: ", ".join(section.title for section in group.sections) for group in Group}
    opened = [group.title for group in Group if group.starts_open]
    assert f"{' and '.join(opened)} are open at first" in GUIDE


def test_the_guide_says_the_words_of_the_zero_amount() -> None:
    said = [words for _, words, _ in rows(USER_GUIDE, "Zero")]
    assert said == [f"{TONE_SIGN[tone]} {words}" for tone, words in PLAN_WORDS.items()]


def test_the_guide_counts_right() -> None:
    assert len(ENTRIES) == 19
    assert "nineteen entries" in GUIDE
    assert SECONDS_WITH_UNDO == 10
    assert f"The latest {PAGE} postings" in GUIDE
    assert text.PAYEE_LENGTH == text.NAME_LENGTH
    lengths = (
        f"Names have up to {text.NAME_LENGTH} characters, payees too, descriptions up to {text.DESCRIPTION_LENGTH}"
    )
    assert f"{lengths}, notes up to {text.NOTES_LENGTH:,}." in GUIDE
