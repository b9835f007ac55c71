"""The postings of one entry, newest first, with a row to add the next one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from html import escape
from uuid import UUID

from nicegui import ui
from nicegui.events import GenericEventArguments

from quartermaster.domain.money import Money
from quartermaster.domain.month import MonthEntry
from quartermaster.domain.posting import Posting, PostingDraft
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.postings import Ledger
from quartermaster.ui.calls import Calls
from quartermaster.ui.icons import STROKES
from quartermaster.ui.parts.posting_edit import PostingEdit, PostingEditActs, edit_under_way
from quartermaster.ui.parts.posting_form import PostingForm
from quartermaster.ui.parts.tags import Tag, button, el

PAGE = 30
WHICH = '(e) => {const b=e.target.closest("[data-do]");if(b)emit([b.dataset.do,b.closest("[data-id]").dataset.id])}'


@dataclass(frozen=True, slots=True)
class LedgerActs:
    """What a ledger's rows do; None where the month is closed and rows are only read.

    `elsewhere` adds to another open month, `move_elsewhere` moves there; `entries` are those of this month.
    """

    add: Callable[[PostingDraft], Awaitable[None]]
    edit: Callable[[PostingDraft, PostingDraft], Awaitable[None]]
    delete: Callable[[UUID], Awaitable[None]]
    elsewhere: Callable[[PostingDraft, YearMonth], Awaitable[None]]
    move_elsewhere: Callable[[PostingDraft, YearMonth, PostingDraft], Awaitable[None]]
    entries: Callable[[], Sequence[MonthEntry]]


class LedgerPart:
    """Rows are plain HTML, one element each; only the row that is edited has fields."""

    def __init__(
        self, calls: Calls, ledger: Ledger, acts: LedgerActs | None, more: Callable[[], Awaitable[None]]
    ) -> None:
        self._calls, self._acts, self._entry = calls, acts, ledger.entry
        self._month = ledger.month.year_month
        self._postings: dict[UUID, Posting] = {}
        self._rows: dict[UUID, Tag] = {}
        self._editing: PostingEdit | None = None
        self._found: UUID | None = None
        if acts is not None:
            self.form = PostingForm(calls, self._entry.id, self._month, acts.add, elsewhere=acts.elsewhere)
        self._list = el("div", "postings", role="list", aria_label=f"Postings of {ledger.entry.name}")
        if acts is not None:
            self._list.on("click", self._clicked, js_handler=WHICH)
        self._none = el("p", "faint nothing", "No postings yet.")
        self._more = button("", "btn quiet more").on("click", more)
        self.show(ledger)
        if acts is not None and (lost := edit_under_way(self._entry.id)) is not None:
            self._go_on(lost, ledger)

    @property
    def edited(self) -> UUID | None:
        """The posting that is being edited."""
        return self._editing.posting.id if self._editing else None

    @property
    def wanted(self) -> list[UUID]:
        """The postings that are wanted in the ledger, however old they are: the edited one, and one pointed out."""
        return [one for one in (self.edited, self._found) if one is not None]

    def show(self, ledger: Ledger) -> None:
        """Bring the rows to what the ledger says; rows that are as they were are left alone, and an edit goes on."""
        postings = {posting.id: posting for posting in ledger.postings}
        for gone in self._rows.keys() - postings.keys():
            self._rows.pop(gone).delete()
        for posting in ledger.postings:
            self._show_row(posting)
        self._postings = postings
        if self._editing is not None:
            self._tell(self._editing, ledger)
        self._order()
        self._none.set(hidden=True if postings else None)
        hidden = ledger.total - len(postings)
        self._more.set(hidden=None if hidden else True)
        self._more.set_text(f"Show more ({hidden:,} older)")

    def _go_on(self, lost: UUID, ledger: Ledger) -> None:
        """Go on with an edit that was under way when the page was lost."""
        moved = next((one.posting for one in ledger.moved if one.posting.id == lost), None)
        if (posting := self._postings.get(lost, moved)) is not None:
            self._tell(self._edit(posting, focus=False), ledger)

    def _tell(self, editing: PostingEdit, ledger: Ledger) -> None:
        """Tell an edit how its posting is by now, and where."""
        identity = editing.posting.id
        moved = next((one for one in ledger.moved if one.posting.id == identity), None)
        if moved is None:
            editing.show(self._postings.get(identity))
            return
        month = "" if moved.year_month == self._month else f" in {moved.year_month.title}"
        editing.show(moved.posting, f"{moved.entry.name}{month}")

    def point_out(self, posting: UUID) -> None:
        """Bring the posting's row into sight, with the keyboard on it."""
        if (row := self._rows.get(posting)) is not None:
            self._found = posting
            row.classes("found")
            row.set(tabindex="-1")
            ui.run_javascript(
                f"(r=>{{r.scrollIntoView({{block:'center'}});r.focus({{preventScroll:true}})}})(getHtmlElement({row.id}))"
            )

    def _order(self) -> None:
        """Bring the rows into their order; the form of an edit stands before its row, or where that was."""
        wanted = [self._rows[identity] for identity in self._postings]
        children = self._list.default_slot.children
        if self._editing is not None:
            form, row = self._editing.place, self._rows.get(self._editing.posting.id)
            wanted.insert(wanted.index(row) if row else min(children.index(form), len(wanted)), form)
        for index, tag in enumerate(wanted):
            if children[index] is not tag:
                tag.move(self._list, index)

    def _show_row(self, posting: Posting) -> None:
        row = self._rows.get(posting.id)
        if row is None:
            with self._list:
                classes = "p" if self._acts is not None else "p read"
                row = self._rows[posting.id] = el("div", classes, role="listitem", data_id=str(posting.id))
            row.set(hidden=True if posting.id == self.edited else None)
        elif self._postings.get(posting.id) == posting:
            return
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

    def _edit(self, posting: Posting, *, focus: bool = True) -> PostingEdit:
        assert self._acts is not None
        self._end_edit()
        acts = PostingEditActs(self._acts.edit, self._acts.move_elsewhere, self._acts.add)
        done = partial(self._end_edit, back=True)
        with self._list:
            editing = PostingEdit(self._calls, posting, self._entry.id, self._month, self._acts.entries(), acts, done)
        self._editing = editing
        if (row := self._rows.get(posting.id)) is not None:
            row.set(hidden=True)
        self._order()
        if focus:
            editing.focus()
        return editing

    def _end_edit(self, *, back: bool = False) -> None:
        """Show the row again; `back`: the keyboard goes on there."""
        if self._editing is None:
            return
        edited, self._editing = self._editing, None
        edited.place.delete()
        row = self._rows.get(edited.posting.id)
        if row is not None:
            row.set(hidden=None)
            if back:
                edit = f"getHtmlElement({row.id})?.querySelector('[data-do=edit]')"
                ui.run_javascript(f"document.activeElement===document.body&&{edit}?.focus()")


def row_html(money: Money, posting: Posting, *, editable: bool) -> str:
    """One posting as HTML; every text of a person is escaped here."""
    said = posting.payee or posting.description or "Posting"
    cells = [
        f"<span>{short_day(posting.day)}</span>",
        f"<b>{escape(posting.payee or '—')}</b>",
        f"<span class='what'>{escape(posting.description or '')}</span>",
        f"<span class='num' data-label='Amount'>{escape(money.format(posting.amount))}</span>",
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
