"""What can be done with one entry: order, section, debt target, delete. The same in the plan and in a month."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nicegui.events import GenericEventArguments

from quartermaster.domain.section import Section
from quartermaster.ui.icons import icon
from quartermaster.ui.parts.tags import VALUE, Tag, button, el


@dataclass(frozen=True, slots=True)
class EntryActs:
    """The verbs behind the buttons. The one of `target` is there for debts. `to_section` and `keep` say whether it was
    done.

    `keep` is for an entry that another device deleted. `step` takes −1 for up or 1 for down, and the button that was
    pressed.
    """

    step: Callable[[int, Tag], Awaitable[None]]
    to_section: Callable[[Section], Awaitable[bool]]
    delete: Callable[[], Awaitable[None]]
    target: Callable[[], Awaitable[None]]
    keep: Callable[[], Awaitable[bool]] | None = None
    history: str = ""
    """The address of what was done to the entry."""


class EntryBar:
    """The buttons of the entry whose row is open. They do not name it: it may be renamed meanwhile."""

    def __init__(self, section: Section, acts: EntryActs, *, is_target: bool) -> None:
        self._acts, self._section = acts, section
        with el("div", "bar-acts", role="group", aria_label="Actions for this entry"):
            with button("", "iconbtn", aria_label="Move up", title="Move up (Alt ↑)") as up:
                icon("up")
            with button("", "iconbtn", aria_label="Move down", title="Move down (Alt ↓)") as down:
                icon("down")
            if acts.keep is not None:
                _keep_button(acts.keep)
            up.on("click", lambda: acts.step(-1, up), args=[])
            down.on("click", lambda: acts.step(1, down), args=[])
            with el("select", "in sect", aria_label="Section") as self._choice:
                self._options = {one: el("option", text=one.title, value=one.value) for one in Section}
            self._choice.on("change", self._chosen, js_handler=VALUE)
            with button("", "btn quiet").on("click", acts.target) as self._target:
                icon("target")
                self._aim = el("span")
            if acts.history:
                with el("a", "btn quiet", href=acts.history):
                    icon("history")
                    el("span", text="History")
            with button("", "btn quiet del").on("click", acts.delete):
                icon("delete")
                el("span", text="Delete")
        self.show(section, is_target=is_target)

    def show(self, section: Section, *, is_target: bool) -> None:
        """Say which section it is in; offer to make a debt the debt target, or to end that."""
        self._section = section
        for one, option in self._options.items():
            option.set(selected=True if one is section else None)
        self._target.set(hidden=None if section is Section.DEBT_MINIMUM else True)
        self._aim.set_text("No longer the debt target" if is_target else "Make it the debt target")

    async def _chosen(self, event: GenericEventArguments) -> None:
        if event.args in set(Section) and not await self._acts.to_section(Section(str(event.args))):
            self._choice.put(self._section.value)


def _keep_button(keep: Callable[[], Awaitable[bool]]) -> None:
    async def kept() -> None:
        if await keep():
            once.set(hidden=True)

    once = button("Keep it", "btn pri").on("click", kept)
