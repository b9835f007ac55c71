"""What did not stand after a merge, in words: what it was about, what happened, and what taking it would do."""

from __future__ import annotations

from typing import NamedTuple

from quartermaster.domain.money import Money
from quartermaster.services.attention import Lost
from quartermaster.ui.field_words import field_name, shown
from quartermaster.ui.sync_words import device_name

LONG = 24
"""Characters of a value that still fit on a button."""


class LostWords(NamedTuple):
    title: str
    said: str
    take: str


def lost_words(lost: Lost, money: Money) -> LostWords:
    """All of it, with the device that wrote what does not stand."""
    edit = lost.edit
    about = lost.about + (f" in {lost.month.title}" if lost.month and edit.change.kind != "month" else "")
    who = "This device" if lost.is_own else device_name(edit.change.device, lost.device_name)
    if edit.field == "deleted":
        return _deletion(lost, about, who)
    field = "the planned amount" if edit.field == "planned" else f"the {field_name(edit.field)}"
    other, stands = (shown(edit.field, wire, money, lost.names) for wire in (edit.lost, edit.values.get(edit.field)))
    if edit.is_deleted:
        said = f"{who} had changed {field} to {_ended(other)} Who deleted it had not seen that."
        back = f"Bring it back with {other}" if len(other) <= LONG else "Bring it back with that"
        return LostWords(f"{about} was edited and deleted", said, back)
    said = f"{_begun(stands)} stands, because it was written later. {who} wrote {_ended(other)}"
    take = f"Take {other}" if len(other) <= LONG else "Take the other"
    return LostWords(f"{about}: two devices changed {field}", said, take)


def _deletion(lost: Lost, about: str, who: str) -> LostWords:
    """A deletion that does not count, or one that was taken back where that does not."""
    edit = lost.edit
    if edit.is_deleted:
        return LostWords(
            f"{about} was brought back and deleted",
            f"{who} had brought it back. It was deleted later.",
            "Bring it back",
        )
    if edit.was_moved:
        place = lost.names.get(str(edit.values.get("entry_id"))) or "an entry that is gone"
        said = f"{who} deleted it, and had not seen that it was moved to {place}. It counts there."
        return LostWords(f"{about} was moved and deleted", said, "Delete it")
    said = f"{who} deleted it. It is there, because it was brought back later."
    return LostWords(f"{about} was deleted and brought back", said, "Delete it")


def _begun(said: str) -> str:
    """The beginning of a sentence."""
    return said[:1].upper() + said[1:]


def _ended(said: str) -> str:
    """The end of a sentence, which what somebody wrote may have already."""
    return said if said.endswith((".”", "!”", "?”")) else f"{said}."
