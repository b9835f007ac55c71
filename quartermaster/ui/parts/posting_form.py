"""The add row of a ledger: type, Enter, next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from quartermaster.domain.errors import OutsideMonth
from quartermaster.domain.posting import PostingDraft
from quartermaster.domain.year_month import YearMonth
from quartermaster.ui.calls import Calls
from quartermaster.ui.drafts import Draft, under
from quartermaster.ui.parts.entered_form import EnteredForm
from quartermaster.ui.parts.posting_fields import TYPED, PostingFields

Add = Callable[[PostingDraft], Awaitable[None]]
Elsewhere = Callable[[PostingDraft, YearMonth], Awaitable[None]]


class PostingForm:
    """`add` takes the draft and may raise Refused; `elsewhere` adds it to another open month, that of its date."""

    def __init__(self, calls: Calls, entry_id: UUID, year_month: YearMonth, add: Add, *, elsewhere: Elsewhere) -> None:
        self._entry_id, self._add, self._elsewhere = entry_id, add, elsewhere
        self._today = {"day": year_month.nearest(calls.today()).isoformat()}
        key = under(entry_id, "posting")
        self._fields = PostingFields(calls, year_month, {**self._today, **Draft(key).fields}, "Add")
        self._form = EnteredForm(
            calls, self._fields.form, key, TYPED, begin=self._begin, save=self._save, refused=self._fields.refuse
        )
        self.focus = self._fields.focus

    def _begin(self) -> None:
        self._fields.calm()
        self._fields.put(dict.fromkeys(TYPED, ""))

    async def _save(self, fields: dict[str, str], identity: UUID) -> None:
        draft = self._fields.read(fields, identity, self._entry_id)
        try:
            await self._add(draft)
        except OutsideMonth as outside:
            if outside.other is not None:
                self._offer(identity, outside.other)
            raise
        self._fields.put({"day": draft.day.isoformat()})

    def _offer(self, identity: UUID, other: YearMonth) -> None:
        async def add_there(fields: dict[str, str]) -> None:
            await self._elsewhere(self._fields.read(fields, identity, self._entry_id), other)
            self._form.draft.sent(fields)
            self._fields.empty(self._today)

        self._fields.offer(f"Add it to {other.title}", add_there)
