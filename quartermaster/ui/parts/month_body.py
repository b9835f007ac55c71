"""The groups and rows of a month, and the ledger that is open in one of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from quartermaster.domain.month import MonthEntry
from quartermaster.domain.posting import PostingDraft
from quartermaster.domain.section import Group, Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.month_views import MonthGroup, MonthLine, MonthView
from quartermaster.services.postings import Ledger
from quartermaster.ui.calls import Calls
from quartermaster.ui.parts.add_entry import AddEntry
from quartermaster.ui.parts.debt_card import DebtCard
from quartermaster.ui.parts.entry_line import EntryLine, LineActs
from quartermaster.ui.parts.group import GroupCard, section_header
from quartermaster.ui.parts.ledger import LedgerActs, LedgerPart
from quartermaster.ui.parts.section_rows import SectionRows
from quartermaster.ui.parts.tags import Tag, el

COLUMNS = (("Applied", "num"), ("Planned", "num dim m"), ("Left", "num dim"))
LABELS = (("Applied", "num"), ("Planned", "num m"), ("Left", "num"))


@dataclass(frozen=True, slots=True)
class BodyActs:
    """What the page does for its rows; a closed month has no `edits`."""

    toggle: Callable[[UUID], Awaitable[None]]
    more: Callable[[], Awaitable[None]]
    under: Callable[[EntryLine], None]
    edits: EditActs | None


@dataclass(frozen=True, slots=True)
class EditActs:
    """The verbs of an open month. `step` says whether there was a place to go to."""

    plan: Callable[[UUID, str], Awaitable[None]]
    step: Callable[[UUID, int], Awaitable[bool]]
    add_entry: Callable[[Section, str, int, UUID], Awaitable[None]]
    add: Callable[[PostingDraft], Awaitable[None]]
    edit: Callable[[PostingDraft, PostingDraft], Awaitable[None]]
    delete: Callable[[UUID], Awaitable[None]]
    elsewhere: Callable[[PostingDraft, YearMonth], Awaitable[None]]
    move_elsewhere: Callable[[PostingDraft, YearMonth, PostingDraft], Awaitable[None]]
    target: Callable[[UUID | None], Awaitable[None]]


class MonthBody:
    """Rows exist only in groups that are open; a row that stays is never drawn again."""

    def __init__(self, calls: Calls, acts: BodyActs, view: MonthView) -> None:
        self._calls, self._acts, self._view = calls, acts, view
        self._lines = SectionRows(self._line, self._gone)
        self.open_entry: UUID | None = None
        self._ledger: LedgerPart | None = None
        self._pressed: Tag | None = None
        self._cards = [self._card(group) for group in (Group.INCOME, Group.FLEXIBLE, Group.COMMITTED, Group.SAVINGS)]
        for card in self._cards:
            if card.is_open:
                self._draw(card)
        self.show(view, None)

    def _card(self, group: Group) -> GroupCard:
        def draw() -> None:
            card = next(card for card in self._cards if card.group is group)
            self._draw(card)
            self.show(self._view, None)

        def emptied() -> None:
            for section in group.sections:
                self._lines.end(section)

        return GroupCard("month", group, COLUMNS, draw, emptied)

    def _draw(self, card: GroupCard) -> None:
        with card.body:
            if card.group is Group.COMMITTED:
                self._debt_card = DebtCard(self._calls, self._acts.edits.target if self._acts.edits else None)
            for section in card.group.sections:
                section_header(section, LABELS)
                self._lines.begin(section)
                if self._acts.edits is not None:
                    AddEntry(self._calls, str(self._view.month.year_month), section, self._acts.edits.add_entry)

    def _gone(self, identity: UUID) -> None:
        if identity == self.open_entry:
            self.open_entry, self._ledger = None, None

    def show(self, view: MonthView, ledger: Ledger | None) -> None:
        """Bring everything to what the view says; `ledger` is the open entry's, when one is open."""
        self._view = view
        self._follow_open()
        money, shown = self._calls.money, {}
        for card, group in ((card, _of(view, card.group)) for card in self._cards):
            card.figures.first = money.format(group.applied)
            card.figures.second = money.format(group.planned)
            card.figures.third = money.format(group.left)
            if card.is_open:
                if card.group is Group.COMMITTED:
                    self._debt_card.show(view.debts, view.debt_target)
                shown.update({of.section: {line.entry.id: line for line in of.lines} for of in group.sections})
        self._lines.show(shown)
        if ledger is not None and self._ledger is not None and ledger.entry.id == self.open_entry:
            self._ledger.show(ledger)
        if self._pressed is not None:
            # A row that moves loses the focus to the page.
            self._pressed.focus_back()
            self._pressed = None

    def _follow_open(self) -> None:
        """Open the group that the open entry was moved to."""
        if self.open_entry is not None:
            self._unfold(self.open_entry)

    def _unfold(self, entry: UUID) -> bool:
        """Open the group of an entry; False when it is not in this month."""
        section = next((line.entry.section for line in self._view.lines if line.entry.id == entry), None)
        if section is not None:
            next(card for card in self._cards if card.group is section.group).open()
        return section is not None

    def _line(self, line: MonthLine) -> EntryLine:
        edits = self._acts.edits
        return EntryLine(self._calls, line, LineActs(self._acts.toggle, edits.plan if edits else None, self._step))

    async def _step(self, entry: UUID, by: int, pressed: Tag) -> None:
        if self._acts.edits is not None:
            self._pressed = pressed
            if not await self._acts.edits.step(entry, by):
                self._pressed = None

    def opened(self, ledger: Ledger) -> None:
        """Open the entry's row with its ledger, in place of the one that was open."""
        self.close()
        line = self._lines.get(ledger.entry.id)
        if line is None:
            return
        self.open_entry = ledger.entry.id
        line.mark(is_open=True)
        edits = self._acts.edits
        acts = None
        if edits is not None:
            verbs = (edits.add, edits.edit, edits.delete, edits.elsewhere, edits.move_elsewhere)
            acts = LedgerActs(*verbs, self._entries)
        with line.under, el("div", "ledger"):
            self._ledger = LedgerPart(self._calls, ledger, acts, self._acts.more)
            self._acts.under(line)

    def unfold(self, ledger: Ledger) -> bool:
        """Open the group of an entry, and the entry with its ledger; False when it is not in this month."""
        is_here = self._unfold(ledger.entry.id)
        if is_here:
            self.opened(ledger)
        return is_here

    def point_out(self, posting: UUID) -> None:
        """Bring a posting of the open ledger into sight."""
        if self._ledger is not None:
            self._ledger.point_out(posting)

    def _entries(self) -> list[MonthEntry]:
        return [line.entry for line in self._view.lines]

    @property
    def wanted(self) -> list[UUID]:
        """The postings that the open ledger wants, however old they are."""
        return self._ledger.wanted if self._ledger is not None else []

    def close(self) -> None:
        """Close the row that is open, if one is."""
        if self.open_entry is not None and (line := self._lines.get(self.open_entry)) is not None:
            line.under.clear()
            line.mark(is_open=False)
        self.open_entry, self._ledger = None, None

    def focus_add_row(self) -> None:
        if self._ledger is not None and self._acts.edits is not None:
            self._ledger.form.focus()


def _of(view: MonthView, wanted: Group) -> MonthGroup:
    return next(group for group in view.groups if group.group is wanted)
