"""The plan: the household's standing budget, edited in place."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from nicegui import ui

from quartermaster.domain.section import Group, Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.currency import may_choose_currency
from quartermaster.services.edits import Deleted
from quartermaster.services.months import find_month
from quartermaster.services.order import neighbour
from quartermaster.services.plans import (
    PlanSection,
    PlanView,
    add_plan_entry,
    delete_plan_entry,
    edit_plan_entry,
    move_plan_entry,
    plan_view,
    set_plan_debt_target,
)
from quartermaster.storage.work import Work
from quartermaster.ui.calls import Calls
from quartermaster.ui.drafts import typed_under
from quartermaster.ui.live import OneAtATime
from quartermaster.ui.pages.first_run import first_run
from quartermaster.ui.parts.add_entry import AddEntry
from quartermaster.ui.parts.debt_card import DebtCard
from quartermaster.ui.parts.entry_bar import EntryActs, entry_bar
from quartermaster.ui.parts.group import GroupCard, section_header
from quartermaster.ui.parts.hero import PLAN_WORDS, Hero
from quartermaster.ui.parts.inline_edit import read_amount
from quartermaster.ui.parts.plan_details import PlanDetails
from quartermaster.ui.parts.plan_line import PlanLine, PlanLineActs
from quartermaster.ui.parts.snackbar import say
from quartermaster.ui.parts.tags import Tag, el
from quartermaster.ui.shell import shell

ORDER = (Group.INCOME, Group.FLEXIBLE, Group.COMMITTED, Group.SAVINGS)
GRID = "plancols"


def register(calls: Calls) -> None:
    @ui.page("/")
    async def plan() -> None:
        this = YearMonth.of(calls.today())
        view, is_first, may_choose, started = await calls.read(_first, this)
        with shell(calls, title="Plan", active="plan") as frame:
            with frame.trail:
                verb = "Open" if started else "Start"
                el("a", "btn pri", f"{verb} {this.title}", href=f"/month/{this}")
            _PlanPage(calls, may_choose=may_choose).draw(view, is_first=is_first)


def _first(work: Work, this: YearMonth) -> tuple[PlanView, bool, bool, bool]:
    """The plan, whether it is the first run, whether the money can still be chosen then, and whether `this` started."""
    view = plan_view(work)
    is_first = view.is_empty and not work.months()
    return view, is_first, is_first and may_choose_currency(work), find_month(work, this) is not None


class _PlanPage:
    def __init__(self, calls: Calls, *, may_choose: bool) -> None:
        self._calls, self._may_choose = calls, may_choose
        self._place = el("div")
        self._hero: Hero | None = None
        self._lines: dict[UUID, PlanLine] = {}
        self._sections: dict[Section, Tag] = {}
        self._open: UUID | None = None
        self._pressed: Tag | None = None
        self._acts = PlanLineActs(self._toggle, self._plan, self._step)
        calls.live.changed.subscribe(OneAtATime(self._refresh))

    def draw(self, view: PlanView, *, is_first: bool) -> None:
        """The three ways to begin, or the plan."""
        self._view = view
        self._place.clear()
        with self._place:
            if is_first:
                begin = partial(self.draw, self._view, is_first=False)
                first_run(self._calls, start_empty=begin, may_choose=self._may_choose)
                return
            self._hero = Hero(self._calls.money, "Plan zero", PLAN_WORDS, "Unassigned", ("Income", "Planned"))
            self._cards = [self._card(group) for group in ORDER]
            for card in self._cards:
                if card.is_open:
                    self._draw_group(card)
            self._show(view)
            self._bring_back()

    def _bring_back(self) -> None:
        """Open the row beneath which something was typed when the page was lost."""
        if (typed_at := typed_under(list(self._lines))) is not None:
            self._toggle(typed_at)

    def _card(self, group: Group) -> GroupCard:
        def draw() -> None:
            self._draw_group(next(card for card in self._cards if card.group is group))
            self._show(self._view)

        return GroupCard("plan", group, ("num",), draw, grid=GRID)

    def _draw_group(self, card: GroupCard) -> None:
        gone = [i for i, line in self._lines.items() if line.entry.section.group is card.group]
        for identity in gone:
            del self._lines[identity]
        if self._open in gone:
            self._open = None
        card.body.clear()
        with card.body:
            if card.group is Group.COMMITTED:
                self._debt_card = DebtCard(self._calls, self._choose_target)
            for section in card.group.sections:
                section_header(section, (("Planned", "num"),), grid=GRID)
                self._sections[section] = el("div")
                AddEntry(self._calls, "plan", section, self._add)

    def _show(self, view: PlanView) -> None:
        self._view = view
        if self._hero is None:
            return
        planned = {group.group: group.planned for group in view.groups}
        stats = {"Income": (view.income, False), "Planned": (view.income - view.zero, False)}
        self._hero.show(view.zero, view.income, planned, stats)
        for card in self._cards:
            card.figures.first = self._calls.money.format(planned[card.group])
            if card.is_open:
                if card.group is Group.COMMITTED:
                    self._debt_card.show(view.debts, view.debt_target)
                for group in view.groups:
                    if group.group is card.group:
                        for section in group.sections:
                            self._show_section(section, view.household.debt_target)
        if self._pressed is not None:
            # A row that moves loses the focus to the page.
            self._pressed.focus()
            self._pressed = None

    def _show_section(self, section: PlanSection, target: UUID | None) -> None:
        wanted = {entry.id for entry in section.entries}
        here = [i for i, line in self._lines.items() if line.entry.section is section.section]
        for identity in (i for i in here if i not in wanted):
            self._lines.pop(identity).delete()
            self._gone(identity)
        at = self._sections[section.section]
        for index, entry in enumerate(section.entries):
            line = self._lines.get(entry.id)
            if line is not None and line.entry.section is not section.section:
                line.delete()
                self._gone(entry.id)
                line = None
            if line is None:
                with at:
                    line = self._lines[entry.id] = PlanLine(self._calls, entry, self._acts)
            line.show(entry, is_target=entry.id == target)
            if at.default_slot.children.index(line.row) != index * 2:
                line.place(at, index)

    def _gone(self, identity: UUID) -> None:
        if identity == self._open:
            self._open = None

    async def _choose_target(self, debt: UUID | None) -> None:
        await self._calls.change(set_plan_debt_target, debt)

    def _toggle(self, identity: UUID) -> None:
        before, self._open = self._open, None
        if before is not None and before in self._lines:
            self._lines[before].under.clear()
            self._lines[before].mark(is_open=False)
        if before == identity:
            return
        line = self._lines[identity]
        line.mark(is_open=True)
        self._open = identity
        with line.under, el("div", "ledger"), el("div", "under"):
            self._draw_under(line)

    def _draw_under(self, line: PlanLine) -> None:
        identity, section = line.entry.id, line.entry.section

        async def save(**fields: object) -> None:
            await self._calls.change(edit_plan_entry, identity, **fields)  # type: ignore[arg-type]  # its own fields

        async def target() -> None:
            with self._calls.told():
                await self._choose_target(None if line.is_target else identity)

        line.details = PlanDetails(self._calls, line.entry, save).show
        acts = EntryActs(
            step=lambda by, pressed: self._step(identity, by, pressed),
            to_section=lambda to: self._to_section(identity, to),
            delete=lambda: self._delete(identity),
            target=target if section is Section.DEBT_MINIMUM else None,
            history=f"/history?record={identity}",
        )
        entry_bar(section, acts, is_target=line.is_target)

    async def _plan(self, identity: UUID, typed: str) -> None:
        await self._calls.change(edit_plan_entry, identity, planned=read_amount(self._calls, typed))

    async def _step(self, identity: UUID, by: int, pressed: Tag) -> None:
        section = next(s for g in self._view.groups for s in g.sections if any(e.id == identity for e in s.entries))
        spot = neighbour([entry.id for entry in section.entries], identity, by)
        if spot is not None:
            self._pressed = pressed
            with self._calls.told():
                await self._calls.change(move_plan_entry, identity, section=section.section, before=spot.before)

    async def _to_section(self, identity: UUID, section: Section) -> None:
        with self._calls.told():
            await self._calls.change(move_plan_entry, identity, section=section, before=None)

    async def _add(self, section: Section, name: str, planned: int, identity: UUID) -> None:
        await self._calls.write(add_plan_entry, section=section, name=name, planned=planned, id=identity)

    async def _delete(self, identity: UUID) -> None:
        with self._calls.told():
            deleted: Deleted = await self._calls.write(delete_plan_entry, identity)
            say(f"{deleted.name} deleted. Months keep their copies.", undo=lambda: self._calls.undo(deleted.action))

    async def _refresh(self) -> None:
        """Read again and show what changed."""
        with self._calls.told():
            view = await self._calls.read(plan_view)
            if self._hero is None and not view.is_empty:
                self.draw(view, is_first=False)
            self._show(view)
