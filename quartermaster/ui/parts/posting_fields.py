"""The fields of a posting on one line: in the add row of a ledger, and in the place of a posting that is edited."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from itertools import groupby
from uuid import UUID

from nicegui import ui
from nicegui.events import GenericEventArguments

from quartermaster.domain.errors import Refused
from quartermaster.domain.month import MonthEntry
from quartermaster.domain.posting import PostingDraft
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.postings import payees
from quartermaster.ui.calls import Calls
from quartermaster.ui.drafts import FORM_DATA, form_fields
from quartermaster.ui.parts.tags import VALUE, Tag, button, el

TYPED = ("payee", "description", "amount")
MEND = (
    "((i)=>{{const at=document.activeElement;if(i&&at?.form===i.form&&at.value===at.defaultValue)i.focus()}})"
    "(getHtmlElement({}))"
)
"""Lets the keyboard go on in a field of the form that it is in, unless somebody types on in another one meanwhile."""


class PostingFields:
    """`verb` is on the button that sends. With `cancel` there is a button for that; with `entries` a choice of them."""

    def __init__(
        self,
        calls: Calls,
        year_month: YearMonth,
        values: Mapping[str, str],
        verb: str,
        *,
        cancel: Callable[[], None] | None = None,
        entries: Sequence[MonthEntry] = (),
    ) -> None:
        self._calls, self._month = calls, year_month
        with el("form", "p add", novalidate=True, autocomplete="off") as self.form:
            self._draw(values)
            with el("span", "go"):
                with el("button", "btn", verb, type="submit"):
                    el("kbd", text="Enter", aria_hidden="true")
                if cancel is not None:
                    button("Cancel", "btn quiet").on("click", cancel, args=[])
            self._choice = entry_choice(entries, values.get("entry_id", "")) if entries else None
            self._message = el("p", "err", role="alert", id=f"c{self.form.id}-err")
            self._offer = el("span", "offer")
        if cancel is not None:
            self.form.on("keydown.esc.stop", cancel, args=[])
        self._fields["payee"].on("input", self._payee_typed, throttle=0.15, leading_events=False, js_handler=VALUE)

    def _draw(self, values: Mapping[str, str]) -> None:
        hints = f"payees-{self.form.id}"
        self._fields = {
            "day": el("input", "in day", name="day", type="date", aria_label="Date"),
            "payee": el("input", "in", name="payee", placeholder="Payee", aria_label="Payee", list=hints),
            "description": el("input", "in what", name="description", aria_label="What for", placeholder="for"),
            "amount": el(
                "input", "in num", name="amount", inputmode="decimal", aria_label="Amount",
                placeholder=self._calls.money.format(0),
            ),
        }  # fmt: skip
        for name, field in self._fields.items():
            field.set(defaultValue=values.get(name, ""), aria_describedby=f"c{self.form.id}-err")
        self._hints = el("datalist", id=hints)

    def focus(self) -> None:
        """Put the cursor where typing starts; not where that would raise a keyboard over half the screen."""
        ui.run_javascript(f"matchMedia('(pointer:fine)').matches && qmType({self._fields['payee'].id})")

    def put(self, values: Mapping[str, str]) -> None:
        """Fill the fields that nobody touched since the last Enter."""
        for name, text in values.items():
            if name in self._fields:
                self._fields[name].set(defaultValue=text)

    def choose(self, entry_id: str) -> None:
        """Show this entry as the chosen one, of the ones that can be chosen."""
        for option in self._choice.descendants() if self._choice is not None else ():
            if isinstance(option, Tag) and "value" in option.props:
                option.set(selected=True if option.props["value"] == entry_id else None)

    def refuse(self, fields: Mapping[str, str], sentence: str, at: str | None) -> None:
        """Put back what was typed, with the sentence; the field to mend is marked, and the keyboard goes on there."""
        self.put(fields)
        self.tell(sentence)
        if at in self._fields:
            self._fields[at].set(aria_invalid="true")
            ui.run_javascript(MEND.format(self._fields[at].id))

    def tell(self, sentence: str) -> None:
        """Show a sentence beneath the fields."""
        self._message.set_text(sentence)

    def offer(self, title: str, act: Callable[[dict[str, str]], Awaitable[None]]) -> None:
        """A way on, beside the sentence; `act` takes the fields as they then are, and may raise Refused."""

        async def taken(event: GenericEventArguments) -> None:
            fields = form_fields(event.args)
            with self._calls.told(lambda sentence, at: self.refuse(fields, sentence, at)):
                await act(fields)

        self._offer.empty()
        with self._offer:
            button(title, "btn pri").on("click", taken, js_handler=FORM_DATA)

    def calm(self) -> None:
        """Take the sentence, the way on and the mark away."""
        self._message.set_text("")
        self._offer.empty()
        for field in self._fields.values():
            field.set(aria_invalid=None)

    def empty(self, values: Mapping[str, str]) -> None:
        """Begin anew with these values, also where something was typed."""
        self.calm()
        self.put({**dict.fromkeys(self._fields, ""), **values})
        ui.run_javascript(f"getHtmlElement({self.form.id})?.reset()")

    def read(self, fields: Mapping[str, str], identity: UUID, entry_id: UUID) -> PostingDraft:
        """What was typed, as a draft. Raises Refused."""
        amount = self._calls.money.read(fields.get("amount", ""))
        try:
            day = date.fromisoformat(fields.get("day", ""))
        except ValueError:
            raise Refused(f"A date in {self._month.title} is needed.", field="day") from None
        return PostingDraft(
            id=identity,
            entry_id=entry_id,
            day=day,
            amount=amount,
            payee=fields.get("payee"),
            description=fields.get("description"),
        )

    async def _payee_typed(self, event: GenericEventArguments) -> None:
        with self._calls.told():
            prefix = str(event.args)
            hints = await self._calls.read(payees, prefix) if prefix.strip() else ()
            self._hints.empty()
            with self._hints:
                for hint in hints:
                    el("option", value=hint.payee, text=hint.entry_name)


def entry_choice(entries: Sequence[MonthEntry], chosen: str) -> Tag:
    """A choice among a month's entries, section by section."""
    with el("select", "in entry", name="entry_id", aria_label="Entry") as choice:
        for section, held in groupby(entries, key=lambda entry: entry.section):
            with el("optgroup", label=section.title):
                for entry in held:
                    is_chosen = True if str(entry.id) == chosen else None
                    el("option", text=entry.name, value=str(entry.id), selected=is_chosen)
    return choice
