"""The first run: three ways to begin, shown where the plan will be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from nicegui import context, ui
from nicegui.events import GenericEventArguments

from quartermaster.formats.locales import currencies, currency_name
from quartermaster.services import starter
from quartermaster.services.currency import choose_currency
from quartermaster.ui.calls import Calls
from quartermaster.ui.household_file import open_demo
from quartermaster.ui.icons import brand_mark, icon
from quartermaster.ui.parts.finder import Choice, Finder, Words
from quartermaster.ui.parts.tags import button, el

MUCH_USED = ("EUR", "USD", "GBP", "JPY", "CHF", "CAD", "AUD", "INR")
"""Shown before a letter is typed; the others follow by name."""
WORDS = Words(
    label="Choose a currency",
    placeholder="A currency, such as “euro” or “JPY”",
    nothing="No currency is called that. Try its code, such as CHF.",
)


def first_run(calls: Calls, *, start_empty: Callable[[], None], may_choose: bool = False) -> None:
    """Draw the three choices, and the money that is kept; `may_choose` says whether it can still be another.

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
        _money(calls, may_choose=may_choose and not calls.place.is_currency_set)
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


def _money(calls: Calls, *, may_choose: bool) -> None:
    """Which money it is about, and the way to another one."""
    called = f"{currency_name(calls.money.currency, calls.place.locale)} ({calls.money.currency})"
    with el("p", "firstmoney"):
        el("span", "dim", "Your money is kept in")
        if not may_choose:
            el("b", text=called)
            return
        with button(called, "btn", data_opens="currency", aria_haspopup="dialog"):
            icon("down", 14)
    with context.client.layout:
        finder = Finder(calls, "currency", WORDS, lambda: _currencies(calls))

    async def opened(event: GenericEventArguments) -> None:
        if event.args == "currency":
            await finder.opened()

    ui.on("opened", opened)


async def _currencies(calls: Calls) -> Sequence[Choice]:
    async def choose(code: str) -> None:
        await calls.write(choose_currency, code)
        await calls.became_another()

    known, now = await calls.off_the_loop(partial(currencies, calls.place.locale)), calls.money.currency
    first = [now, *MUCH_USED]
    return [
        Choice(name, code, act=partial(choose, code), icon="check" if code == now else "right")
        for code, name in sorted(known, key=lambda one: first.index(one[0]) if one[0] in first else len(first))
    ]


def _card(
    drawing: str, title: str, text: str, do: str, act: Callable[[], Awaitable[None]], *, first: bool = False
) -> None:
    with el("div", "firstcard"):
        icon(drawing, 22)
        el("h3", text=title)
        el("p", "dim", text)
        button(do, "btn pri" if first else "btn").on("click", act)
