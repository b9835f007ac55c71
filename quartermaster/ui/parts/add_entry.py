"""The row at a section's end that adds an entry: type, Enter, next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from quartermaster.domain.section import Section
from quartermaster.ui.calls import Calls
from quartermaster.ui.drafts import Draft
from quartermaster.ui.icons import icon
from quartermaster.ui.parts.entered_form import EnteredForm
from quartermaster.ui.parts.inline_edit import read_amount
from quartermaster.ui.parts.tags import Tag, el

FIELDS = ("name", "planned")


class AddEntry:
    """`place` is `plan` or the month; `add` takes section, name, planned amount and an id, and may raise Refused."""

    def __init__(
        self,
        calls: Calls,
        place: str,
        section: Section,
        add: Callable[[Section, str, int, UUID], Awaitable[None]],
    ) -> None:
        self._calls, self._section, self._add = calls, section, add
        draft = f"{place}/entry/{section.value}"
        typed = Draft(draft).fields
        with el(
            "form", "addentry" if place == "plan" else "addentry left1", novalidate=True, autocomplete="off"
        ) as form:
            self._fields = {name: self._field(name, typed.get(name, "")) for name in FIELDS}
            with el("button", "iconbtn", type="submit", aria_label=f"Add to {section.title}"):
                icon("plus")
            self._message = el("p", "err", role="alert")
        EnteredForm(calls, form, draft, FIELDS, begin=self._begin, save=self._save, refused=self._refused)

    def _field(self, name: str, typed: str) -> Tag:
        title = self._section.title
        if name == "name":
            return el(
                "input", "in ghost", name=name, aria_label=f"New entry in {title}",
                placeholder=f"Add to {title.lower()}…", defaultValue=typed,
            )  # fmt: skip
        return el(
            "input", "in ghost num", name=name, inputmode="decimal", aria_label=f"Planned for the new entry in {title}",
            placeholder=self._calls.money.format(0), defaultValue=typed,
        )  # fmt: skip

    def _begin(self) -> None:
        self._message.set_text("")
        self._put({}, wrong=None)

    async def _save(self, fields: dict[str, str], identity: UUID) -> None:
        planned = read_amount(self._calls, fields.get("planned", ""))
        await self._add(self._section, fields.get("name", ""), planned, identity)

    def _refused(self, fields: dict[str, str], sentence: str, at: str | None) -> None:
        self._put(fields, wrong=at)
        self._message.set_text(sentence)

    def _put(self, values: dict[str, str], *, wrong: str | None) -> None:
        for name, field in self._fields.items():
            field.set(defaultValue=values.get(name, ""), aria_invalid="true" if name == wrong else None)
