"""What can be changed in an open month, wired from its rows to the verbs."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from quartermaster.domain.posting import PostingDraft
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.edits import Deleted
from quartermaster.services.month_views import MonthLine, MonthView
from quartermaster.services.months import (
    add_month_entry,
    delete_month_entry,
    edit_month_entry,
    keep_month_entry,
    move_month_entry,
    set_month_debt_target,
)
from quartermaster.services.order import neighbour
from quartermaster.services.postings import add_posting, delete_posting, edit_posting
from quartermaster.services.twin import add_to_twin, move_to_twin
from quartermaster.ui.calls import Calls
from quartermaster.ui.dialogs.ask import ask
from quartermaster.ui.drafts import under
from quartermaster.ui.parts.entry_bar import EntryActs, EntryBar
from quartermaster.ui.parts.entry_line import EntryLine
from quartermaster.ui.parts.inline_edit import InlineEdit, read_amount
from quartermaster.ui.parts.month_body import EditActs
from quartermaster.ui.parts.snackbar import say
from quartermaster.ui.parts.tags import el


class MonthEdits:
    """`view_of` gives the view in which an entry stands now."""

    def __init__(self, calls: Calls, year_month: YearMonth, view_of: Callable[[UUID], MonthView | None]) -> None:
        self._calls, self._month, self._view_of = calls, year_month, view_of
        self.acts = EditActs(
            plan=self._plan,
            step=self._step,
            add_entry=self._add_entry,
            add=self._add,
            edit=self._edit,
            delete=self._delete_posting,
            elsewhere=self._elsewhere,
            move_elsewhere=self._move_elsewhere,
            target=self._choose_target,
        )

    def under(self, line: EntryLine) -> None:
        """Name, notes and the entry's own actions, beneath its postings."""
        entry = line.line.entry

        async def rename(typed: str) -> None:
            await self._calls.change(edit_month_entry, entry.id, name=typed)

        async def note(typed: str) -> None:
            await self._calls.change(edit_month_entry, entry.id, notes=typed)

        with el("div", "under"):
            with el("div", "facts"):
                el("span", "lab", "Name")
                name = InlineEdit(
                    self._calls, "Name", lambda: line.line.entry.name, rename, draft=under(entry.id, "name")
                )
                el("span", "lab narrow", "Planned")
                planned = InlineEdit(
                    self._calls, "Planned", lambda: self._calls.money.format(line.line.entry.planned),
                    lambda typed: self._plan(entry.id, typed), classes="narrow",
                )  # fmt: skip
                planned.button.bind_text_from(line.face, "second")
                el("span", "lab", "Notes")
                notes = InlineEdit(
                    self._calls, "Notes", lambda: line.line.entry.notes or "", note, tag="textarea", classes="notes",
                    draft=under(entry.id, "notes"),
                )  # fmt: skip
            acts = EntryActs(
                step=line.step,
                to_section=lambda section: self._to_section(entry.id, section),
                delete=lambda: self._delete_entry(line),
                target=lambda: self._target(line),
                keep=(lambda: self._keep(entry.id)) if line.line.is_stranded else None,
                history=f"/history?entry={entry.id}",
            )
            bar = EntryBar(entry.section, acts, is_target=line.line.is_target)

        def show(of: MonthLine) -> None:
            name.button.set_text(of.entry.name)
            notes.button.set_text(of.entry.notes or "Add notes")
            bar.show(of.entry.section, is_target=of.is_target)

        line.details = show
        show(line.line)

    async def _plan(self, entry: UUID, typed: str) -> None:
        await self._calls.change(edit_month_entry, entry, planned=read_amount(self._calls, typed))

    async def _step(self, entry: UUID, by: int) -> bool:
        view = self._view_of(entry)
        if view is None:
            return False
        section = next(s for g in view.groups for s in g.sections if any(x.entry.id == entry for x in s.lines))
        spot = neighbour([line.entry.id for line in section.lines], entry, by)
        if spot is not None:
            with self._calls.told():
                await self._calls.change(move_month_entry, entry, section=section.section, before=spot.before)
                return True
        return False

    async def _to_section(self, entry: UUID, section: Section) -> bool:
        with self._calls.told():
            await self._calls.change(move_month_entry, entry, section=section, before=None)
            return True
        return False

    async def _keep(self, entry: UUID) -> bool:
        with self._calls.told():
            await self._calls.change(keep_month_entry, entry)
            return True
        return False

    async def _target(self, line: EntryLine) -> None:
        with self._calls.told():
            await self._choose_target(None if line.line.is_target else line.line.entry.id)

    async def _choose_target(self, debt: UUID | None) -> None:
        await self._calls.change(set_month_debt_target, self._month, debt)

    async def _add_entry(self, section: Section, name: str, planned: int, identity: UUID) -> None:
        await self._calls.write(add_month_entry, self._month, section=section, name=name, planned=planned, id=identity)

    async def _delete_entry(self, line: EntryLine) -> None:
        entry, count = line.line.entry, line.line.postings
        if count:
            postings = "its posting" if count == 1 else f"its {count:,} postings"
            if not await ask(
                f"Delete {entry.name}?", f"{entry.name} and {postings} leave {self._month.title}.",
                do="Delete", danger=True,
            ):  # fmt: skip
                return
        with self._calls.told():
            self._gone(await self._calls.write(delete_month_entry, entry.id), f"{entry.name} deleted.")

    async def _add(self, draft: PostingDraft) -> None:
        await self._calls.write(add_posting, draft)

    async def _edit(self, draft: PostingDraft, since: PostingDraft) -> None:
        await self._calls.change(edit_posting, draft, since)

    async def _delete_posting(self, posting: UUID) -> None:
        self._gone(await self._calls.write(delete_posting, posting), "Posting deleted.")

    async def _elsewhere(self, draft: PostingDraft, other: YearMonth) -> None:
        await self._calls.write(add_to_twin, draft, other)
        say(f"Added to {other.title}.")

    async def _move_elsewhere(self, draft: PostingDraft, other: YearMonth, since: PostingDraft) -> None:
        await self._calls.change(move_to_twin, draft, other, since)

    def _gone(self, deleted: Deleted, sentence: str) -> None:
        say(sentence, undo=lambda: self._calls.undo(deleted.action))
