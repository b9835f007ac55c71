"""One entry of the plan as a row, and its details while it is open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from quartermaster.domain.plan import PlanEntry
from quartermaster.ui.calls import Calls
from quartermaster.ui.fund_words import FundWords
from quartermaster.ui.icons import icon
from quartermaster.ui.parts.group import Figures
from quartermaster.ui.parts.inline_edit import InlineEdit
from quartermaster.ui.parts.tags import Tag, button, el


@dataclass(frozen=True, slots=True)
class PlanItem:
    """What a row shows: the entry, whether it is the debt target, and how it stands where it is a sinking fund."""

    entry: PlanEntry
    is_target: bool = False
    fund: FundWords | None = None


@dataclass(frozen=True, slots=True)
class PlanLineActs:
    """What a row does."""

    toggle: Callable[[UUID], None]
    plan: Callable[[UUID, str], Awaitable[None]]
    step: Callable[[UUID, int, Tag], Awaitable[None]]


class PlanLine:
    """The row and, while it is open, what `under` holds beneath it."""

    def __init__(self, calls: Calls, item: PlanItem, acts: PlanLineActs) -> None:
        self._calls, self._acts, self.item = calls, acts, item
        entry = item.entry
        self.face = Figures()
        self.details: Callable[[PlanItem], None] | None = None
        """Brings what is beneath the open row to what the item says."""
        with el("div", "row plancols") as self.row:
            self._draw_name()
            self._note = el("span", "m dim clip")
            edit = InlineEdit(
                calls, f"Planned for {entry.name}", self._typed, self._save, classes="num", draft=f"planned/{entry.id}"
            )
            edit.button.bind_text_from(self.face, "first")
            with el("span", "chev m", aria_hidden="true"):
                icon("right", 14)
        self.under = el("div", id=f"under-{entry.id}")
        self.show(item)
        self.mark(is_open=False)

    def _draw_name(self) -> None:
        identity = self.item.entry.id
        with el("span", "name"):
            self._name = button("", "toggle", aria_controls=f"under-{identity}")
            self._name.on("click", lambda: self._acts.toggle(identity), args=[])
            self._name.on("keydown.alt.up.prevent", lambda: self._acts.step(identity, -1, self._name), args=[])
            self._name.on("keydown.alt.down.prevent", lambda: self._acts.step(identity, 1, self._name), args=[])
            self._target = el("span", "tag ok", "target", title="Spare money goes here; nothing is swept into it")

    def _typed(self) -> str:
        return self._calls.money.format(self.item.entry.planned)

    async def _save(self, typed: str) -> None:
        await self._acts.plan(self.item.entry.id, typed)

    def show(self, item: PlanItem) -> None:
        """Bring the row to what the item says; only what changed is sent."""
        self.item, entry = item, item.entry
        self._name.set_text(entry.name)
        said = item.fund.line if item.fund else ""
        self._note.set_text(said or (entry.notes or "").split("\n")[0])
        self._note.set(title=said or None)
        tone = "unassigned" if item.fund and item.fund.is_short else "dim"
        self._note.classes(replace=f"clip {tone} {'stands' if said else 'm'}")
        self.face.first = self._calls.money.format(entry.planned)
        self._target.set(hidden=None if item.is_target else True)
        if self.details is not None:
            self.details(item)

    def mark(self, *, is_open: bool) -> None:
        """Show that the row is open, or that it is not."""
        self.row.classes(replace="row plancols open" if is_open else "row plancols")
        self._name.set(aria_expanded="true" if is_open else "false")
        if not is_open:
            self.details = None
