"""The palette: type a few letters of a page, a month or an action, and go there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from nicegui import ui
from nicegui.events import GenericEventArguments

from quartermaster.domain.year_month import YearMonth
from quartermaster.services.month_views import MonthSummary, month_list
from quartermaster.ui import theme
from quartermaster.ui.calls import Calls
from quartermaster.ui.household_file import back_to_own, back_up_now, open_demo
from quartermaster.ui.icons import icon
from quartermaster.ui.parts.snackbar import say
from quartermaster.ui.parts.tags import Tag, el
from quartermaster.ui.undoing import undo_offers

MOST_SHOWN = 9
TYPED = "(e) => emit(e.target.value)"
KEYS = '(e) => ["ArrowDown", "ArrowUp", "Enter"].includes(e.key) && (e.preventDefault(), emit([e.key, e.target.value]))'


@dataclass(frozen=True, slots=True)
class Choice:
    """One line: what it is called, what kind of thing it is, and where it leads or what it does."""

    title: str
    kind: str
    to: str = ""
    act: Callable[[], Awaitable[None]] | None = None
    words: str = ""
    icon: str = "right"


def palette_dialog(calls: Calls) -> Callable[[], Awaitable[None]]:
    """The dialog `palette`; what it answers is to be awaited each time it opened."""
    return _Palette(calls).opened


class _Palette:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.choices: tuple[Choice, ...] = ()
        self.shown: list[Choice] = []
        self.typed = ""
        self.at = 0
        with el(
            "dialog", "palette", id="palette", aria_label="Find a page, month or action", data_light=""
        ) as self.dialog:
            with el("div", "pfind"):
                icon("find", 18)
                self.input = el(
                    "input", type="text", placeholder="A page, a month such as “may”, or an action", autofocus=True,
                    role="combobox", aria_label="Find", aria_controls="palette-list", aria_expanded="true",
                    aria_autocomplete="list", autocomplete="off", spellcheck="false", data_select="",
                )  # fmt: skip
                el("kbd", text="Esc", aria_hidden="true")
            self.list = el("div", "plist", id="palette-list", role="listbox", aria_label="Found")
        self.input.on("input", self._typed, js_handler=TYPED)
        self.input.on("keydown", self._key, js_handler=KEYS)
        self.list.on("click", self._clicked, js_handler='(e) => emit(e.target.closest("[data-at]")?.dataset.at ?? "")')

    async def opened(self) -> None:
        """Everything that can be found now."""
        with self.calls.told():
            months = await self.calls.read(month_list)
            offers = [Choice(o.title, "action", act=o.act, icon="undo") for o in await undo_offers(self.calls)]
            self.choices = (*_pages(self.calls), *offers, *_actions(self.calls), *_months(self.calls, months))
            self._find(self.typed)

    def _typed(self, event: GenericEventArguments) -> None:
        self.typed = str(event.args)
        self._find(self.typed)

    async def _key(self, event: GenericEventArguments) -> None:
        key, typed = event.args
        if key == "Enter":
            # The list may not have caught up with the last letters: what was typed decides.
            if not self.choices:
                await self.opened()
            at, self.shown = self.at, found(self.choices, typed)
            await self._take(min(at, len(self.shown) - 1))
        elif self.shown:
            self.at = (self.at + (1 if key == "ArrowDown" else -1)) % len(self.shown)
            self._mark()

    async def _clicked(self, event: GenericEventArguments) -> None:
        if str(event.args).isdecimal():
            await self._take(int(event.args))

    async def _take(self, at: int) -> None:
        if not 0 <= at < len(self.shown):
            return
        choice = self.shown[at]
        ui.run_javascript("document.getElementById('palette').close()")
        if choice.to:
            ui.navigate.to(choice.to)
        elif choice.act is not None:
            with self.calls.told():
                await choice.act()

    def _find(self, typed: str) -> None:
        self.shown, self.at = found(self.choices, typed), 0
        self.list.clear()
        with self.list:
            for index, choice in enumerate(self.shown):
                _line(index, choice)
            if not self.shown:
                el("p", "faint pnone", "Nothing is called that. Try a month such as “march”, or “backup”.")
        self._mark()

    def _mark(self) -> None:
        lines = [child for child in self.list.default_slot.children if isinstance(child, Tag) and child.tag == "div"]
        for index, line in enumerate(lines):
            line.set(aria_selected="true" if index == self.at else "false")
        self.input.set(aria_activedescendant=f"palette-{self.at}" if self.shown else None)


def found(choices: Sequence[Choice], typed: str) -> list[Choice]:
    """The choices that hold every word typed, those first whose title starts so."""
    words = typed.casefold().split()
    fitting = [choice for choice in choices if all(word in _said(choice) for word in words)]
    start = " ".join(words)
    return sorted(fitting, key=lambda choice: not choice.title.casefold().startswith(start))[:MOST_SHOWN]


def _said(choice: Choice) -> str:
    return f"{choice.title} {choice.kind} {choice.words}".casefold()


def _line(index: int, choice: Choice) -> None:
    with el("div", "pline", id=f"palette-{index}", role="option", data_at=str(index)):
        icon(choice.icon)
        el("span", text=choice.title)
        el("span", "faint", choice.kind)


def _pages(calls: Calls) -> tuple[Choice, ...]:
    this = YearMonth.of(calls.today())
    return (
        Choice("Plan", "page", to="/", words="budget", icon="plan"),
        Choice("This month", "page", to=f"/month/{this}", words=this.title, icon="month"),
        Choice("History", "page", to="/history", words="changes undo who when log", icon="history"),
        Choice("Archive", "page", to="/archive", words="months closed", icon="archive"),
        Choice("Settings", "page", to="/settings", words="theme currency", icon="settings"),
        Choice("Backups", "page", to="/settings/backups", words="restore save copy", icon="save"),
    )


def _actions(calls: Calls) -> tuple[Choice, ...]:
    async def add() -> None:
        ui.run_javascript("qmOpen('quick-add')")

    async def keys() -> None:
        ui.run_javascript("qmOpen('keys')")

    async def back_up() -> None:
        say(f"Backed up as {(await back_up_now(calls)).path.name}.")

    def themed(choice: theme.Theme) -> Choice:
        async def choose() -> None:
            theme.choose(choice)
            ui.navigate.reload()

        return Choice(f"Theme: {choice.value}", "action", act=choose, words="colour color mode")

    async def demo() -> None:
        await (back_to_own(calls) if calls.in_demo else open_demo(calls))

    return (
        Choice("Add a posting", "action", act=add, words="new spend pay", icon="plus"),
        Choice("Show the keys", "action", act=keys, words="help shortcuts"),
        Choice("Back up now", "action", act=back_up, words="save", icon="save"),
        Choice(
            "Back to my budget" if calls.in_demo else "Open the demo household", "action", act=demo, words="example"
        ),
        *(themed(choice) for choice in theme.Theme),
    )


def _months(calls: Calls, months: Sequence[MonthSummary]) -> list[Choice]:
    """All started months, the latest first, and this one and the next where they are not started."""
    this = YearMonth.of(calls.today())
    states = {summary.year_month: summary.state.value for summary in months}
    for month in (this, this.next):
        states.setdefault(month, "not started")
    return [
        Choice(
            month.title,
            f"month · {state}",
            to=f"/month/{month}",
            words=str(month),
            icon="lock" if state == "closed" else "month",
        )
        for month, state in sorted(states.items(), reverse=True)
    ]
