"""Quick add: a posting from anywhere, in four fields and an Enter."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import date
from itertools import groupby
from uuid import UUID, uuid4

from nicegui import ui
from nicegui.events import GenericEventArguments

from quartermaster.domain.errors import Refused
from quartermaster.domain.month import MonthEntry, MonthState
from quartermaster.domain.posting import Posting, PostingDraft
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.month_views import month_list
from quartermaster.services.postings import add_posting, delete_posting, entry_for_payee, open_entries, payees
from quartermaster.storage.work import Work
from quartermaster.ui.calls import Calls
from quartermaster.ui.drafts import FORM_DATA, Draft, form_fields
from quartermaster.ui.parts.field import Field, field
from quartermaster.ui.parts.modal import modal
from quartermaster.ui.parts.snackbar import say
from quartermaster.ui.parts.tags import button, el

DRAFT = "quick-add"
TYPED = ("payee", "amount")
VALUE = "(e) => emit(e.target.value)"
FIELDS = ("payee", "amount", "entry_id", "day")


def quick_add_dialog(calls: Calls) -> Callable[[], Awaitable[None]]:
    """The dialog `quick-add`; what it answers is to be awaited each time it opened."""
    return _QuickAdd(calls).opened


class _QuickAdd:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.draft = Draft(DRAFT, needs=TYPED)
        self.posting_id = uuid4()
        self.month: YearMonth | None = None
        self.entries: tuple[MonthEntry, ...] = ()
        self.chosen_by_hand = False
        with modal("quick-add", "Add a posting"):
            self._draw()
        self.draft.watch(self.form)
        self.form.on("submit.prevent", self._submitted, js_handler=FORM_DATA)
        self.payee.control.on("input", self._payee_typed, throttle=0.15, leading_events=False, js_handler=VALUE)
        self.entry.control.on("change", self._chosen, js_handler=VALUE)
        self.day.control.on("change", self._day_changed, js_handler=VALUE)

    def _draw(self) -> None:
        typed = self.draft.fields
        with el("form", "fieldset", novalidate=True, autocomplete="off") as self.form:
            with el("div", "two"):
                self.payee = field(
                    "Payee", "payee", typed, placeholder="Who was paid", list="quick-add-payees", autofocus=True
                )
                self.amount = field(
                    "Amount",
                    "amount",
                    typed,
                    classes="num",
                    placeholder=self.calls.money.format(0),
                    inputmode="decimal",
                )
            self.completions = el("datalist", id="quick-add-payees")
            with el("div", "two"):
                self.entry = field("Entry", "entry_id", {}, tag="select")
                day = typed.get("day", self.calls.today().isoformat())
                self.day = field("Date", "day", {"day": day}, type="date")
            self.general = el("p", "err", role="alert")
            with el("div", "dfoot"):
                button("Cancel", "btn quiet", data_closes="")
                with el("button", "btn pri", "Add", type="submit"):
                    el("kbd", text="Enter", aria_hidden="true")

    async def opened(self) -> None:
        """Fill the choice of entries: of the month of the date, or of the latest open one."""
        with self.calls.told(self._refused):
            typed = self.draft.fields
            day = _day(typed["day"]) if "day" in typed else self.calls.today()
            self.month, self.entries = await self.calls.read(_entries_near, YearMonth.of(day))
            self.chosen_by_hand = False
            if "day" not in typed:
                self._put(self.day, (self.month.nearest(day) if self.month else day).isoformat())
            self._draw_entries()
            if typed.get("entry_id"):
                self._put(self.entry, typed["entry_id"])
            elif typed.get("payee"):
                await self._suggest(typed["payee"])

    def _draw_entries(self) -> None:
        self.entry.control.clear()
        with self.entry.control:
            el("option", text="Choose an entry", value="")
            for section, entries in groupby(self.entries, key=lambda entry: entry.section):
                with el("optgroup", label=section.title):
                    for entry in entries:
                        el("option", text=entry.name, value=str(entry.id))
        self.general.set_text(
            "" if self.entries else "No month is open yet. Start this month first, then add postings to it."
        )

    async def _day_changed(self, event: GenericEventArguments) -> None:
        """Another month has other entries."""
        with self.calls.told(self._refused):
            month = YearMonth.of(_day(str(event.args)))
            if month == self.month:
                return
            entries = await self.calls.read(open_entries, month)
            if not entries:
                raise Refused(f"{month.title} is not open. Choose a date in an open month.", field="day")
            self.month, self.entries = month, entries
            self.day.refuse("")
            self._draw_entries()

    async def _payee_typed(self, event: GenericEventArguments) -> None:
        with self.calls.told(self._refused):
            prefix = str(event.args)
            hints = await self.calls.read(payees, prefix) if prefix.strip() else ()
            self.completions.empty()
            with self.completions:
                for hint in hints:
                    el("option", value=hint.payee, text=hint.entry_name)
            await self._suggest(prefix)

    async def _suggest(self, payee: str) -> None:
        """Choose the entry that this payee last went to, unless the person chose one."""
        if self.chosen_by_hand or self.month is None or not payee.strip():
            return
        entry_id = await self.calls.read(entry_for_payee, payee, self.month)
        if entry_id is not None:
            self._put(self.entry, str(entry_id))

    def _chosen(self, event: GenericEventArguments) -> None:
        self.chosen_by_hand = bool(event.args)

    async def _submitted(self, event: GenericEventArguments) -> None:
        fields = form_fields(event.args)
        if not any(fields.get(name, "").strip() for name in ("payee", "amount")):
            return
        for name in FIELDS:
            self._field(name).refuse("")
        self.general.set_text("")
        with self.calls.told(self._refused):
            posting = await self.calls.write(add_posting, self._read(fields))
            self._done(fields, posting)

    def _done(self, fields: dict[str, str], posting: Posting) -> None:
        """Empty the form for the next one, close it, and say what was added."""
        self.posting_id, self.chosen_by_hand = uuid4(), False
        self.draft.sent(fields)
        for name in TYPED:
            self._field(name).control.set(defaultValue="")
        ui.run_javascript(f"getHtmlElement({self.form.id}).reset();document.getElementById('quick-add').close()")

        async def take_back() -> None:
            with self.calls.told():
                await self.calls.write(delete_posting, posting.id)

        entry = next((entry.name for entry in self.entries if entry.id == posting.entry_id), "the month")
        say(f"{self.calls.money.format(posting.amount)} added to {entry}.", undo=take_back)

    def _read(self, fields: dict[str, str]) -> PostingDraft:
        amount = self.calls.money.read(fields.get("amount", ""))
        if not fields.get("entry_id"):
            raise Refused("Choose the entry that it belongs to.", field="entry_id")
        return PostingDraft(
            id=self.posting_id,
            entry_id=_id(fields["entry_id"]),
            day=_day(fields.get("day", "")),
            amount=amount,
            payee=fields.get("payee"),
        )

    def _refused(self, sentence: str, at: str | None) -> None:
        if at in FIELDS:
            self._field(at).refuse(sentence, focus=True)
        else:
            self.general.set_text(sentence)

    def _field(self, name: str) -> Field:
        return {"payee": self.payee, "amount": self.amount, "entry_id": self.entry, "day": self.day}[name]

    @staticmethod
    def _put(at: Field, text: str) -> None:
        # Ids and ISO dates only: what people type never becomes part of a script.
        ui.run_javascript(f"getHtmlElement({at.control.id}).value={json.dumps(text)}")


def _entries_near(work: Work, month: YearMonth) -> tuple[YearMonth | None, tuple[MonthEntry, ...]]:
    """The entries of the month, or of the latest open one when it is not open."""
    entries = open_entries(work, month)
    if entries:
        return month, entries
    opened = [summary.year_month for summary in month_list(work) if summary.state is not MonthState.CLOSED]
    latest = max(opened, default=None)
    return latest, open_entries(work, latest) if latest is not None else ()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("A date is needed here, such as 2026-05-17.", field="day") from None


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused("Choose the entry that it belongs to.", field="entry_id") from None
