"""The plan: the household's standing budget, edited in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from nicegui import ui

from quartermaster.domain.plan import PlanEntry
from quartermaster.domain.section import Group, Section
from quartermaster.domain.sinking_fund import Fund
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.currency import may_choose_currency
from quartermaster.services.edits import Deleted
from quartermaster.services.months import find_month
from quartermaster.services.order import neighbour
from quartermaster.services.plans import (
    PlanGroup,
    PlanView,
    add_plan_entry,
    delete_plan_entry,
    edit_plan_entry,
    move_plan_entry,
    plan_view,
    set_plan_debt_target,
)
from quartermaster.services.sinking_funds import funds
from quartermaster.storage.work import Work
from quartermaster.ui.building import BUILT_WITHIN_S
from quartermaster.ui.calls import Calls
from quartermaster.ui.drafts import typed_under
from quartermaster.ui.fund_words import fund_words
from quartermaster.ui.live import OneAtATime
from quartermaster.ui.pages.first_run import first_run
from quartermaster.ui.parts.add_entry import AddEntry
from quartermaster.ui.parts.debt_card import DebtCard
from quartermaster.ui.parts.entry_bar import EntryActs, EntryBar
from quartermaster.ui.parts.group import GroupCard, section_header
from quartermaster.ui.parts.hero import PLAN_WORDS, Hero
from quartermaster.ui.parts.inline_edit import read_amount
from quartermaster.ui.parts.plan_details import PlanDetails
from quartermaster.ui.parts.plan_line import PlanItem, PlanLine, PlanLineActs
from quartermaster.ui.parts.section_rows import SectionRows
from quartermaster.ui.parts.snackbar import say
from quartermaster.ui.parts.tags import Tag, el
from quartermaster.ui.shell import shell

ORDER = (Group.INCOME, Group.FLEXIBLE, Group.COMMITTED, Group.SAVINGS)
GRID = "plancols"
FIRST_LINE = "matchMedia('(pointer:fine)').matches && document.querySelector('.addentry input')?.focus()"


def register(calls: Calls) -> None:
    @ui.page("/", response_timeout=BUILT_WITHIN_S)
    async def plan() -> None:
        this = YearMonth.of(calls.today())
        shown, is_first, may_choose = await calls.read(_first, this)
        with shell(calls, title="Plan", active="plan") as frame:
            _PlanPage(calls, frame.trail, may_choose=may_choose).draw(shown, is_first=is_first)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the page shows: the plan, how its sinking funds stand, and this month and whether it was started."""

    view: PlanView
    funds: Mapping[UUID, Fund]
    this: YearMonth
    is_started: bool


def _now(work: Work, this: YearMonth) -> _Shown:
    view = plan_view(work)
    return _Shown(view, funds(work, view.entries, this), this, find_month(work, this) is not None)


def _first(work: Work, this: YearMonth) -> tuple[_Shown, bool, bool]:
    """The plan, whether it is the first run, and whether the money can still be chosen then."""
    shown = _now(work, this)
    is_first = shown.view.is_empty and not work.months()
    return shown, is_first, is_first and may_choose_currency(work)


class _PlanPage:
    def __init__(self, calls: Calls, trail: Tag, *, may_choose: bool) -> None:
        self._calls, self._trail, self._may_choose = calls, trail, may_choose
        self._way = ("", "")
        self._place = el("div")
        self._hero: Hero | None = None
        self._lines = SectionRows(self._line, self._gone)
        self._open: UUID | None = None
        self._pressed: Tag | None = None
        self._acts = PlanLineActs(self._toggle, self._plan, self._step)
        calls.live.changed.subscribe(OneAtATime(self._refresh))

    def draw(self, shown: _Shown, *, is_first: bool) -> None:
        """The three ways to begin, or the plan."""
        self._shown = shown
        self._show_way(shown)
        self._place.clear()
        with self._place:
            if is_first:
                first_run(self._calls, start_empty=self._begin_empty, may_choose=self._may_choose)
                return
            self._hero = Hero(self._calls.money, "Plan zero", PLAN_WORDS, "Unassigned", ("Income", "Planned"))
            self._cards = [self._card(group) for group in ORDER]
            for card in self._cards:
                if card.is_open:
                    self._draw_group(card)
            self._show(shown)
            self._bring_back()

    def _begin_empty(self) -> None:
        """The plan without an entry, and the cursor where the first one is typed: not to raise a phone's keyboard."""
        self.draw(self._shown, is_first=False)
        # The button that was pressed is gone, and with it the page that belongs to it.
        self._place.client.run_javascript(FIRST_LINE)

    def _bring_back(self) -> None:
        """Open the row beneath which something was typed when the page was lost."""
        if (typed_at := typed_under(self._lines.ids)) is not None:
            self._toggle(typed_at)

    def _card(self, group: Group) -> GroupCard:
        def draw() -> None:
            self._draw_group(self._card_of(group))
            self._show(self._shown)

        def emptied() -> None:
            for section in group.sections:
                self._lines.end(section)

        return GroupCard("plan", group, (("Planned", "num"),), draw, emptied, grid=GRID)

    def _draw_group(self, card: GroupCard) -> None:
        with card.body:
            if card.group is Group.COMMITTED:
                self._debt_card = DebtCard(self._calls, self._choose_target)
            for section in card.group.sections:
                section_header(section, (("Planned", "num"),), grid=GRID)
                self._lines.begin(section)
                AddEntry(self._calls, "plan", section, self._add)

    def _show_way(self, shown: _Shown) -> None:
        """The way to this month: an empty plan has nothing to start one from."""
        verb = "Open" if shown.is_started else "" if shown.view.is_empty else "Start"
        way = f"{verb} {shown.this.title}" if verb else "", f"/month/{shown.this}"
        if way == self._way:
            return
        self._way, (words, to) = way, way
        self._trail.empty()
        if words:
            with self._trail:
                el("a", "btn pri", words, href=to)

    def _show(self, shown: _Shown) -> None:
        self._shown, view = shown, shown.view
        self._show_way(shown)
        if self._hero is None:
            return
        planned = {group.group: group.planned for group in view.groups}
        stats = {"Income": (view.income, False), "Planned": (view.income - view.zero, False)}
        self._hero.show(view.zero, view.income, planned, stats)
        self._follow_open()
        for card in self._cards:
            card.figures.first = self._calls.money.format(planned[card.group])
        self._show_groups([group for group in view.groups if self._card_of(group.group).is_open])
        if self._pressed is not None:
            # A row that moves loses the focus to the page.
            self._pressed.focus_back()
            self._pressed = None

    def _follow_open(self) -> None:
        """Open the group that the open entry was moved to."""
        entry = next((entry for entry in self._shown.view.entries if entry.id == self._open), None)
        if entry is not None:
            self._card_of(entry.section.group).open()

    def _card_of(self, group: Group) -> GroupCard:
        return next(card for card in self._cards if card.group is group)

    def _show_groups(self, groups: Sequence[PlanGroup]) -> None:
        if any(group.group is Group.COMMITTED for group in groups):
            self._debt_card.show(self._shown.view.debts, self._shown.view.debt_target)
        sections = [section for group in groups for section in group.sections]
        self._lines.show({of.section: {entry.id: self._item(entry) for entry in of.entries} for of in sections})

    def _item(self, entry: PlanEntry) -> PlanItem:
        fund, view = self._shown.funds.get(entry.id), self._shown.view
        said = fund_words(fund, entry.planned, self._shown.this, self._calls.money) if fund else None
        return PlanItem(entry, entry == view.debt_target, said)

    def _line(self, item: PlanItem) -> PlanLine:
        return PlanLine(self._calls, item, self._acts)

    def _gone(self, identity: UUID) -> None:
        if identity == self._open:
            self._open = None

    async def _choose_target(self, debt: UUID | None) -> None:
        await self._calls.change(set_plan_debt_target, debt)

    def _toggle(self, identity: UUID) -> None:
        before, self._open = self._open, None
        if before is not None and (open_line := self._lines.get(before)) is not None:
            open_line.under.clear()
            open_line.mark(is_open=False)
        line = self._lines.get(identity)
        if before == identity or line is None:
            return
        line.mark(is_open=True)
        self._open = identity
        with line.under, el("div", "ledger"), el("div", "under"):
            self._draw_under(line)

    def _draw_under(self, line: PlanLine) -> None:
        identity = line.item.entry.id

        async def save(**fields: object) -> None:
            await self._calls.change(edit_plan_entry, identity, **fields)  # type: ignore[arg-type]  # its own fields

        async def target() -> None:
            with self._calls.told():
                await self._choose_target(None if line.item.is_target else identity)

        details = PlanDetails(self._calls, line.item, save)
        acts = EntryActs(
            step=lambda by, pressed: self._step(identity, by, pressed),
            to_section=lambda to: self._to_section(identity, to),
            delete=lambda: self._delete(identity),
            target=target,
            history=f"/history?record={identity}",
        )
        bar = EntryBar(line.item.entry.section, acts, is_target=line.item.is_target)

        def show(item: PlanItem) -> None:
            details.show(item)
            bar.show(item.entry.section, is_target=item.is_target)

        line.details = show

    async def _plan(self, identity: UUID, typed: str) -> None:
        await self._calls.change(edit_plan_entry, identity, planned=read_amount(self._calls, typed))

    async def _step(self, identity: UUID, by: int, pressed: Tag) -> None:
        groups = self._shown.view.groups
        section = next(s for g in groups for s in g.sections if any(e.id == identity for e in s.entries))
        spot = neighbour([entry.id for entry in section.entries], identity, by)
        if spot is not None:
            self._pressed = pressed
            with self._calls.told():
                await self._calls.change(move_plan_entry, identity, section=section.section, before=spot.before)
                return
            self._pressed = None

    async def _to_section(self, identity: UUID, section: Section) -> bool:
        with self._calls.told():
            await self._calls.change(move_plan_entry, identity, section=section, before=None)
            return True
        return False

    async def _add(self, section: Section, name: str, planned: int, identity: UUID) -> None:
        await self._calls.write(add_plan_entry, section=section, name=name, planned=planned, id=identity)

    async def _delete(self, identity: UUID) -> None:
        with self._calls.told():
            deleted: Deleted = await self._calls.write(delete_plan_entry, identity)
            say(f"{deleted.name} deleted. Months keep their copies.", undo=lambda: self._calls.undo(deleted.action))

    async def _refresh(self) -> None:
        """Read again and show what changed."""
        with self._calls.told():
            shown = await self._calls.read(_now, YearMonth.of(self._calls.today()))
            if self._hero is None and not shown.view.is_empty:
                self.draw(shown, is_first=False)
            self._show(shown)
