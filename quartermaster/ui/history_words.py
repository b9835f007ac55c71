"""What was done, in the household's words: a sentence for each deed, and a line for each step of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from quartermaster.domain.money import Money
from quartermaster.services.history import Deed
from quartermaster.services.telling import Did, Edit, Step
from quartermaster.ui.field_words import cut, day_shown, field_name, shown

TITLE_TEXT = 40
"""Characters of a text in a title; the lines have all of it."""


@dataclass(frozen=True, slots=True)
class Told:
    """`title` says what was done. `lines` say it step by step, with whole texts, where that is more; `more` counts
    the steps beyond them.
    """

    title: str
    lines: tuple[str, ...]
    more: int


def told(deed: Deed, money: Money) -> Told:
    """A deed in words."""
    steps = _that_matter(deed.steps)
    title = _title(deed, steps, money)
    lines = tuple(_sentence(step, money, None) for step in steps)
    return Told(title, () if lines == (title,) else lines, deed.total - len(deed.steps))


def _that_matter(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Without those that only made room for an entry that was moved."""
    return tuple(step for step in steps if not _only_order(step)) or tuple(steps[:1])


def _only_order(step: Step) -> bool:
    return step.did is Did.EDITED and all(edit.field == "position" for edit in step.edits)


def _title(deed: Deed, steps: Sequence[Step], money: Money) -> str:
    first, counts = steps[0], deed.counts
    if first.kind == "month" and first.did in (Did.ADDED, Did.BROUGHT_BACK):
        entries = _count(counts.get(("month_entry", first.did), 0), "entry", "entries")
        return f"{_month(first)} started with {entries}"
    if first.kind == "month" and first.did is Did.DELETED:
        return f"The start of {_month(first)} taken back"
    sentence = _sentence(first, money, TITLE_TEXT)
    if len(steps) == 1 and deed.total <= len(deed.steps):
        return sentence
    with_it = counts.get(("posting", first.did), 0)
    if first.kind == "month_entry" and first.did is not Did.EDITED and with_it == deed.total - 1:
        return f"{_sentence(first, money, TITLE_TEXT)}, with {_count(with_it, 'posting', 'postings')}"
    if set(counts) == {("posting", first.did)} and first.did is not Did.EDITED:
        places = {step.entry for step in steps}
        where = f", {_ON[first.did]} {first.entry}" if len(places) == 1 and deed.total <= len(deed.steps) else ""
        return f"{_count(deed.total, 'posting', 'postings')} {_DONE[first.did]}{where}"
    rest = deed.total - len(deed.steps) + len(steps) - 1
    return f"{sentence}, and {_count(rest, 'more change', 'more changes')}"


def _sentence(step: Step, money: Money, most: int | None) -> str:
    say = _KINDS.get(step.kind)
    return say(step, money, most) if say else "Something that this version does not know yet"


def _household(step: Step, money: Money, most: int | None) -> str:
    if step.did is Did.ADDED:
        return f"The household began, with its money in {step.values.get('currency')}"
    return _edited("the plan", step, money, most)


def _device_card(step: Step, _: Money, most: int | None) -> str:
    if any(edit.field == "forgotten" and edit.after is not None for edit in step.edits):
        return f"{cut(str(step.values.get('name') or 'A device'), most)} was forgotten"
    return f"A device is called {cut(str(step.values.get('name')), most)}"


def _plan_entry(step: Step, money: Money, most: int | None) -> str:
    return _entry(step, money, most, "the plan")


def _month_entry(step: Step, money: Money, most: int | None) -> str:
    return _entry(step, money, most, _month(step))


def _entry(step: Step, money: Money, most: int | None, place: str) -> str:
    name = cut(str(step.values.get("name")), most)
    amount = money.format(step.values.get("planned") or 0)
    if step.did is Did.ADDED:
        return f"{name} added to {place}, planned {amount}"
    if step.did is Did.DELETED:
        noted = _quoted(step.values.get("notes"), most)
        return f"{name} deleted from {place}, planned {amount}{noted}"
    if step.did is Did.BROUGHT_BACK:
        return f"{name} is back in {place}, planned {amount}"
    return _entry_edited(name, step, money, most, place)


def _entry_edited(name: str, step: Step, money: Money, most: int | None, place: str) -> str:
    edits = tuple(edit for edit in step.edits if edit.field != "position") or step.edits
    if len(edits) > 1:
        return f"{name} in {place}: {_changes(edits, step, money, most)}"
    [edit] = edits
    if edit.field == "name":
        return f"{cut(str(edit.before), most)} renamed to {name} in {place}"
    if edit.field == "section":
        return f"{name} moved to {_value(edit.after, edit, step, money, most)} in {place}"
    if edit.field == "position":
        return f"{name} moved within its section in {place}"
    return f"{field_name(edit.field).capitalize()} of {name} {_change(edit, step, money, most)} in {place}"


def _of_month(step: Step, money: Money, most: int | None) -> str:
    if step.did is Did.EDITED and [edit.field for edit in step.edits] == ["lifecycle"]:
        before, after = (str(wire[0]) if wire else "" for wire in (step.edits[0].before, step.edits[0].after))
        return f"{_month(step)} {_BECAME.get((before, after), f'is {after} again')}"
    if step.did is Did.EDITED:
        return _edited(_month(step), step, money, most)
    return f"{_month(step)} {'started' if step.did is not Did.DELETED else 'deleted'}"


def _posting(step: Step, money: Money, most: int | None) -> str:
    values, entry = step.values, step.entry or "an entry that is gone"
    if step.did is not Did.EDITED:
        return f"Posting {_DONE[step.did]}: {_what_moved(step, money, most)}, {_ON[step.did]} {entry}"
    moved = [edit for edit in step.edits if edit.field == "entry_id"]
    if moved and len(step.edits) == 1:
        before = _value(moved[0].before, moved[0], step, money, most)
        return f"Posting moved from {before} to {entry}: {_what_moved(step, money, most)}"
    who = cut(str(values.get("payee") or values.get("description") or "a posting"), most)
    edits = tuple(edit for edit in step.edits if edit.field != "position")
    if len(edits) == 1:
        change = _change(edits[0], step, money, most)
        return f"{field_name(edits[0].field).capitalize()} of {who} {change}, on {entry}"
    return f"{who.capitalize() if who == 'a posting' else who} on {entry}: {_changes(edits, step, money, most)}"


def _what_moved(step: Step, money: Money, most: int | None) -> str:
    """`12 May 2026, Marlow Market, 12.50`."""
    values = step.values
    texts = [cut(str(values[name]), most) for name in ("payee", "description") if values.get(name)]
    return ", ".join([day_shown(values["day"]), *texts, money.format(values.get("amount") or 0)])


def _edited(place: str, step: Step, money: Money, most: int | None) -> str:
    if len(step.edits) == 1:
        edit = step.edits[0]
        return f"{field_name(edit.field).capitalize()} of {place}: {_change(edit, step, money, most)}"
    return f"{place[:1].upper()}{place[1:]}: {_changes(step.edits, step, money, most)}"


def _changes(edits: Sequence[Edit], step: Step, money: Money, most: int | None) -> str:
    return "; ".join(f"{field_name(edit.field)} {_change(edit, step, money, most)}" for edit in edits)


def _change(edit: Edit, step: Step, money: Money, most: int | None) -> str:
    before, after = (_value(wire, edit, step, money, most) for wire in (edit.before, edit.after))
    return f"{before} → {after}"


def _value(wire: Any, edit: Edit, step: Step, money: Money, most: int | None) -> str:
    return shown(edit.field, wire, money, step.names, most=most)


def _month(step: Step) -> str:
    return step.month.title if step.month else "a month that is gone"


def _quoted(notes: Any, most: int | None) -> str:
    return f", with the notes “{notes}”" if notes and most is None else ""


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


_DONE = {Did.ADDED: "added", Did.DELETED: "deleted", Did.BROUGHT_BACK: "brought back"}
_ON = {Did.ADDED: "on", Did.DELETED: "from", Did.BROUGHT_BACK: "on"}
_BECAME = {
    ("planning", "active"): "activated",
    ("active", "closed"): "closed",
    ("closed", "active"): "reopened",
}
_KINDS: dict[str, Callable[[Step, Money, int | None], str]] = {
    "household": _household,
    "plan_entry": _plan_entry,
    "month": _of_month,
    "month_entry": _month_entry,
    "posting": _posting,
    "device_card": _device_card,
}
