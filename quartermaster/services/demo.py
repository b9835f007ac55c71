"""A household to look around in: twelve months, eleven of them closed at exactly zero, the last one active."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from quartermaster.domain.currency import decimals_of
from quartermaster.domain.errors import Refused
from quartermaster.domain.month import MonthEntry
from quartermaster.domain.posting import PostingDraft
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.demo_household import BALANCING, DEBT_TARGET, DESCRIPTIONS, HABITS, Habit
from quartermaster.services.month_views import month_view
from quartermaster.services.months import (
    activate_month,
    add_month_entry,
    close_month,
    edit_month_entry,
    start_month,
)
from quartermaster.services.plans import add_plan_entry, edit_plan_entry, plan_view, set_plan_debt_target
from quartermaster.services.postings import add_postings
from quartermaster.storage.work import Work

MONTHS = 12
_BY_NAME = {habit.name: habit for habit in HABITS}
_NOON = 12


def fill(work: Work, today: date, *, seed: int = 2023) -> None:
    """Write the demo household, ending in the month of `today`. Refused when anything is there already."""
    if not plan_view(work).is_empty or work.months():
        raise Refused("The demo household goes into an empty file only. Open it beside your own budget instead.")
    _Demo(work, today, random.Random(seed)).fill()  # noqa: S311  # the same demo each time


def unit_of(currency: str) -> int:
    """Minor units in what the demo and the starter plan call one unit; a hundred where there are no decimals."""
    unit: int = 10 ** (decimals_of(currency) or 2)
    return unit


class _Demo:
    def __init__(self, work: Work, today: date, chance: random.Random) -> None:
        self.work, self.today, self.chance = work, today, chance
        self.unit = unit_of(work.household().currency)
        self.last = YearMonth.of(today)

    def fill(self) -> None:
        present = self.work.now_ms
        months = [self.last.plus(index - MONTHS + 1) for index in range(MONTHS)]
        # What a month says of itself, such as when it was closed, is to look lived in: the clock is set back for it.
        try:
            self.work.now_ms = _clock_of(months[0].first_day - timedelta(days=3))
            self._plan()
            for index, month in enumerate(months):
                self._live(month, index)
        finally:
            self.work.now_ms = present

    def _plan(self) -> None:
        for habit in HABITS:
            planned = self._left_over() if habit.name == BALANCING else habit.planned
            entry = add_plan_entry(
                self.work, section=habit.section, name=habit.name, planned=planned * self.unit, notes=habit.notes
            )
            self._describe(entry.id, habit)
            if habit.name == DEBT_TARGET:
                set_plan_debt_target(self.work, entry.id)

    def _describe(self, entry: UUID, habit: Habit) -> None:
        if habit.section is Section.SINKING_FUND:
            edit_plan_entry(
                self.work,
                entry,
                goal=self._cents(habit.goal),
                goal_date=self.last.plus(10).last_day,
                opening_balance=self._cents(habit.opening_balance),
            )
        if habit.section is Section.DEBT_MINIMUM:
            edit_plan_entry(
                self.work,
                entry,
                debt_balance=self._cents(habit.debt_balance),
                apr_basis_points=habit.apr_basis_points,
            )

    def _live(self, month: YearMonth, index: int) -> None:
        self.work.now_ms = _clock_of(month.first_day)
        start_month(self.work, month)
        activate_month(self.work, month)
        self._adjust(month, index)
        view = month_view(self.work, month)
        assert view is not None
        entries = {line.entry.name: line.entry for line in view.lines}
        drafts = [draft for entry in entries.values() for draft in self._postings(entry, month)]
        if month == self.last:
            add_postings(self.work, [draft for draft in drafts if draft.day <= self.today])
            return
        drafts += self._balance(entries, drafts, month)
        add_postings(self.work, drafts)
        self.work.now_ms = _clock_of(month.next.first_day + timedelta(days=self.chance.randint(0, 3)))
        close_month(self.work, month)

    def _adjust(self, month: YearMonth, index: int) -> None:
        """A month is never quite the plan: one is edited here and there, and some have an entry of their own."""
        view = month_view(self.work, month)
        assert view is not None
        entries = {line.entry.name: line.entry for line in view.lines}
        if index % 4 == 2:
            gifts, going_out = entries["Gifts and giving"], entries["Going out"]
            moved = 40 * self.unit
            edit_month_entry(self.work, gifts.id, planned=gifts.planned + moved, notes="Three birthdays this month.")
            edit_month_entry(self.work, going_out.id, planned=going_out.planned - moved)
        if index % 5 == 3 or month == self.last:
            spare = 60 * self.unit
            emergency = entries[BALANCING]
            edit_month_entry(self.work, emergency.id, planned=emergency.planned - spare)
            add_month_entry(self.work, month, section=Section.OTHER, name="Bicycle repair", planned=spare)

    def _postings(self, entry: MonthEntry, month: YearMonth) -> list[PostingDraft]:
        habit = _BY_NAME.get(entry.name)
        if habit is None:
            return [self._posting(entry, month.first_day.replace(day=11), entry.planned, "Spoke & Chain")]
        if entry.name == BALANCING:
            return []
        days = habit.days or sorted(self.chance.sample(range(2, 29), habit.times))
        share, rest = divmod(entry.planned, len(days))
        drafts = []
        for index, day in enumerate(days):
            amount = self._varied(share + (rest if index == 0 else 0), habit.spread)
            drafts.append(self._posting(entry, month.first_day.replace(day=day), amount, self._payee(habit, index)))
        if entry.name == "Clothes" and self.chance.randrange(3) == 0:
            back = drafts[0]
            drafts.append(
                self._posting(entry, month.first_day.replace(day=28), -back.amount // 2, back.payee, "Sent back")
            )
        return drafts

    def _balance(
        self, entries: dict[str, MonthEntry], drafts: list[PostingDraft], month: YearMonth
    ) -> list[PostingDraft]:
        """What the month left over goes to the emergency fund, and what it lacked comes from there."""
        income = {entry.id for entry in entries.values() if entry.section is Section.INCOME}
        left = sum(draft.amount if draft.entry_id in income else -draft.amount for draft in drafts)
        if left == 0:
            return []
        description = "What was left over" if left > 0 else "Taken out to cover the month"
        return [self._posting(entries[BALANCING], month.last_day, left, "Savings account", description)]

    def _posting(
        self, entry: MonthEntry, day: date, amount: int, payee: str | None, description: str | None = None
    ) -> PostingDraft:
        said = description or self.chance.choice(DESCRIPTIONS.get(entry.name, (None,)))
        return PostingDraft(
            id=self.work.new_id(), entry_id=entry.id, day=day, amount=amount, payee=payee, description=said
        )

    def _payee(self, habit: Habit, index: int) -> str:
        return habit.payees[0] if habit.days else habit.payees[(index + self.chance.randrange(2)) % len(habit.payees)]

    def _varied(self, cents: int, spread: int) -> int:
        if not spread:
            return cents
        return max(1, cents * (1000 + self.chance.randint(-10 * spread, 10 * spread)) // 1000)

    def _left_over(self) -> int:
        return sum(habit.planned if habit.section is Section.INCOME else -habit.planned for habit in HABITS)

    def _cents(self, units: int | None) -> int | None:
        return None if units is None else units * self.unit


def _clock_of(day: date) -> Callable[[], int]:
    moment = int(datetime(day.year, day.month, day.day, _NOON, tzinfo=UTC).timestamp()) * 1000
    return lambda: moment
