"""The first run: three ways to begin, shown where the plan will be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from quartermaster.services import starter
from quartermaster.ui.calls import Calls
from quartermaster.ui.household_file import open_demo
from quartermaster.ui.icons import brand_mark, icon
from quartermaster.ui.parts.tags import button, el


def first_run(calls: Calls, *, start_empty: Callable[[], None]) -> None:
    """Draw the three choices.

    `start_empty` shows the empty plan; the starter plan arrives as a change like any other.
    """

    async def begin_empty() -> None:
        start_empty()

    async def begin_with_starter() -> None:
        with calls.told():
            await calls.write(starter.fill)

    async def look_around() -> None:
        with calls.told():
            await open_demo(calls)

    with el("section", "first", aria_labelledby="first-title"):
        brand_mark(44)
        el("h2", text="Give every unit of income a job", id="first-title")
        el("p", "lede", "The plan is what a usual month should look like. Each month then starts as a copy of it.")
        with el("div", "firstcards"):
            _card(
                "plan", "Starter plan", "Nineteen entries that most households have, with amounts to overwrite.",
                "Start with this", begin_with_starter, first=True,
            )  # fmt: skip
            _card(
                "plus", "Empty plan", "A blank page, for those who know their bills by heart.",
                "Start empty", begin_empty,
            )  # fmt: skip
            _card(
                "find", "Demo household", "Twelve months of made-up lives to look around in, in a file of their own.",
                "Look around", look_around,
            )  # fmt: skip
        el("p", "faint", "You can open the demo later from Settings, and nothing in it mixes with your budget.")


def _card(
    drawing: str, title: str, text: str, do: str, act: Callable[[], Awaitable[None]], *, first: bool = False
) -> None:
    with el("div", "firstcard"):
        icon(drawing, 22)
        el("h3", text=title)
        el("p", "dim", text)
        button(do, "btn pri" if first else "btn").on("click", act)
