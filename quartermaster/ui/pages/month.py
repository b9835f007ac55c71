"""One month: started, lived, closed, and then a page of the archive."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from nicegui import ui

from quartermaster.domain.errors import Refused
from quartermaster.domain.month import MonthState
from quartermaster.domain.section import Group
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.finding import ledger_with
from quartermaster.services.month_views import MonthView, month_view
from quartermaster.services.months import activate_month, close_month, reopen_month, start_month
from quartermaster.services.plans import plan_view
from quartermaster.services.postings import Ledger, ledger
from quartermaster.storage.work import Work
from quartermaster.ui.building import BUILT_WITHIN_S
from quartermaster.ui.calls import Calls
from quartermaster.ui.drafts import typed_under
from quartermaster.ui.icons import brand_mark, icon
from quartermaster.ui.live import OneAtATime
from quartermaster.ui.pages.month_edits import MonthEdits
from quartermaster.ui.pages.not_found import show_not_found
from quartermaster.ui.parts.entry_line import notes_under
from quartermaster.ui.parts.hero import MONTH_WORDS, Hero
from quartermaster.ui.parts.ledger import PAGE
from quartermaster.ui.parts.month_body import BodyActs, MonthBody
from quartermaster.ui.parts.month_picker import month_heading, month_picker
from quartermaster.ui.parts.posting_edit import edit_under_way
from quartermaster.ui.parts.snackbar import say
from quartermaster.ui.parts.tags import button, el
from quartermaster.ui.shell import Shell, shell
from quartermaster.ui.when import local_day


def register(calls: Calls) -> None:
    @ui.page("/month/{name}", response_timeout=BUILT_WITHIN_S)
    async def month(name: str, posting: str = "") -> None:
        try:
            year_month = YearMonth.parse(name)
        except Refused as no:
            show_not_found(calls, no.message)
            return
        shown = await calls.read(_now, year_month)
        with shell(calls, title=year_month.title, active="month", heading=False) as frame:
            with frame.lead:
                month_heading(year_month)
            month_picker(calls, year_month)
            page = _MonthPage(calls, year_month, frame)
            page.draw(shown)
            await page.bring_back()
            if posting:
                await page.point_out(posting)


@dataclass(frozen=True, slots=True)
class _Shown:
    """The month and the open entry's ledger; where it is not started, how many plan entries its start would copy."""

    view: MonthView | None
    ledger: Ledger | None = None
    copies: int = 0


def _now(
    work: Work, year_month: YearMonth, opened: UUID | None = None, limit: int = PAGE, wanted: Collection[UUID] = ()
) -> _Shown:
    """What the page shows, in one snapshot; `wanted` are postings of the ledger beyond the limit."""
    view = month_view(work, year_month)
    if view is None:
        return _Shown(None, copies=len(plan_view(work).entries))
    if opened is None or all(line.entry.id != opened for line in view.lines):
        return _Shown(view)
    return _Shown(view, ledger(work, opened, limit=limit, including=wanted))


class _MonthPage:
    def __init__(self, calls: Calls, year_month: YearMonth, frame: Shell) -> None:
        self._calls, self._month, self._frame = calls, year_month, frame
        with frame.lead:
            self._pill = el("span", "pill", hidden=True)
        self._place = el("div")
        self._state: MonthState | None = None
        self._body: MonthBody | None = None
        self._limit = PAGE
        self._acted = self._told = False
        self._again = OneAtATime(self._refresh)
        calls.live.changed.subscribe(self._again)

    def draw(self, shown: _Shown) -> None:
        """Draw the page for the state that the month is in."""
        view = shown.view
        self._state = view.month.state if view else None
        self._body = None
        self._pill.set(hidden=None if view else True)
        self._place.clear()
        with self._place:
            if view is None:
                self._frame.trail.clear()
                self._draw_absent()
                self._show_copies(shown.copies)
                return
            if not view.is_open:
                self._draw_stamp(view)
            self._hero = Hero(
                self._calls.money, "Applied zero", MONTH_WORDS, "Unapplied", ("Income", "Applied", "Planned zero")
            )
            edits = MonthEdits(self._calls, self._month, self._find) if view.is_open else None
            acts = BodyActs(
                self._toggle,
                self._more,
                edits.under if edits else partial(notes_under, self._calls),
                edits.acts if edits else None,
            )
            self._body = MonthBody(self._calls, acts, view)
        self._draw_state(view.month.state)
        self._show(view, None)

    async def bring_back(self) -> None:
        """Open the row beneath which something was typed when the page was lost."""
        view = self._view if self._body is not None else None
        typed_at = typed_under([line.entry.id for line in view.lines]) if view is not None and view.is_open else None
        if typed_at is not None and self._body is not None:
            await self._open(typed_at)

    async def point_out(self, posting: str) -> None:
        """Open the entry that a posting is on, and show it; what names none is said."""
        try:
            found = await self._calls.read(ledger_with, UUID(posting), limit=self._limit)
        except ValueError:
            found = None
        if self._body is None or found is None or not self._body.unfold(found):
            say("That posting is not in this month any more.")
            return
        self._body.point_out(UUID(posting))

    def _draw_absent(self) -> None:
        with el("div", "empty"):
            brand_mark(44)
            el("h2", text=f"{self._month.title} is not started yet")
            self._copies = el("p")
            with el("div", "acts"):
                self._start = button(f"Start {self._month.title}").on("click", lambda: self._do(start_month))
                self._to_plan = el("a", "btn", href="/")

    def _show_copies(self, entries: int) -> None:
        copies = f"{entries} plan entries" if entries != 1 else "one plan entry"
        self._copies.set_text(
            f"Starting it copies {copies}. Later edits of the plan leave the month as it is."
            if entries
            else "Your plan is empty: write it first, then start the month from it."
        )
        self._to_plan.set_text("See the plan" if entries else "Write the plan")
        first, other = (self._start, self._to_plan) if entries else (self._to_plan, self._start)
        first.classes(replace="btn pri")
        other.classes(replace="btn")
        if first.parent_slot.children[0] is not first:  # type: ignore[union-attr]  # it was drawn inside
            first.move(target_index=0)

    def _draw_stamp(self, view: MonthView) -> None:
        closed = view.month.lifecycle.closed_ms
        with el("div", "stamped"):
            with el("span", "thestamp"):
                icon("lock", 15)
                el("span", text="Closed")
            if closed is not None:
                el("span", "dim", f"on {local_day(closed)}. Nothing in it changes unless it is reopened.")
            self._drift = el("p", "drift", role="alert")

    def _draw_state(self, state: MonthState) -> None:
        self._pill.set_text(state.value.capitalize())
        self._pill.classes(replace=f"pill {state.value}")
        self._frame.trail.clear()
        with self._frame.trail:
            if state is MonthState.PLANNING:
                turn = button("Activate", "btn pri").on("click", lambda: self._do(activate_month))
            elif state is MonthState.ACTIVE:
                turn = button("Close month", "btn").on("click", lambda: self._do(close_month))
            else:
                turn = button("Reopen", "btn").on("click", lambda: self._do(reopen_month))
            if state is not MonthState.CLOSED:
                classes = "btn wide" if state is MonthState.PLANNING else "btn pri wide"
                button("Add posting", classes, data_opens="quick-add")
        if self._acted:
            # The button that was pressed is gone; the keyboard goes on at the one that took its place.
            self._acted = False
            turn.focus_back()

    async def _do(self, verb: Callable[[Work, YearMonth], object]) -> None:
        """One of the four verbs of a month's life."""
        self._acted = self._told = True
        with self._calls.told():
            await self._calls.change(verb, self._month)
            return
        self._told = False

    async def _toggle(self, entry: UUID) -> None:
        body = self._body
        if body is None:
            return
        if body.open_entry == entry:
            body.close()
            return
        self._limit = PAGE
        with self._calls.told():
            await self._open(entry)
            body.focus_add_row()

    async def _open(self, entry: UUID) -> None:
        """Open the entry's row, with the posting that was being edited when the page was lost."""
        edited = edit_under_way(entry)
        found = await self._calls.read(ledger, entry, limit=self._limit, including=[edited] if edited else ())
        if self._body is not None:
            self._body.opened(found)

    async def _more(self) -> None:
        self._limit += 4 * PAGE
        await self._again()

    def _find(self, entry: UUID) -> MonthView | None:
        """The view that rows were drawn from, for verbs that need an entry's neighbours."""
        return self._view if any(line.entry.id == entry for line in self._view.lines) else None

    async def _refresh(self) -> None:
        """Read again and show what changed."""
        opened, wanted = (self._body.open_entry, self._body.wanted) if self._body else (None, ())
        with self._calls.told():
            self._arrived(await self._calls.read(_now, self._month, opened, self._limit, wanted))

    def _arrived(self, shown: _Shown) -> None:
        view = shown.view
        before, now = self._state, view.month.state if view else None
        if before is not now:
            if now is None or before is None or MonthState.CLOSED in (before, now):
                self.draw(shown)
            else:
                self._state = now
                self._draw_state(now)
            if before is not None and now is not None and not self._told:
                say(f"{self._month.title} is now {now.value}.")
            self._told = False
        if view is not None:
            self._show(view, shown.ledger)
        elif before is None:
            self._show_copies(shown.copies)

    def _show(self, view: MonthView, postings: Ledger | None) -> None:
        self._view = view
        applied = {group.group: group.applied for group in view.groups}
        self._hero.show(
            view.applied_zero,
            view.income_applied,
            {group: applied[group] for group in Group},
            {
                "Income": (view.income_applied, False),
                "Applied": (view.spent, False),
                "Planned zero": (view.planned_zero, True),
            },
        )
        if not view.is_open:
            off = self._calls.money.format(abs(view.applied_zero))
            why = f"Out of balance by {off} since it was closed: another device wrote to it meanwhile."
            self._drift.set_text(f"{why} Reopen it to mend." if view.applied_zero else "")
            self._drift.set(hidden=None if view.applied_zero else True)
        if self._body is not None:
            self._body.show(view, postings)
