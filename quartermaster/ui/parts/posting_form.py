"""One line to type a posting into: the add row of a ledger, and a posting that is being edited."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

from nicegui import ui
from nicegui.events import GenericEventArguments

from quartermaster.domain.errors import OutsideMonth, Refused
from quartermaster.domain.posting import Posting, PostingDraft
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.postings import payees
from quartermaster.ui.calls import Calls
from quartermaster.ui.drafts import Draft, form_fields, under
from quartermaster.ui.parts.tags import button, el

VALUE = "(e) => emit(e.target.value)"
# The fields are emptied in the browser at once: emptying them from here would eat what is typed meanwhile. A token
# says which Enter this was, so that one that is sent again adds nothing twice.
ADD = '(e) => qmEnter(e, "payee", emit)'
KEEP = "(e) => emit(Object.fromEntries(new FormData(e.target)))"
TYPED = ("payee", "description", "amount")


class PostingForm:
    """`save` takes the draft and may raise Refused; `cancel` ends the edit of a posting (None: this adds).

    `elsewhere` adds the draft to another open month, when its date belongs there.
    """

    def __init__(
        self,
        calls: Calls,
        entry_id: UUID,
        year_month: YearMonth,
        save: Callable[[PostingDraft], Awaitable[None]],
        *,
        posting: Posting | None = None,
        cancel: Callable[[], None] | None = None,
        elsewhere: Callable[[PostingDraft, YearMonth], Awaitable[None]] | None = None,
    ) -> None:
        self._calls, self._entry_id, self._month, self._save = calls, entry_id, year_month, save
        self._posting, self._cancel, self._elsewhere = posting, cancel, elsewhere
        self._ids: dict[str, UUID] = {}
        self._draft = Draft(draft_key(entry_id, posting), needs=TYPED)
        self._draw(self._first_values())
        self._draft.watch(self.form)
        self.form.on("submit.prevent", self._submitted, js_handler=KEEP if posting else ADD)
        self.fields["payee"].on("input", self._payee_typed, throttle=0.15, leading_events=False, js_handler=VALUE)
        if cancel is not None:
            self.form.on("keydown.esc.stop", self._cancelled, args=[])

    def focus(self) -> None:
        """Put the cursor where typing starts; not where that would raise a keyboard over half the screen."""
        ui.run_javascript(f"matchMedia('(pointer:fine)').matches && qmType({self.fields['payee'].id})")

    def _first_values(self) -> dict[str, str]:
        posting = self._posting
        if posting is not None:
            return {
                "day": posting.day.isoformat(),
                "payee": posting.payee or "",
                "description": posting.description or "",
                "amount": self._calls.money.format(posting.amount),
                **self._draft.fields,
            }
        today = self._month.nearest(self._calls.today()).isoformat()
        return {"day": today, **self._draft.fields}

    def _draw(self, typed: dict[str, str]) -> None:
        with el("form", "p add", novalidate=True, autocomplete="off") as self.form:
            hints = f"payees-{self.form.id}"
            self.fields = {
                "day": el("input", "in day", name="day", type="date", aria_label="Date"),
                "payee": el("input", "in", name="payee", placeholder="Payee", aria_label="Payee", list=hints),
                "description": el("input", "in what", name="description", aria_label="What for", placeholder="for"),
                "amount": el(
                    "input", "in num", name="amount", inputmode="decimal", aria_label="Amount",
                    placeholder=self._calls.money.format(0),
                ),
            }  # fmt: skip
            with el("span", "go"):
                with el("button", "btn", "Save" if self._posting else "Add", type="submit"):
                    el("kbd", text="Enter", aria_hidden="true")
                if self._cancel is not None:
                    button("Cancel", "btn quiet").on("click", self._cancelled, args=[])
            self._hints = el("datalist", id=hints)
            self._message = el("p", "err", role="alert", id=f"c{self.form.id}-err")
            self._offer = el("span")
        for name, field in self.fields.items():
            field.set(defaultValue=typed.get(name, ""), aria_describedby=f"c{self.form.id}-err")

    async def _submitted(self, event: GenericEventArguments) -> None:
        fields = form_fields(event.args)
        token = fields.pop("token", "")
        if not any(fields.get(name, "").strip() for name in TYPED):
            return
        self._clear_refusal()
        if self._posting is None:
            self._draft.sent(fields)
            self._put({"payee": "", "description": "", "amount": ""})

        def refused(sentence: str, at: str | None) -> None:
            self._refuse(fields, sentence, at)

        with self._calls.told(refused):
            draft = self._read(fields, token)
            try:
                await self._save(draft)
            except OutsideMonth as outside:
                self._offer_other_month(draft, outside, fields)
                raise
            if self._posting is None:
                self._put({"day": draft.day.isoformat()})
            else:
                self._draft.drop()
        self._draft.heard(token)

    def _cancelled(self) -> None:
        self._draft.drop()
        if self._cancel is not None:
            self._cancel()

    def _refuse(self, fields: dict[str, str], sentence: str, at: str | None) -> None:
        """Put back what was typed, with the sentence; the field to mend is marked."""
        self._put({name: fields.get(name, "") for name in self.fields})
        self._message.set_text(sentence)
        if at in self.fields:
            self.fields[at].set(aria_invalid="true")
        self._draft.keep(fields)

    def _clear_refusal(self) -> None:
        self._message.set_text("")
        self._offer.empty()
        for field in self.fields.values():
            field.set(aria_invalid=None)

    def _offer_other_month(self, draft: PostingDraft, outside: OutsideMonth, fields: dict[str, str]) -> None:
        if outside.other is None or self._elsewhere is None:
            return
        other, elsewhere = outside.other, self._elsewhere

        async def add_there() -> None:
            with self._calls.told(lambda sentence, at: self._refuse(fields, sentence, at)):
                await elsewhere(draft, other)
                self._clear_refusal()
                self._put({"payee": "", "description": "", "amount": "", "day": self._first_values()["day"]})
                self._draft.sent(fields)

        self._offer.empty()
        with self._offer:
            button(f"Add it to {other.title}", "btn pri").on("click", add_there)

    def _put(self, values: dict[str, str]) -> None:
        """Fill the fields that nobody touched since the last Enter."""
        for name, text in values.items():
            self.fields[name].set(defaultValue=text)

    def _read(self, fields: dict[str, str], token: str) -> PostingDraft:
        amount = self._calls.money.read(fields.get("amount", ""))
        try:
            day = date.fromisoformat(fields.get("day", ""))
        except ValueError:
            raise Refused(f"A date in {self._month.title} is needed.", field="day") from None
        return PostingDraft(
            id=self._posting.id if self._posting else self._id_of(token),
            entry_id=self._entry_id,
            day=day,
            amount=amount,
            payee=fields.get("payee"),
            description=fields.get("description"),
        )

    def _id_of(self, token: str) -> UUID:
        """The posting's id, made once for each Enter."""
        return self._ids.setdefault(token, self._calls.store.new_id())

    async def _payee_typed(self, event: GenericEventArguments) -> None:
        with self._calls.told():
            prefix = str(event.args)
            hints = await self._calls.read(payees, prefix) if prefix.strip() else ()
            self._hints.empty()
            with self._hints:
                for hint in hints:
                    el("option", value=hint.payee, text=hint.entry_name)


def draft_key(entry: UUID, posting: Posting | None = None) -> str:
    """Under which key the typed text is kept, of the add row or of a posting that is edited."""
    return under(entry, "posting", *([posting.id] if posting else []))
