"""Devices that do all that people can do with them, and meet in any order, are cut, copied and put back: a machine."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from quartermaster.domain.errors import Refused
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services import months, plans, postings
from quartermaster.services.attention import attention, make_one, take_lost
from quartermaster.services.devices import rename_device
from quartermaster.services.undo import undo
from quartermaster.storage.work import Work
from tests.living import MAY, draft
from tests.sync.invariants import Deletion, assert_alike, assert_deleted, assert_household, deletion
from tests.sync.replicas import Cut, Replica, assert_same, meet, replica

YEAR_MS = 365 * 86_400_000
MONTHS = (MAY, MAY.next)
WHO = st.integers(0, 4)
WHICH = st.integers(0, 5)
CENTS = st.integers(0, 500)
SECTIONS = st.sampled_from([Section.INCOME, Section.DEBT_MINIMUM, Section.FOOD, Section.SINKING_FUND])


class Devices(RuleBasedStateMachine):
    """Replica 0 is the server; the others are laptops. Every device may be any other's copy."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="quartermaster-"))
        self.replicas: list[Replica] = []
        self.kept: Path | None = None
        self.deletions: list[Deletion] = []

    @initialize(count=st.integers(2, 5))
    def all_have_joined(self, count: int) -> None:
        self.replicas = [replica(self.folder, number) for number in range(count)]
        with self.replicas[0].store.write() as work:
            plans.add_plan_entry(work, section=Section.FOOD, name="Groceries", planned=100)
        for one in self.replicas[1:]:
            meet(one, self.replicas[0])

    def act(self, who: int, verb: Any, *args: Any, **kwargs: Any) -> None:
        """Do it there; a rule of the household may say no."""
        with suppress(Refused), self.replicas[who % len(self.replicas)].store.write() as work:
            verb(work, *args, **kwargs)

    @rule(who=WHO, name=st.sampled_from(["Rent", "Loan"]), section=SECTIONS, planned=CENTS)
    def add_to_the_plan(self, who: int, name: str, section: Section, planned: int) -> None:
        self.act(who, plans.add_plan_entry, section=section, name=name, planned=planned)

    @rule(who=WHO, which=WHICH, planned=CENTS)
    def edit_the_plan(self, who: int, which: int, planned: int) -> None:
        self.act(who, lambda work: plans.edit_plan_entry(work, _plan_entry(work, which), planned=planned))

    @rule(who=WHO, which=WHICH, section=SECTIONS)
    def move_in_the_plan(self, who: int, which: int, section: Section) -> None:
        self.act(who, lambda work: plans.move_plan_entry(work, _plan_entry(work, which), section=section, before=None))

    @rule(who=WHO, which=WHICH)
    def delete_from_the_plan(self, who: int, which: int) -> None:
        self.act(who, lambda work: plans.delete_plan_entry(work, _plan_entry(work, which)))

    @rule(who=WHO, which=WHICH)
    def aim_at_a_debt(self, who: int, which: int) -> None:
        self.act(who, lambda work: plans.set_plan_debt_target(work, _plan_entry(work, which)))

    @rule(who=WHO, month=st.sampled_from(MONTHS))
    def start_a_month(self, who: int, month: YearMonth) -> None:
        self.act(who, months.start_month, month)

    @rule(
        who=WHO,
        month=st.sampled_from(MONTHS),
        verb=st.sampled_from([months.activate_month, months.close_month, months.reopen_month]),
    )
    def turn_a_month(self, who: int, month: YearMonth, verb: Any) -> None:
        self.act(who, verb, month)

    @rule(who=WHO, which=WHICH, month=st.sampled_from(MONTHS), amount=st.integers(1, 500))
    def post(self, who: int, which: int, month: YearMonth, amount: int) -> None:
        self.act(who, lambda work: postings.add_posting(work, draft(_entry(work, month, which), amount, _day(month))))

    @rule(who=WHO, which=WHICH, other=WHICH, month=st.sampled_from(MONTHS), amount=st.integers(1, 500))
    def edit_a_posting(self, who: int, which: int, other: int, month: YearMonth, amount: int) -> None:
        def edit(work: Work) -> None:
            posting = postings.ledger(work, _entry(work, month, which)).postings
            if posting:
                there = draft(_entry(work, month, other), amount, _day(month), id=posting[0].id)
                postings.edit_posting(work, there)

        self.act(who, edit)

    @rule(who=WHO, which=WHICH, month=st.sampled_from(MONTHS))
    def delete_a_posting(self, who: int, which: int, month: YearMonth) -> None:
        def delete(work: Work) -> None:
            for posting in postings.ledger(work, _entry(work, month, which)).postings[:1]:
                postings.delete_posting(work, posting.id)
                self.deletions.append(deletion(work, posting.id))

        self.act(who, delete)

    @rule(who=WHO, name=st.sampled_from(["Gifts", "Loan"]), section=SECTIONS, month=st.sampled_from(MONTHS))
    def add_an_entry(self, who: int, name: str, section: Section, month: YearMonth) -> None:
        self.act(who, months.add_month_entry, month, section=section, name=name, planned=7, notes="n" * 600)

    @rule(who=WHO, which=WHICH, month=st.sampled_from(MONTHS), planned=CENTS, name=st.sampled_from(["Gifts", "Food"]))
    def edit_an_entry(self, who: int, which: int, month: YearMonth, planned: int, name: str) -> None:
        self.act(
            who,
            lambda work: months.edit_month_entry(work, _entry(work, month, which), planned=planned, name=name),
        )

    @rule(who=WHO, which=WHICH, month=st.sampled_from(MONTHS), section=SECTIONS)
    def move_an_entry(self, who: int, which: int, month: YearMonth, section: Section) -> None:
        def move(work: Work) -> None:
            entry = _entry(work, month, which)
            months.move_month_entry(work, entry, section=section, before=None)

        self.act(who, move)

    @rule(who=WHO, which=WHICH, month=st.sampled_from(MONTHS))
    def aim_a_month_at_a_debt(self, who: int, which: int, month: YearMonth) -> None:
        self.act(who, lambda work: months.set_month_debt_target(work, month, _entry(work, month, which)))

    @rule(who=WHO, which=WHICH)
    def look_at_what_was_left(self, who: int, which: int) -> None:
        def look(work: Work) -> None:
            now = attention(work)
            for lone in now.stranded[which : which + 1]:
                months.keep_month_entry(work, lone.entry.id)
            for twins in now.twins[which : which + 1]:
                make_one(work, twins)
            for lost in now.lost[which : which + 1]:
                take_lost(work, lost.edit)

        self.act(who, look)

    @rule(who=WHO, name=st.sampled_from(["Kitchen", "Study"]))
    def call_a_device(self, who: int, name: str) -> None:
        self.act(who, lambda work: rename_device(work, work.device, name))

    @rule(who=WHO, which=WHICH, month=st.sampled_from(MONTHS))
    def delete_an_entry(self, who: int, which: int, month: YearMonth) -> None:
        def delete(work: Work) -> None:
            entry = _entry(work, month, which)
            held = work.postings(entry)
            months.delete_month_entry(work, entry)
            self.deletions += [deletion(work, posting.id) for posting in held]

        self.act(who, delete)

    @rule(who=WHO, back=st.integers(0, 3))
    def take_back(self, who: int, back: int) -> None:
        def take(work: Work) -> None:
            _, counter, _ = work._me()
            undo(work, counter - back)

        self.act(who, take)

    @rule(who=WHO, years=st.integers(-30, 30), ms=st.integers(-100, 100))
    def set_the_clock(self, who: int, years: int, ms: int) -> None:
        self.replicas[who % len(self.replicas)].clock.now_ms += years * YEAR_MS + ms

    @rule(who=WHO, other=WHO)
    def meet_each_other(self, who: int, other: int) -> None:
        one, two = self.replicas[who % len(self.replicas)], self.replicas[other % len(self.replicas)]
        if one is not two:
            one.hint = None
            meet(one, two)
            assert one.vector == two.vector
            assert one.rows_digest == two.rows_digest

    @rule(who=st.integers(1, 4))
    def meet_the_server(self, who: int) -> None:
        meet(self._laptop(who), self.replicas[0])

    @rule(who=st.integers(1, 4), after=st.integers(0, 3), lost=st.booleans())
    def meet_and_be_cut(self, who: int, after: int, lost: bool) -> None:
        with suppress(Cut):
            meet(self._laptop(who), self.replicas[0], cut_after=after, lost=lost)

    @rule(who=WHO, other=WHO)
    def copy_a_file(self, who: int, other: int) -> None:
        one, two = self.replicas[who % len(self.replicas)], self.replicas[other % len(self.replicas)]
        if one is not two:
            one.copied_to(two)

    @rule()
    def keep_the_servers_volume(self) -> None:
        self.kept = self.folder / "kept.db"
        self.kept.unlink(missing_ok=True)
        self.replicas[0].kept_as(self.kept)

    @precondition(lambda self: self.kept is not None)
    @rule()
    def put_the_servers_volume_back(self) -> None:
        assert self.kept is not None
        old = Replica(self.kept, 100)
        old.copied_to(self.replicas[0])
        old.close()

    def teardown(self) -> None:
        try:
            for _ in range(2):
                for one in self.replicas[1:]:
                    meet(one, self.replicas[0])
            if self.replicas:
                assert_same(self.replicas)
                assert_alike(self.replicas)
                assert_deleted(self.replicas[0], self.deletions)
                for one in self.replicas:
                    assert_household(one)
        finally:
            for one in self.replicas:
                one.close()
            shutil.rmtree(self.folder)

    def _laptop(self, who: int) -> Replica:
        return self.replicas[1 + (who - 1) % (len(self.replicas) - 1)]


def _plan_entry(work: Work, which: int) -> Any:
    entries = work.plan_entries()
    if not entries:
        raise Refused("there is none")
    return entries[which % len(entries)].id


def _entry(work: Work, month: YearMonth, which: int) -> Any:
    entries = work.month_entries(months.started_month(work, month).id)
    if not entries:
        raise Refused("there is none")
    return entries[which % len(entries)].id


def _day(month: YearMonth) -> date:
    return date(month.year, month.month, 17)
