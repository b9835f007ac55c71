"""Quick add: a posting from anywhere, in four fields and an Enter."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from itertools import groupby
from uuid import UUID

from nicegui import ui
from nicegui.events import GenericEventArguments

from quartermaster.domain.errors import Refused
from quartermaster.domain.month import MonthEntry, MonthState
from quartermaster.domain.posting import Posting, PostingDraft
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.postings import add_posting, entry_for_payee, open_entries, payees
from quartermaster.services.twin import twin
from quartermaster.storage.work import Work
from quartermaster.ui.calls import Calls
from quartermaster.ui.drafts import FORM_DATA, Draft, form_fields
from quartermaster.ui.parts.entered_form import EnteredForm
from quartermaster.ui.parts.field import Field, field
from quartermaster.ui.parts.modal import modal
from quartermaster.ui.parts.snackbar import say
from quartermaster.ui.parts.tags import VALUE, button, el

DRAFT = "quick-add"
TYPED = ("payee", "amount")
FIELDS = ("payee", "amount", "entry_id", "day")


def quick_add_dialog(calls: Calls) -> Callable[[], Awaitable[None]]:
    """The dialog `quick-add`; what it answers is to be awaited each time it opened."""
    return _QuickAdd(calls).opened


class _QuickAdd:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.month: YearMonth | None = None
        self.entries: tuple[MonthEntry, ...] = ()
        self.heard: dict[str, str] = {}
        """Payee and date as they were typed, and the entry that was chosen by hand: what was heard of them."""
        self.filling = asyncio.Lock()
        with modal("quick-add", "Add a posting"):
            self._draw()
        entered = EnteredForm(
            calls, self.form, DRAFT, TYPED, begin=self._begin, save=self._save, refused=self._put_back
        )
        self.draft = entered.draft
        self.payee.control.on("input", self._payee_typed, throttle=0.15, leading_events=False, js_handler=VALUE)
        self.entry.control.on("change", self._chosen, js_handler=VALUE)
        self.day.control.on("change", self._day_changed, js_handler=FORM_DATA)

    def _draw(self) -> None:
        typed = Draft(DRAFT).fields
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
        kept = self.draft.fields
        self.heard = {name: kept[name] for name in ("payee", "day") if name in kept}
        with self.calls.told(self._refused):
            async with self.filling:
                day = _day(kept["day"]) if "day" in kept else self.calls.today()
                self.month, entries = await self.calls.read(_entries_near, YearMonth.of(day))
                self._draw_entries(entries)
            # What is typed meanwhile is heard, and counts.
            if "day" not in self.heard:
                self._offer(self.day, (self.month.nearest(day) if self.month else day).isoformat())
            if kept.get("entry_id") and self.heard.get("payee") == kept.get("payee"):
                self._offer(self.entry, kept["entry_id"])
            else:
                await self._suggest()

    def _draw_entries(self, entries: tuple[MonthEntry, ...]) -> None:
        no_month = "No month is open yet. Start this month first, then add postings to it."
        self.general.set_text("" if entries else no_month)
        if entries and entries == self.entries:
            self._offer(self.entry, "")
            return
        had_others, self.entries = bool(self.entries), entries
        self.entry.control.clear()
        with self.entry.control:
            el("option", text="Choose an entry", value="")
            for section, held in groupby(entries, key=lambda entry: entry.section):
                with el("optgroup", label=section.title):
                    for entry in held:
                        el("option", text=entry.name, value=str(entry.id))
        if had_others:
            # The browser would keep the place in the list, which is another entry's now.
            self.entry.control.put("")

    async def _day_changed(self, event: GenericEventArguments) -> None:
        """Another month has other entries: what was chosen by hand goes on there, and else the payee chooses."""
        self.heard |= {name: text for name, text in form_fields(event.args).items() if name in ("day", "payee")}
        with self.calls.told(self._refused):
            async with self.filling:
                month = YearMonth.of(_day(self.heard.get("day", "")))
                self.day.refuse("")
                if month == self.month:
                    return
                entries = await self.calls.read(open_entries, month)
                if not entries:
                    raise Refused(f"{month.title} is not open. Choose a date in an open month.", field="day")
                chosen = next((entry for entry in self.entries if str(entry.id) == self.heard.get("entry_id")), None)
                same = await self.calls.read(twin, chosen, month) if chosen else None
                self.month = month
                self._draw_entries(entries)
            self.heard["entry_id"] = str(same or "")
            self.entry.control.put(self.heard["entry_id"])
            await self._suggest()

    async def _payee_typed(self, event: GenericEventArguments) -> None:
        self.heard["payee"] = prefix = str(event.args)
        with self.calls.told(self._refused):
            hints = await self.calls.read(payees, prefix) if prefix.strip() else ()
            self.completions.empty()
            with self.completions:
                for hint in hints:
                    el("option", value=hint.payee, text=hint.entry_name)
            await self._suggest()

    async def _suggest(self) -> None:
        """Choose the entry that this payee last went to, unless the person chose one."""
        payee, month = self.heard.get("payee", ""), self.month
        if self.heard.get("entry_id") or month is None or not payee.strip():
            return
        entry_id = await self.calls.read(entry_for_payee, payee, month)
        # What was typed meanwhile suggests for itself.
        if entry_id is not None and (payee, month) == (self.heard.get("payee"), self.month):
            self._offer(self.entry, str(entry_id))

    def _chosen(self, event: GenericEventArguments) -> None:
        self.heard["entry_id"] = str(event.args or "")

    def _begin(self) -> None:
        for name in FIELDS:
            self._field(name).refuse("")
        self.general.set_text("")
        for name in TYPED:
            self._field(name).control.set(defaultValue="")
            self.heard.pop(name, None)

    async def _save(self, fields: dict[str, str], identity: UUID) -> None:
        posting, action = await self.calls.write(_added, self._read(fields, identity))
        self.heard.pop("entry_id", None)
        # Who types on meanwhile is not interrupted.
        ui.run_javascript(
            f"(f=>{{if(!f.payee.value&&!f.amount.value)f.closest('dialog').close()}})(getHtmlElement({self.form.id}))"
        )
        undo = partial(self.calls.undo, action) if action is not None else None
        entry = next((entry.name for entry in self.entries if entry.id == posting.entry_id), "the month")
        say(f"{self.calls.money.format(posting.amount)} added to {entry}.", undo=undo)

    def _read(self, fields: dict[str, str], identity: UUID) -> PostingDraft:
        amount = self.calls.money.read(fields.get("amount", ""))
        if not fields.get("entry_id"):
            raise Refused("Choose the entry that it belongs to.", field="entry_id")
        return PostingDraft(
            id=identity,
            entry_id=_id(fields["entry_id"]),
            day=_day(fields.get("day", "")),
            amount=amount,
            payee=fields.get("payee"),
        )

    def _put_back(self, fields: dict[str, str], sentence: str, at: str | None) -> None:
        """The browser emptied the form at Enter: give it back as it was."""
        for name in TYPED:
            self._field(name).control.set(defaultValue=fields.get(name, ""))
        for name in ("entry_id", "day"):
            self._field(name).control.put(fields.get(name, ""))
        self._refused(sentence, at)

    def _refused(self, sentence: str, at: str | None) -> None:
        if at in FIELDS:
            self._field(at).refuse(sentence, focus=True)
        else:
            self.general.set_text(sentence)

    def _field(self, name: str) -> Field:
        return {"payee": self.payee, "amount": self.amount, "entry_id": self.entry, "day": self.day}[name]

    @staticmethod
    def _offer(at: Field, text: str) -> None:
        """Put it there unless the person has chosen, which may not be heard yet."""
        ui.run_javascript(f"qmOffer({json.dumps([at.control.html_id, text])})")


def _entries_near(work: Work, month: YearMonth) -> tuple[YearMonth | None, tuple[MonthEntry, ...]]:
    """The entries of the month, or of the latest open one when it is not open."""
    entries = open_entries(work, month)
    if entries:
        return month, entries
    opened = [one.year_month for one in work.months() if one.state is not MonthState.CLOSED]
    latest = max(opened, default=None)
    return latest, open_entries(work, latest) if latest is not None else ()


def _added(work: Work, draft: PostingDraft) -> tuple[Posting, int | None]:
    """The posting, and the action that added it: none where this Enter was heard before."""
    return add_posting(work, draft), work.action


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
