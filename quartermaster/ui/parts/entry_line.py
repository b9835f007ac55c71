"""One entry of a month as a row: planned, applied, what is left, and how it differs from the plan."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from quartermaster.domain.deviation import Deviation
from quartermaster.domain.section import Section
from quartermaster.services.month_views import MonthLine
from quartermaster.ui.calls import Calls
from quartermaster.ui.icons import icon
from quartermaster.ui.parts.group import Figures
from quartermaster.ui.parts.inline_edit import InlineEdit
from quartermaster.ui.parts.tags import Tag, button, el


@dataclass(frozen=True, slots=True)
class LineActs:
    """What a row does. `plan` saves a typed planned amount; None where the month is closed."""

    toggle: Callable[[UUID], Awaitable[None]]
    plan: Callable[[UUID, str], Awaitable[None]] | None
    step: Callable[[UUID, int, Tag], Awaitable[None]]


class EntryLine:
    """The row and, while it is open, what `under` holds beneath it."""

    def __init__(self, calls: Calls, line: MonthLine, acts: LineActs) -> None:
        self._calls, self._acts, self.line = calls, acts, line
        self.face = Figures()
        self.texts: tuple[Tag, Tag] | None = None
        """The name and the notes beneath an open row, where they are edited."""
        with el("div", "row cols") as self.row:
            self._draw_name()
            with el("span", "prog", aria_hidden="true") as self._progress:
                self._bar = el("i")
            el("span", "num").bind_text_from(self.face, "first")
            self._draw_planned()
            self._left = el("span", "num left").bind_text_from(self.face, "third")
            with el("span", "chev m", aria_hidden="true"):
                self._closed, self._opened = icon("right", 14), icon("down", 14)
        self.under = el("div", id=f"under-{line.entry.id}")
        self.show(line)
        self.mark(is_open=False)

    def _draw_name(self) -> None:
        identity = self.line.entry.id
        with el("span", "name"):
            holds = None if self._acts.plan is None else ""
            self._name = button("", "toggle", aria_controls=f"under-{identity}", data_holds=holds)
            self._name.on("click", lambda: self._acts.toggle(identity))
            if self._acts.plan is not None:
                self._name.on("keydown.alt.up.prevent", lambda: self.step(-1, self._name), args=[])
                self._name.on("keydown.alt.down.prevent", lambda: self.step(1, self._name), args=[])
            self._noted = el("span", "note", "✎", title="Has notes", role="img", aria_label="has notes")
            self._target = el("span", "tag ok", "target", title="Spare money goes here; nothing is swept into it")
            self._tag = el("span", "tag", tabindex="0")

    def _draw_planned(self) -> None:
        plan = self._acts.plan
        if plan is None:
            el("span", "num m").bind_text_from(self.face, "second")
            return

        async def save(typed: str) -> None:
            await plan(self.line.entry.id, typed)

        name = self.line.entry.name
        typed = lambda: self._calls.money.format(self.line.entry.planned)  # noqa: E731  # it reads as a value
        edit = InlineEdit(
            self._calls, f"Planned for {name}", typed, save, classes="num m", draft=f"planned/{self.line.entry.id}"
        )
        edit.button.bind_text_from(self.face, "second")

    async def step(self, by: int, pressed: Tag) -> None:
        """Move one place up (−1) or down (1); the keyboard stays on what was pressed."""
        await self._acts.step(self.line.entry.id, by, pressed)

    def show(self, line: MonthLine) -> None:
        """Bring the row to what the line says; only what changed is sent."""
        self.line = line
        money, entry = self._calls.money, line.entry
        self._name.set_text(entry.name)
        self.face.first = money.format(line.applied)
        self.face.second = money.format(entry.planned)
        self.face.third = money.format(line.left)
        self._left.classes(replace=f"num left {left_class(line)}")
        self._bar.set(style=f"width:{share(line):.0f}%")
        self._progress.classes(replace=f"prog {progress_class(line)}".strip())
        self._noted.set(hidden=None if entry.notes else True)
        self._target.set(hidden=None if line.is_target else True)
        self._show_deviation(line)
        if self.texts is not None and not self.texts[0].is_deleted:
            self.texts[0].set_text(entry.name)
            self.texts[1].set_text(entry.notes or "Add notes")

    def _show_deviation(self, line: MonthLine) -> None:
        entry = line.entry
        if line.is_stranded:
            self._tag.set_text("deleted elsewhere")
            self._tag.classes(replace="tag ed")
            said = "Deleted on one device while another added a posting. Open it to keep it, or to delete both."
            self._tag.set(hidden=None, title=said, aria_label=f"deleted elsewhere. {said}")
        elif line.deviation is Deviation.EDITED:
            origin = f"In the plan: {entry.origin_name}, {self._calls.money.format(entry.origin_planned or 0)}"
            self._tag.set_text("modified")
            self._tag.classes(replace="tag ed")
            self._tag.set(hidden=None, title=origin, aria_label=f"modified. {origin}")
        elif line.deviation is Deviation.NEW_IN_MONTH:
            self._tag.set_text("new this month")
            self._tag.classes(replace="tag new")
            self._tag.set(hidden=None, title="Only in this month, not in the plan", aria_label=None)
        else:
            self._tag.set(hidden=True)

    def mark(self, *, is_open: bool) -> None:
        """Show that the row is open, or that it is not."""
        self.row.classes(replace="row cols open" if is_open else "row cols")
        self._name.set(aria_expanded="true" if is_open else "false")
        self._closed.set(hidden=True if is_open else None)
        self._opened.set(hidden=None if is_open else True)

    def delete(self) -> None:
        self.row.delete()
        self.under.delete()


def place(line: EntryLine, at: Tag, index: int) -> None:
    """Put the row and what is under it at an index of its section."""
    line.row.move(at, index * 2)
    line.under.move(at, index * 2 + 1)


def share(line: MonthLine) -> float:
    """How much of what is planned was applied, in percent, for the bar."""
    if line.entry.planned <= 0:
        return 100.0 if line.applied > 0 else 0.0
    return min(max(line.applied * 100 / line.entry.planned, 0.0), 100.0)


def progress_class(line: MonthLine) -> str:
    if line.applied == line.entry.planned:
        return "full" if line.applied else ""
    over = line.left < 0 and line.entry.section is not Section.INCOME
    return "over" if over else ""


def left_class(line: MonthLine) -> str:
    if line.left == 0:
        return "nil"
    return "neg" if line.left < 0 and line.entry.section is not Section.INCOME else "pos"
