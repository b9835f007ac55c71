"""Names, notes, payees and descriptions: trimmed, whole, within their lengths."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from quartermaster.domain.errors import Refused

NAME_LENGTH = 120
NOTES_LENGTH = 1024
PAYEE_LENGTH = 120
DESCRIPTION_LENGTH = 500
_LINE_END = re.compile("\r\n?|[\v\f]")
"""How Windows, old files, and word processors within a paragraph end a line."""


def name(typed: str) -> str:
    """An entry's name. Refuses a blank one and one of more than 120 characters."""
    cleaned = _one_line(typed)
    if not cleaned:
        raise Refused("An entry needs a name. Type one of up to 120 characters.", field="name")
    return _within(cleaned, NAME_LENGTH, "name")


def known_as(name: str) -> str:
    """Two entries of a section are of one name when this is the same of both, whatever their capitals."""
    # An accented letter is one sign or two, depending on the keyboard; people see no difference.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def notes(typed: str | None) -> str | None:
    """Notes keep their line breaks; blank means none. Refuses more than 1,024 characters."""
    cleaned = _trimmed(_without_controls(typed or "", keep="\n\t"))
    return _within(cleaned, NOTES_LENGTH, "notes") or None


def notes_together(notes: Iterable[str | None]) -> str | None:
    """The notes of several entries, as those of one; each text once. Refuses more than 1,024 characters."""
    whole = "\n".join(dict.fromkeys(filter(None, notes))) or None
    if whole is not None and len(whole) > NOTES_LENGTH:
        raise Refused(
            f"Their notes together have {len(whole):,} characters; one entry can have {NOTES_LENGTH:,}. "
            "Shorten them, then make one of them.",
            field="notes",
        )
    return whole


def payee(typed: str | None) -> str | None:
    """Who was paid, or who paid; blank means none. Refuses more than 120 characters."""
    return _within(_one_line(typed or ""), PAYEE_LENGTH, "payee") or None


def description(typed: str | None) -> str | None:
    """What a posting was for; blank means none. Refuses more than 500 characters."""
    return _within(_one_line(typed or ""), DESCRIPTION_LENGTH, "description") or None


def _one_line(typed: str) -> str:
    return _trimmed(" ".join(_without_controls(typed, keep="\n\t").split()))


def _trimmed(typed: str) -> str:
    # Only joiners and direction marks is blank too: nobody could see it, or click on it.
    cleaned = typed.strip()
    return cleaned if any(unicodedata.category(c) not in ("Cf", "Zs", "Zl", "Zp", "Cc") for c in cleaned) else ""


def _without_controls(typed: str, *, keep: str) -> str:
    # NUL and its kin cannot be seen or typed and break exports; joiners and direction marks are text.
    if typed.isprintable():
        return typed
    typed = _LINE_END.sub("\n", typed)
    return "".join(c for c in typed if c in keep or unicodedata.category(c) not in ("Cc", "Cs"))


def _within(cleaned: str, most: int, field: str) -> str:
    if len(cleaned) > most:
        raise Refused(
            f"The {field} has {len(cleaned):,} characters; it can have {most:,}. Shorten it and try again.", field=field
        )
    return cleaned
