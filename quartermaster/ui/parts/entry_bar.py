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
    """The verbs behind the buttons. The one of `target` is there for debts.

    `keep` is for an entry that another device deleted. `step` takes −1 for up or 1 for down, and the button that was
    pressed.
    """

    step: Callable[[int, Tag], Awaitable[None]]
    to_section: Callable[[Section], Awaitable[None]]
    delete: Callable[[], Awaitable[None]]
    target: Callable[[], Awaitable[None]]
    keep: Callable[[], Awaitable[None]] | None = None
    history: str = ""
    """The address of what was done to the entry."""


class EntryBar:
    """The buttons of the entry whose row is open. They do not name it: it may be renamed meanwhile."""

    def __init__(self, section: Section, acts: EntryActs, *, is_target: bool) -> None:
        with el("div", "bar-acts", role="group", aria_label="Actions for this entry"):
            with button("", "iconbtn", aria_label="Move up", title="Move up (Alt ↑)") as up:
                icon("up")
            with button("", "iconbtn", aria_label="Move down", title="Move down (Alt ↓)") as down:
                icon("down")
            if acts.keep is not None:
                _keep_button(acts.keep)
            up.on("click", lambda: acts.step(-1, up), args=[])
            down.on("click", lambda: acts.step(1, down), args=[])
            self._options = _section_choice(acts)
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
        for one, option in self._options.items():
            option.set(selected=True if one is section else None)
        self._target.set(hidden=None if section is Section.DEBT_MINIMUM else True)
        self._aim.set_text("No longer the debt target" if is_target else "Make it the debt target")


def _keep_button(keep: Callable[[], Awaitable[None]]) -> None:
    async def kept() -> None:
        await keep()
        once.set(hidden=True)

    once = button("Keep it", "btn pri").on("click", kept)


def _section_choice(acts: EntryActs) -> dict[Section, Tag]:
    async def chosen(event: GenericEventArguments) -> None:
        if event.args in set(Section):
            await acts.to_section(Section(str(event.args)))

    with el("select", "in sect", aria_label="Section").on("change", chosen, js_handler=VALUE):
        return {one: el("option", text=one.title, value=one.value) for one in Section}
