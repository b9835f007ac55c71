"""Which household to go on with, where this device and the server keep different ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from quartermaster.services.joining import Preview, Side
from quartermaster.storage.exchange import Census
from quartermaster.ui.field_words import day_shown
from quartermaster.ui.parts.sync_facts import Progress
from quartermaster.ui.parts.tags import Tag, button, el

BOTH = (
    "Months meet by their name, entries by section and name; this device's postings are added to the server's, each "
    "once. What the server has stays as it is. You see what would happen first."
)
THEIRS = "This device goes on with the server's household, and keeps its own as a backup."
MINE = "The server goes on with this device's household, and keeps its own as a backup."
NOT_TOLD = "It did not tell how much it holds."
Choice = Callable[[], Awaitable[None]]


class JoinChoice:
    """Both sides and the three ways. Nothing was changed yet, and each way backs up what it replaces."""

    def __init__(self, mine: Census, theirs: Census | None, *, both: Choice, take: Choice, replace: Choice) -> None:
        self._buttons: list[Tag] = []
        with el("div", "join", role="group", aria_labelledby="join-title"):
            el("h3", text="The server keeps another household", id="join-title", tabindex="-1").focus()
            with el("dl", "pairs"):
                el("dt", "lab", "On this device")
                el("dd", text=_held(mine))
                el("dt", "lab", "On the server")
                el("dd", text=_held(theirs) if theirs is not None else NOT_TOLD)
            self._way("Put both together…", BOTH, both, first=True)
            self._way("Use the server's…", THEIRS, take)
            self._way("Use this device's…", MINE, replace)
            self.progress = Progress()
            self._message = el("p", "err", role="alert")

    def busy(self, *, on: bool) -> None:
        """Take no other choice while one is under way."""
        for one in self._buttons:
            if not one.is_deleted:
                one.set(disabled=True if on else None)
        if not self._message.is_deleted:
            self._message.set_text("")

    def refused(self, sentence: str, _at: str | None) -> None:
        self._message.set_text(sentence)

    def _way(self, title: str, said: str, act: Choice, *, first: bool = False) -> None:
        with el("div", "way"):
            self._buttons.append(button(title, "btn pri" if first else "btn").on("click", act, args=[]))
            el("p", "hintline", said)


def together_words(seen: Preview) -> tuple[str, ...]:
    """What putting both together would do, in sentences."""
    mine, theirs, added = seen.mine, seen.theirs, seen.added
    counted = (
        (mine.plan_entries, added.plan_entries, ("plan entry", "plan entries"), "in the server's plan already"),
        (mine.months, added.months, ("month", "months"), "there already"),
        (
            mine.entries,
            added.entries,
            ("entry of a month", "entries of months"),
            "like one there, by section and name",
        ),
    )
    lines = [
        f"Of this device's {_count(held, *names)}, {_be(held - new)} {met}, and {_be(new)} added."
        for held, new, names, met in counted
        if held
    ]
    lines.append(
        f"{_postings_words(mine.postings, added.postings)}{_corrected(added.corrected)} All is backed up first."
    )
    return f"On the server: {_said(theirs)}", f"On this device: {_said(mine)}", *lines


def _postings_words(held: int, new: int) -> str:
    if held == new:
        return f"{_count(new, 'posting', 'postings')} of this device {'is' if new == 1 else 'are'} added."
    # Another device of this household was there: what was deleted there since is known there as well.
    return (
        f"Of this device's {_count(held, 'posting', 'postings')}, {_be(held - new)} known there, and {_be(new)} added."
    )


def _corrected(count: int) -> str:
    if not count:
        return ""
    was = "was" if count == 1 else "were"
    return f" Of those that are known there, {count:,} {was} corrected or deleted on this device, and that comes along."


def _be(count: int) -> str:
    return f"{count:,} {'is' if count == 1 else 'are'}"


def _said(side: Side) -> str:
    first, last = (day.isoformat() if day else None for day in (side.first_day, side.last_day))
    return f"{_counted(side.plan_entries, side.months, side.postings)}{_days(first, last)}."


def _held(census: Census) -> str:
    days = _days(census.earliest_day, census.latest_day)
    return _counted(census.plan_entries, census.months, census.postings) + days


def _counted(plan_entries: int, months: int, postings: int) -> str:
    counted = (
        (plan_entries, "plan entry", "plan entries"),
        (months, "month", "months"),
        (postings, "posting", "postings"),
    )
    return ", ".join(_count(*one) for one in counted)


def _days(first: str | None, last: str | None) -> str:
    if first is None or last is None:
        return ""
    began, ended = day_shown(first), day_shown(last)
    return f", of {began}" if first == last else f", from {began} to {ended}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
