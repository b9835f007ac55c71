"""A posting that is being edited, in the place of its row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from nicegui.events import GenericEventArguments

from quartermaster.domain.errors import OutsideMonth
from quartermaster.domain.month import MonthEntry
from quartermaster.domain.posting import Posting, PostingDraft
from quartermaster.domain.year_month import YearMonth
from quartermaster.ui.calls import Calls
from quartermaster.ui.drafts import FORM_DATA, Draft, form_fields, typed_below, under
from quartermaster.ui.parts.posting_fields import TYPED, PostingFields
from quartermaster.ui.parts.tags import el

DELETED = "This posting was deleted elsewhere. What stands here is kept: add it as a new posting, or cancel."


@dataclass(frozen=True, slots=True)
class PostingEditActs:
    """The verbs behind an edit; each may raise Refused. `again` adds it anew when it was deleted meanwhile."""

    save: Callable[[PostingDraft], Awaitable[None]]
    elsewhere: Callable[[PostingDraft, YearMonth], Awaitable[None]]
    again: Callable[[PostingDraft], Awaitable[None]]


class PostingEdit:
    """`entries` are those of the month that it can move to; `done` is called when the edit ends."""

    def __init__(
        self,
        calls: Calls,
        posting: Posting,
        year_month: YearMonth,
        entries: Sequence[MonthEntry],
        acts: PostingEditActs,
        done: Callable[[], None],
    ) -> None:
        self._calls, self.posting, self._entries, self._acts, self._done = calls, posting, entries, acts, done
        self._is_gone = False
        self._new_id = calls.store.new_id()
        self._draft = Draft(under(posting.entry_id, "posting", posting.id), needs=TYPED)
        values = {**self._values(), **self._draft.fields}
        with el("div", role="listitem") as self.place:
            self._fields = PostingFields(calls, year_month, values, "Save", cancel=self._end, entries=entries)
        self._draft.watch(self._fields.form)
        self._fields.form.on("submit.prevent", self._submitted, js_handler=FORM_DATA)
        self.focus = self._fields.focus

    def _values(self) -> dict[str, str]:
        posting = self.posting
        return {
            "day": posting.day.isoformat(),
            "payee": posting.payee or "",
            "description": posting.description or "",
            "amount": self._calls.money.format(posting.amount),
            "entry_id": str(posting.entry_id),
        }

    def show(self, *, is_there: bool) -> None:
        """Say that the posting was deleted elsewhere, or that it is back. What is typed stays."""
        if is_there is not self._is_gone:
            return
        self._is_gone = not is_there
        self._fields.calm()
        if self._is_gone:
            self._fields.tell(DELETED)
            self._fields.offer("Add as a new posting", self._again)

    async def _submitted(self, event: GenericEventArguments) -> None:
        fields = form_fields(event.args)
        if not any(fields.get(name, "").strip() for name in TYPED):
            return
        if self._is_gone:
            self._refuse(fields, DELETED, None)
            return
        self._fields.calm()
        with self._calls.told(lambda sentence, at: self._refuse(fields, sentence, at)):
            await self._save(fields)

    async def _save(self, fields: dict[str, str]) -> None:
        draft = self._read(fields, self.posting.id)
        try:
            await self._acts.save(draft)
        except OutsideMonth as outside:
            if outside.other is not None:
                self._offer(outside.other)
            raise
        self._end()

    def _offer(self, other: YearMonth) -> None:
        async def move_there(fields: dict[str, str]) -> None:
            await self._acts.elsewhere(self._read(fields, self.posting.id), other)
            self._end()

        self._fields.offer(f"Move it to {other.title}", move_there)

    async def _again(self, fields: dict[str, str]) -> None:
        await self._acts.again(self._read(fields, self._new_id))
        self._end()

    def _read(self, fields: dict[str, str], identity: UUID) -> PostingDraft:
        entry = next((one.id for one in self._entries if str(one.id) == fields.get("entry_id")), self.posting.entry_id)
        return self._fields.read(fields, identity, entry)

    def _refuse(self, fields: dict[str, str], sentence: str, at: str | None) -> None:
        self._fields.refuse(fields, sentence, at)
        self._draft.keep(fields)

    def _end(self) -> None:
        self._draft.drop()
        self._done()


def edit_under_way(entry_id: UUID) -> UUID | None:
    """The posting of this entry whose edit was under way when the page was lost."""
    return next(iter(typed_below(entry_id, "posting")), None)
