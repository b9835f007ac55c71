"""What can be done with one entry: order, section, debt target, delete. The same in the plan and in a month."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nicegui.events import GenericEventArguments

from quartermaster.domain.section import Section
from quartermaster.ui.icons import icon
from quartermaster.ui.parts.tags import button, el

VALUE = "(e) => emit(e.target.value)"


@dataclass(frozen=True, slots=True)
class EntryActs:
    """The verbs behind the buttons. `step` takes −1 for up and 1 for down; `target` None hides its button."""

    step: Callable[[int], Awaitable[None]]
    to_section: Callable[[Section], Awaitable[None]]
    delete: Callable[[], Awaitable[None]]
    target: Callable[[], Awaitable[None]] | None = None


def entry_bar(name: str, section: Section, acts: EntryActs, *, is_target: bool) -> None:
    """Draw the buttons of one entry."""
    with el("div", "bar-acts", role="group", aria_label=f"Actions for {name}"):
        with button("", "iconbtn", aria_label=f"Move {name} up", title="Move up (Alt ↑)").on(
            "click", lambda: acts.step(-1)
        ):
            icon("up")
        with button("", "iconbtn", aria_label=f"Move {name} down", title="Move down (Alt ↓)").on(
            "click", lambda: acts.step(1)
        ):
            icon("down")
        _section_choice(name, section, acts)
        if acts.target is not None:
            with button("", "btn quiet").on("click", acts.target):
                icon("target")
                el("span", text="No longer the debt target" if is_target else "Make it the debt target")
        with button("", "btn quiet del", aria_label=f"Delete {name}").on("click", acts.delete):
            icon("delete")
            el("span", text="Delete")


def _section_choice(name: str, section: Section, acts: EntryActs) -> None:
    async def chosen(event: GenericEventArguments) -> None:
        if event.args in set(Section):
            await acts.to_section(Section(str(event.args)))

    with el("select", "in sect", aria_label=f"Section of {name}").on("change", chosen, js_handler=VALUE):
        for one in Section:
            el("option", text=one.title, value=one.value, selected=True if one is section else None)
