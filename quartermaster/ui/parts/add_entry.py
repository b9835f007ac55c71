"""The row at a section's end that adds an entry: type, Enter, next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from nicegui.events import GenericEventArguments

from quartermaster.domain.section import Section
from quartermaster.ui.calls import Calls
from quartermaster.ui.drafts import Draft, form_fields
from quartermaster.ui.icons import icon
from quartermaster.ui.parts.inline_edit import read_amount
from quartermaster.ui.parts.tags import el

ADD = '(e) => qmEnter(e, "name", emit)'
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
        self._draft = Draft(f"{place}/entry/{section.value}", needs=("name",))
        self._ids: dict[str, UUID] = {}
        typed = self._draft.fields
        with el(
            "form", "addentry" if place == "plan" else "addentry left1", novalidate=True, autocomplete="off"
        ) as form:
            self._fields = {
                "name": el(
                    "input", "in ghost", name="name", aria_label=f"New entry in {section.title}",
                    placeholder=f"Add to {section.title.lower()}…", defaultValue=typed.get("name", ""),
                ),
                "planned": el(
                    "input", "in ghost num", name="planned", inputmode="decimal",
                    aria_label=f"Planned for the new entry in {section.title}",
                    placeholder=calls.money.format(0), defaultValue=typed.get("planned", ""),
                ),
            }  # fmt: skip
            with el("button", "iconbtn", type="submit", aria_label=f"Add to {section.title}"):
                icon("plus")
            self._message = el("p", "err", role="alert")
        self._draft.watch(form)
        form.on("submit.prevent", self._submitted, js_handler=ADD)

    async def _submitted(self, event: GenericEventArguments) -> None:
        fields = form_fields(event.args)
        token = fields.pop("token", "")
        if not any(fields.get(name, "").strip() for name in FIELDS):
            return
        self._message.set_text("")
        self._draft.sent(fields)
        self._put({"name": "", "planned": ""}, wrong=None)

        def refused(sentence: str, at: str | None) -> None:
            self._put({name: fields.get(name, "") for name in FIELDS}, wrong=at)
            self._message.set_text(sentence)
            self._draft.keep(fields)

        with self._calls.told(refused):
            planned = read_amount(self._calls, fields.get("planned", ""))
            identity = self._ids.setdefault(token, self._calls.store.new_id())
            await self._add(self._section, fields.get("name", ""), planned, identity)
        self._draft.heard(token)

    def _put(self, values: dict[str, str], *, wrong: str | None) -> None:
        for name, text in values.items():
            self._fields[name].set(defaultValue=text, aria_invalid="true" if name == wrong else None)
