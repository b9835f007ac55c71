"""The details of a plan entry: name, notes, and the goal of a sinking fund or the balance of a debt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from quartermaster.domain import rate
from quartermaster.domain.errors import Refused
from quartermaster.domain.section import Section
from quartermaster.ui.calls import Calls
from quartermaster.ui.drafts import under
from quartermaster.ui.parts.inline_edit import InlineEdit
from quartermaster.ui.parts.plan_line import PlanItem
from quartermaster.ui.parts.tags import Tag, el

Save = Callable[..., Awaitable[None]]


class PlanDetails:
    """`save(**fields)` takes the edited fields of the entry."""

    def __init__(self, calls: Calls, item: PlanItem, save: Save) -> None:
        self._calls, self._save = calls, save
        self._entry, self._section = item.entry, item.entry.section
        self._shown: dict[str, tuple[Tag, str]] = {}
        with el("div", "facts"):
            self._fact("Name", "name", "", lambda typed: typed)
            self._fact("Notes", "notes", "Add notes", lambda typed: typed, tag="textarea", classes="notes")
            self._more = el("div", "more-facts")
        self._draw_more()
        self.show(item)

    def _draw_more(self) -> None:
        """What only entries of its section have."""
        self._more.empty()
        self._shown = {field: shown for field, shown in self._shown.items() if field in ("name", "notes")}
        with self._more:
            if self._section is Section.SINKING_FUND:
                self._fact("Goal", "goal", "Set a goal", self._amount)
                self._fact("By", "goal_date", "Set a date", _day)
                self._fact("Opening balance", "opening_balance", "Set it", self._amount)
                self._fund_label = el("span", "lab", "So far")
                self._fund = el("span")
            elif self._section is Section.DEBT_MINIMUM:
                self._fact("Balance", "debt_balance", "Set it", self._amount)
                self._fact("APR in %", "apr_basis_points", "Set it", rate.read)

    def show(self, item: PlanItem) -> None:
        """Bring the facts to what the item says."""
        self._entry = item.entry
        if self._section is not item.entry.section:
            self._section = item.entry.section
            self._draw_more()
        if item.fund is not None:
            self._fund.set_text(item.fund.line)
            self._fund.classes(replace="unassigned" if item.fund.is_short else "")
            for tag in (self._fund_label, self._fund):
                tag.set(hidden=None if item.fund.line else True)
        for field, (shown, missing) in self._shown.items():
            shown.set_text(self._text(field) or missing)
            shown.classes(replace="editable" if self._text(field) else "editable missing")

    def _fact(
        self, label: str, field: str, missing: str, read: Callable[[str], Any], *, tag: str = "input", classes: str = ""
    ) -> None:
        async def save(typed: str) -> None:
            await self._save(**{field: read(typed)})

        el("span", "lab", label)
        edit = InlineEdit(
            self._calls,
            label,
            lambda: self._text(field),
            save,
            tag=tag,
            classes=classes,
            draft=under(self._entry.id, field),
        )
        self._shown[field] = (edit.button, missing)

    def _text(self, field: str) -> str:
        value = getattr(self._entry, field)
        if value is None:
            return ""
        if field == "apr_basis_points":
            return rate.format(value, self._calls.money.decimal_sign)
        return self._calls.money.format(value) if isinstance(value, int) else str(value)

    def _amount(self, typed: str) -> int | None:
        return self._calls.money.read(typed) if typed.strip() else None


def _day(typed: str) -> date | None:
    if not typed.strip():
        return None
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise Refused("Type a date like 2027-12-24.") from None
