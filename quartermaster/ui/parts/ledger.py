"""The postings of one entry, newest first, with a row to add the next one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from html import escape
from uuid import UUID

from nicegui.events import GenericEventArguments

from quartermaster.domain.money import Money
from quartermaster.domain.posting import Posting, PostingDraft
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.postings import Ledger
from quartermaster.ui.calls import Calls
from quartermaster.ui.drafts import Draft
from quartermaster.ui.icons import STROKES
from quartermaster.ui.parts.posting_form import PostingForm, draft_key
from quartermaster.ui.parts.tags import Tag, button, el

PAGE = 30
WHICH = '(e) => {const b=e.target.closest("[data-do]");if(b)emit([b.dataset.do,b.closest("[data-id]").dataset.id])}'


@dataclass(frozen=True, slots=True)
class LedgerActs:
    """What a ledger's rows do; None where the month is closed and rows are only read."""

    add: Callable[[PostingDraft], Awaitable[None]]
    edit: Callable[[PostingDraft], Awaitable[None]]
    delete: Callable[[UUID], Awaitable[None]]
    elsewhere: Callable[[PostingDraft, YearMonth], Awaitable[None]]


class LedgerPart:
    """Rows are plain HTML, one element each; only the row that is edited has fields."""

    def __init__(
        self, calls: Calls, ledger: Ledger, acts: LedgerActs | None, more: Callable[[], Awaitable[None]]
    ) -> None:
        self._calls, self._acts, self._entry = calls, acts, ledger.entry
        self._month = ledger.month.year_month
        self._postings: dict[UUID, Posting] = {}
        self._rows: dict[UUID, Tag] = {}
        self._editing: tuple[UUID, PostingForm] | None = None
        if acts is not None:
            self.form = PostingForm(calls, self._entry.id, self._month, acts.add, elsewhere=acts.elsewhere)
        self._list = el("div", "postings", role="list", aria_label=f"Postings of {ledger.entry.name}")
        if acts is not None:
            self._list.on("click", self._clicked, js_handler=WHICH)
        self._none = el("p", "faint nothing", "No postings yet.")
        self._more = button("", "btn quiet more").on("click", more)
        self.show(ledger)
        if acts is not None:
            self._bring_back_edit()

    def _bring_back_edit(self) -> None:
        """An edit that was under way when the page was lost."""
        kept = (p for p in self._postings.values() if Draft(draft_key(self._entry.id, p)).fields)
        if (posting := next(kept, None)) is not None:
            self._edit(posting, focus=False)

    def show(self, ledger: Ledger) -> None:
        """Bring the rows to what the ledger says; rows that are as they were are left alone."""
        postings = {posting.id: posting for posting in ledger.postings}
        for gone in self._rows.keys() - postings.keys():
            self._rows.pop(gone).delete()
            if self._editing and self._editing[0] == gone:
                self._end_edit()
        for index, posting in enumerate(ledger.postings):
            self._show_row(index, posting)
        self._postings = postings
        self._none.set(hidden=True if postings else None)
        hidden = ledger.total - len(postings)
        self._more.set(hidden=None if hidden else True)
        self._more.set_text(f"Show more ({hidden:,} older)")

    def _show_row(self, index: int, posting: Posting) -> None:
        row = self._rows.get(posting.id)
        if row is None:
            with self._list:
                row = self._rows[posting.id] = el("div", "p", role="listitem", data_id=str(posting.id))
            row.move(self._list, index)
        elif self._postings.get(posting.id) == posting:
            return
        elif posting.day != self._postings[posting.id].day:
            row.move(self._list, index)
        row.set(innerHTML=row_html(self._calls.money, posting, editable=self._acts is not None))

    async def _clicked(self, event: GenericEventArguments) -> None:
        try:
            what, identity = str(event.args[0]), UUID(str(event.args[1]))
        except (TypeError, ValueError, IndexError):
            return
        if self._acts is None or identity not in self._postings:
            return
        if what == "delete":
            with self._calls.told():
                await self._acts.delete(identity)
        elif what == "edit":
            self._edit(self._postings[identity])

    def _edit(self, posting: Posting, *, focus: bool = True) -> None:
        assert self._acts is not None
        self._end_edit()
        row, acts = self._rows[posting.id], self._acts

        async def save(draft: PostingDraft) -> None:
            await acts.edit(draft)
            self._end_edit()

        with self._list:
            form = PostingForm(self._calls, self._entry.id, self._month, save, posting=posting, cancel=self._end_edit)
        form.form.move(self._list, list(self._list.default_slot.children).index(row))
        row.set(hidden=True)
        self._editing = (posting.id, form)
        if focus:
            form.focus()

    def _end_edit(self) -> None:
        if self._editing is None:
            return
        identity, form = self._editing
        self._editing = None
        form.form.delete()
        if identity in self._rows:
            self._rows[identity].set(hidden=None)


def row_html(money: Money, posting: Posting, *, editable: bool) -> str:
    """One posting as HTML; every text of a person is escaped here."""
    said = posting.payee or posting.description or "Posting"
    cells = [
        f"<span>{short_day(posting.day)}</span>",
        f"<b>{escape(posting.payee or '—')}</b>",
        f"<span class='what'>{escape(posting.description or '')}</span>",
        f"<span class='num'>{escape(money.format(posting.amount))}</span>",
    ]
    if editable:
        cells.append(f"<span class='acts'>{_act('edit', 'note', said)}{_act('delete', 'delete', said)}</span>")
    return "".join(cells)


def short_day(day: date) -> str:
    """`17 May`."""
    return f"{day.day:02d} {YearMonth.of(day).short_title}"


def _act(do: str, drawing: str, said: str) -> str:
    label = escape(f"{do.capitalize()} {said}", quote=True)
    strokes = (
        f'<svg class="icon" viewBox="0 0 16 16" width="15" height="15" aria-hidden="true">{STROKES[drawing]}</svg>'
    )
    return (
        f'<button type="button" class="iconbtn" data-do="{do}" aria-label="{label}" title="{label}">{strokes}</button>'
    )
