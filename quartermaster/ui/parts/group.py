"""A group of sections: a card with totals that opens and remembers it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nicegui import binding

from quartermaster.domain.section import Group, Section
from quartermaster.ui.icons import icon
from quartermaster.ui.parts.tags import Tag, el
from quartermaster.ui.person import person

OPEN = "open_groups"


@binding.bindable_dataclass
class Figures:
    """Up to three amounts of a line, ready to read."""

    first: str = ""
    second: str = ""
    third: str = ""


class GroupCard:
    """`columns` are (label, classes) of the amounts. The body is there while the group is open.

    `draw` fills it as the group opens; `emptied` hears that it closed. What is opened or closed is remembered for the
    pages that come; those that are there, in other tabs, stay as they are.
    """

    def __init__(
        self,
        page: str,
        group: Group,
        columns: Sequence[tuple[str, str]],
        draw: Callable[[], None],
        emptied: Callable[[], None],
        *,
        grid: str = "cols",
    ) -> None:
        self.group = group
        self.figures = Figures()
        self._key, self._draw, self._emptied = f"{page}/{group.value}", draw, emptied
        self.is_open = bool(person().get(OPEN, {}).get(self._key, group.starts_open))
        with el("section", "group", aria_label=group.title):
            self._header(columns, grid)
            self.body = el("div", id=f"group-{group.value}")
        self._mark()

    def _header(self, columns: Sequence[tuple[str, str]], grid: str) -> None:
        self._button = el("button", f"ghead {grid}", type="button", aria_controls=f"group-{self.group.value}")
        with self._button:
            with el("h2"):
                self._closed, self._opened = icon("right", 14), icon("down", 14)
                el("span", text=self.group.title)
            el("span", "m")
            for name, (label, classes) in zip(("first", "second", "third"), columns, strict=False):
                el("span", classes, data_label=label).bind_text_from(self.figures, name)
            el("span", "m")
        self._button.on("click", self._toggle)

    def _toggle(self) -> None:
        self.is_open = person().setdefault(OPEN, {})[self._key] = not self.is_open
        self._mark()
        if self.is_open:
            self._draw()
        else:
            self.body.clear()
            self._emptied()

    def open(self) -> None:
        """Open the group, unless it is open."""
        if not self.is_open:
            self._toggle()

    def _mark(self) -> None:
        self._button.set(aria_expanded="true" if self.is_open else "false")
        self._closed.set(hidden=True if self.is_open else None)
        self._opened.set(hidden=None if self.is_open else True)


def section_header(section: Section, columns: Sequence[tuple[str, str]], *, grid: str = "cols") -> Tag:
    """The line above a section's rows; `columns` are (label, classes) of the amounts."""
    with el("div", f"sec {grid} lab") as line:
        el("h3", "lab", section.title)
        el("span", "m")
        for label, classes in columns:
            el("span", classes, label)
        el("span", "m")
    return line
