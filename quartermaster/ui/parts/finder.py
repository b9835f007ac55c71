"""A dialog in which one of many is found: a few letters, the arrows, Enter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from nicegui import ui
from nicegui.events import GenericEventArguments

from quartermaster.ui.calls import Calls
from quartermaster.ui.icons import icon
from quartermaster.ui.parts.tags import VALUE, Tag, el

MOST_SHOWN = 10
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What the dialog is called for those who hear it, what its field says, and what is said where nothing fits."""

    label: str
    placeholder: str
    nothing: str


class Finder:
    """The dialog `id`; `opened` is to be awaited each time it opened. `gather` answers what can be found then.

    `search` answers what else fits what is typed, of things that are too many to gather.
    """

    def __init__(
        self,
        calls: Calls,
        id: str,
        words: Words,
        gather: Callable[[], Awaitable[Sequence[Choice]]],
        search: Callable[[str], Awaitable[Sequence[Choice]]] | None = None,
    ) -> None:
        self._calls, self._id, self._words, self._gather, self._search = calls, id, words, gather, search
        self._searched, self._searched_for = tuple[Choice, ...](), ""
        self._choices: Sequence[Choice] = ()
        self._shown: list[Choice] = []
        self._typed, self._at = "", 0
        with el("dialog", "palette", id=id, aria_label=words.label, data_light=""):
            with el("div", "pfind"):
                icon("find", 18)
                self._input = el(
                    "input", type="text", placeholder=words.placeholder, autofocus=True,
                    role="combobox", aria_label="Find", aria_controls=f"{id}-list", aria_expanded="true",
                    aria_autocomplete="list", autocomplete="off", spellcheck="false", data_select="",
                )  # fmt: skip
                el("kbd", text="Esc", aria_hidden="true")
            self._list = el("div", "plist", id=f"{id}-list", role="listbox", aria_label="Found")
        self._input.on("input", self._on_typed, js_handler=VALUE)
        self._input.on("keydown", self._on_key, js_handler=KEYS)
        self._list.on(
            "click", self._on_clicked, js_handler='(e) => emit(e.target.closest("[data-at]")?.dataset.at ?? "")'
        )

    async def opened(self) -> None:
        """Everything that can be found now."""
        with self._calls.told():
            self._choices = await self._gather()
            self._find(self._typed)

    async def _on_typed(self, event: GenericEventArguments) -> None:
        self._typed = str(event.args)
        self._find(self._typed)
        await self._look_further(self._typed)
        self._find(self._typed)

    async def _look_further(self, typed: str) -> None:
        """Search for what was typed, unless something else was typed meanwhile."""
        if self._search is None or typed == self._searched_for:
            return
        more: Sequence[Choice] = ()
        with self._calls.told():
            more = await self._search(typed.strip())
        if typed == self._typed:
            self._searched, self._searched_for = tuple(more), typed

    async def _on_key(self, event: GenericEventArguments) -> None:
        key, typed = event.args
        if key == "Enter":
            # The list may not have caught up with the last letters: what was typed decides.
            if not self._choices:
                await self.opened()
            self._typed = typed
            await self._look_further(typed)
            at, self._shown = self._at, self._fitting(typed)
            await self._take(min(at, len(self._shown) - 1))
        elif self._shown:
            self._at = (self._at + (1 if key == "ArrowDown" else -1)) % len(self._shown)
            self._mark()

    async def _on_clicked(self, event: GenericEventArguments) -> None:
        if str(event.args).isdecimal():
            await self._take(int(event.args))

    async def _take(self, at: int) -> None:
        if not 0 <= at < len(self._shown):
            return
        choice = self._shown[at]
        ui.run_javascript(f"document.getElementById('{self._id}').close()")
        if choice.to:
            ui.navigate.to(choice.to)
        elif choice.act is not None:
            with self._calls.told():
                await choice.act()

    def _find(self, typed: str) -> None:
        fitting = self._fitting(typed)
        if fitting == self._shown and self._list.default_slot.children:
            return
        self._shown, self._at = fitting, 0
        self._list.clear()
        with self._list:
            for index, choice in enumerate(self._shown):
                self._line(index, choice)
            if not self._shown:
                el("p", "faint pnone", self._words.nothing)
        self._mark()

    def _fitting(self, typed: str) -> list[Choice]:
        return [*found(self._choices, typed), *self._searched]

    def _line(self, index: int, choice: Choice) -> None:
        with el("div", "pline", id=f"{self._id}-{index}", role="option", data_at=str(index)):
            icon(choice.icon)
            el("span", text=choice.title)
            el("span", "faint", choice.kind)

    def _mark(self) -> None:
        lines = [child for child in self._list.default_slot.children if isinstance(child, Tag) and child.tag == "div"]
        for index, line in enumerate(lines):
            line.set(aria_selected="true" if index == self._at else "false")
        self._input.set(aria_activedescendant=f"{self._id}-{self._at}" if self._shown else None)


def found(choices: Sequence[Choice], typed: str) -> list[Choice]:
    """The choices that hold every word typed, those first whose title starts so."""
    words = typed.casefold().split()
    fitting = [choice for choice in choices if all(word in _said(choice) for word in words)]
    start = " ".join(words)
    return sorted(fitting, key=lambda choice: not choice.title.casefold().startswith(start))[:MOST_SHOWN]


def _said(choice: Choice) -> str:
    return f"{choice.title} {choice.kind} {choice.words}".casefold()
