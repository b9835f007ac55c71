"""One entry of a month as a row: planned, applied, what is left, and how it differs from the plan."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from quartermaster.domain.deviation import Deviation
from quartermaster.domain.money import Money
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
        self.details: Callable[[MonthLine], None] | None = None
        """Brings what is beneath the open row to what the line says."""
        with el("div", "row cols") as self.row:
            self._draw_name()
            with el("span", "prog", aria_hidden="true") as self._progress:
                self._bar = el("i")
            el("span", "num", data_label="Applied").bind_text_from(self.face, "first")
            self._draw_planned()
            self._left = el("span", "num left", data_label="Left").bind_text_from(self.face, "third")
            with el("span", "chev m", aria_hidden="true"):
                icon("right", 14)
        self.under = el("div", id=f"under-{line.entry.id}")
        self.show(line)
        self.mark(is_open=False)

    def _draw_name(self) -> None:
        identity = self.line.entry.id
        # Marks are drawn when there is something to mark: the browser walks through all that is drawn at each update.
        with el("span", "name") as self._marks:
            holds = None if self._acts.plan is None else ""
            self._name = button("", "toggle", aria_controls=f"under-{identity}", data_holds=holds)
            self._name.on("click", lambda: self._acts.toggle(identity))
            if self._acts.plan is not None:
                self._name.on("keydown.alt.up.prevent", lambda: self.step(-1, self._name), args=[])
                self._name.on("keydown.alt.down.prevent", lambda: self.step(1, self._name), args=[])
        self._noted: Tag | None = None
        self._target: Tag | None = None
        self._tag: Tag | None = None

    def _draw_planned(self) -> None:
        plan = self._acts.plan
        if plan is None:
            el("span", "num m", data_label="Planned").bind_text_from(self.face, "second")
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
        if entry.notes and self._noted is None:
            with self._marks:
                self._noted = el("span", "note", "✎", title="Has notes", role="img", aria_label="has notes")
        if line.is_target and self._target is None:
            with self._marks:
                self._target = el("span", "tag ok", "target", title="Spare money goes here; nothing is swept into it")
        for mark, wanted in ((self._noted, entry.notes), (self._target, line.is_target)):
            if mark is not None:
                mark.set(hidden=None if wanted else True)
        self._show_deviation(line)
        if self.details is not None:
            self.details(line)

    def _show_deviation(self, line: MonthLine) -> None:
        said = _deviation(line, self._calls.money)
        if said is None:
            if self._tag is not None:
                self._tag.set(hidden=True)
            return
        if self._tag is None:
            with self._marks:
                self._tag = el("span", tabindex="0")
        classes, text, title = said
        self._tag.set_text(text)
        self._tag.classes(replace=classes)
        self._tag.set(hidden=None, title=title, aria_label=f"{text}. {title}")

    def mark(self, *, is_open: bool) -> None:
        """Show that the row is open, or that it is not."""
        self.row.classes(replace="row cols open" if is_open else "row cols")
        self._name.set(aria_expanded="true" if is_open else "false")
        if not is_open:
            self.details = None


def notes_under(calls: Calls, line: EntryLine) -> None:
    """What a closed month has beneath an entry's postings: the notes, to be read."""
    with el("div", "under"), el("dl", "facts"):
        el("dt", "lab narrow", "Planned")
        planned = el("dd", "narrow")
        label, notes = el("dt", "lab", "Notes"), el("dd", "notes")

    def show(of: MonthLine) -> None:
        planned.set_text(calls.money.format(of.entry.planned))
        notes.set_text(of.entry.notes or "")
        for tag in (label, notes):
            tag.set(hidden=None if of.entry.notes else True)

    line.details = show
    show(line.line)


def _deviation(line: MonthLine, money: Money) -> tuple[str, str, str] | None:
    """Classes, text and title of the tag that says how an entry differs; None when it does not."""
    entry = line.entry
    if line.is_stranded:
        why = "Deleted on one device while another added a posting. Open it to keep it, or to delete both."
        return "tag ed", "deleted elsewhere", why
    if line.deviation is Deviation.EDITED:
        return "tag ed", "modified", f"In the plan: {entry.origin_name}, {money.format(entry.origin_planned or 0)}"
    if line.deviation is Deviation.NEW_IN_MONTH:
        return "tag new", "new this month", "Only in this month, not in the plan"
    return None


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
