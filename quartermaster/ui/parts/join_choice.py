"""Which household to go on with, where this device and the server keep different ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from quartermaster.storage.exchange import Census
from quartermaster.ui.parts.tags import button, el

COUNTED = ("plan_entries", "months", "postings")
BOTH = (
    "Months meet by their name, entries by section and name; all postings of this device are added to the server's. "
    "What the server has stays as it is."
)
THEIRS = "This device goes on with the server's household, and keeps its own as a backup."
MINE = "The server goes on with this device's household, and keeps its own as a backup."
Choice = Callable[[], Awaitable[None]]


def join_choice(mine: Census, theirs: Mapping[str, Any], *, both: Choice, take: Choice, replace: Choice) -> None:
    """Draw both sides and the three ways. Nothing was changed yet, and each way backs up what it replaces."""
    with el("div", "join", role="group", aria_labelledby="join-title"):
        el("h3", text="The server keeps another household", id="join-title")
        with el("dl", "pairs"):
            el("dt", "lab", "On this device")
            el("dd", text=_said(mine.plan_entries, mine.months, mine.postings, mine.latest_day))
            el("dt", "lab", "On the server")
            plan_entries, months, postings = (_number(theirs.get(name)) for name in COUNTED)
            day = theirs.get("latest_day")
            el("dd", text=_said(plan_entries, months, postings, day if isinstance(day, str) else None))
        _way("Put both together", BOTH, both, first=True)
        _way("Use the server's", THEIRS, take)
        _way("Use this device's", MINE, replace)


def _way(title: str, said: str, act: Choice, *, first: bool = False) -> None:
    with el("div", "way"):
        button(title, "btn pri" if first else "btn").on("click", act, args=[])
        el("p", "hintline", said)


def _said(plan_entries: int, months: int, postings: int, latest_day: str | None) -> str:
    last = f", the latest of {latest_day[:10]}" if latest_day else ""
    counted = (
        (plan_entries, "plan entry", "plan entries"),
        (months, "month", "months"),
        (postings, "posting", "postings"),
    )
    return ", ".join(f"{count:,} {one if count == 1 else many}" for count, one, many in counted) + last


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
