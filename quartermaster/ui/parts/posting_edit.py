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
MOVED = "This posting was moved to {} meanwhile. Save edits it there."
FIRST = "first-"
"""Before the name of a field: what it said when the person began to edit, along in the form."""
CHOSEN = '(e) => {if(e.target.name==="entry_id")emit()}'


@dataclass(frozen=True, slots=True)
class PostingEditActs:
    """The verbs behind an edit; each may raise Refused. `again` adds it anew when it was deleted meanwhile.

    `save` and `elsewhere` take the draft, and last what it would be had nothing been typed.
    """

    save: Callable[[PostingDraft, PostingDraft], Awaitable[None]]
    elsewhere: Callable[[PostingDraft, YearMonth, PostingDraft], Awaitable[None]]
    again: Callable[[PostingDraft], Awaitable[None]]


class PostingEdit:
    """An edit of a posting in the ledger of `entry_id`; `entries` are those of the month that it can move to.

    What others change meanwhile is shown where nothing was typed, and kept. `done` is called when the edit ends.
    """

    def __init__(
        self,
        calls: Calls,
        posting: Posting,
        entry_id: UUID,
        year_month: YearMonth,
        entries: Sequence[MonthEntry],
        acts: PostingEditActs,
        done: Callable[[], None],
    ) -> None:
        self._calls, self.posting, self._entries, self._acts, self._done = calls, posting, entries, acts, done
        self._entry_id, self._is_gone, self._moved_to, self._is_chosen = entry_id, False, "", False
        self._new_id = calls.store.new_id()
        self._draft = Draft(under(entry_id, "posting", posting.id), needs=TYPED)
        self._typed = self._draft.fields
        values = {**self._values(), **self._typed}
        with el("div", role="listitem") as self.place:
            self._fields = PostingFields(calls, year_month, values, "Save", cancel=self._end, entries=entries)
        with self._fields.form:
            self._first = {
                name: el("input", type="hidden", name=FIRST + name, defaultValue=self._typed.get(FIRST + name, said))
                for name, said in self._values().items()
            }
        self._draft.watch(self._fields.form)
        self._fields.form.on("submit.prevent", self._submitted, js_handler=FORM_DATA)
        self._fields.form.on("change", self._chosen, js_handler=CHOSEN)
        self.focus = self._fields.focus

    def _values(self) -> dict[str, str]:
        posting = self.posting
        return {
            "day": posting.day.isoformat(),
            "payee": posting.payee or "",
            "description": posting.description or "",
            "amount": self._calls.money.format(posting.amount),
            "entry_id": str(self._entry_id),
        }

    def show(self, posting: Posting | None, moved_to: str = "") -> None:
        """The posting as it is by now, and the entry that it went to; None when it was deleted elsewhere.

        What is typed stays.
        """
        if posting is not None and posting != self.posting:
            self._follow(posting)
        if (posting is None, moved_to) == (self._is_gone, self._moved_to):
            return
        self._is_gone, self._moved_to = posting is None, moved_to
        self._fields.calm()
        if self._is_gone:
            self._fields.tell(DELETED)
            self._fields.offer("Add as a new posting", self._again)
        elif moved_to:
            self._fields.tell(MOVED.format(moved_to))

    def _chosen(self) -> None:
        self._is_chosen = True

    def _follow(self, posting: Posting) -> None:
        before, self.posting = self._values(), posting
        if not self._is_chosen and any(entry.id == posting.entry_id for entry in self._entries):
            self._entry_id = posting.entry_id
        for name, said in self._values().items():
            # The browser leaves a field alone that was typed into; one that was brought back says what was typed.
            if said != before[name] and self._typed.get(name, before[name]) == before[name]:
                self._fields.put({name: said})
                if name == "entry_id":
                    self._fields.choose(said)
                self._first[name].set(defaultValue=said)

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
        try:
            await self._acts.save(self._read(fields, self.posting.id), self._before(fields))
        except OutsideMonth as outside:
            if outside.other is not None:
                self._offer(outside.other)
            raise
        self._end()

    def _offer(self, other: YearMonth) -> None:
        async def move_there(fields: dict[str, str]) -> None:
            await self._acts.elsewhere(self._read(fields, self.posting.id), other, self._before(fields))
            self._end()

        self._fields.offer(f"Move it to {other.title}", move_there)

    async def _again(self, fields: dict[str, str]) -> None:
        await self._acts.again(self._read(fields, self._new_id))
        self._end()

    def _read(self, fields: dict[str, str], identity: UUID) -> PostingDraft:
        entry = next((one.id for one in self._entries if str(one.id) == fields.get("entry_id")), self._entry_id)
        return self._fields.read(fields, identity, entry)

    def _before(self, fields: dict[str, str]) -> PostingDraft:
        first = {name: fields.get(FIRST + name, said) for name, said in self._values().items()}
        return self._read(first, self.posting.id)

    def _refuse(self, fields: dict[str, str], sentence: str, at: str | None) -> None:
        self._fields.refuse(fields, sentence, at)
        self._draft.keep(fields)

    def _end(self) -> None:
        self._draft.drop()
        self._done()


def edit_under_way(entry_id: UUID) -> UUID | None:
    """The posting of this entry whose edit was under way when the page was lost."""
    return next(iter(typed_below(entry_id, "posting")), None)
