"""A fund's balance goes through the months: what each applied, plus what was there before."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from quartermaster.domain.section import Section
from quartermaster.domain.sinking_fund import Fund
from quartermaster.services.months import add_month_entry, move_month_entry
from quartermaster.services.plans import edit_plan_entry
from quartermaster.services.postings import delete_posting
from quartermaster.services.sinking_funds import funds
from quartermaster.storage.store import Store
from tests.living import MAY, entry, plan_entry, posted, started
from tests.services.acting import ask, do


def stands(store: Store, identity: UUID) -> Fund:
    return ask(store, lambda work: funds(work, work.plan_entries(), MAY))[identity]


def test_a_fund_holds_its_opening_balance_and_what_every_month_so_far_applied(store: Store) -> None:
    car = plan_entry(store, "Car", 10_000, Section.SINKING_FUND)
    plan_entry(store, "Groceries", 10_000)
    do(store, edit_plan_entry, car.id, opening_balance=50_000, goal=90_000, goal_date=date(2026, 12, 24))
    for month, amount in ((MAY.previous, 9_000), (MAY, 7_000), (MAY.next, 5_000)):
        started(store, month)
        posted(store, entry(store, "Car", month).id, amount, month.first_day)
        posted(store, entry(store, "Groceries", month).id, 1, month.first_day)
    assert stands(store, car.id) == Fund(balance=66_000, before=59_000, goal=90_000, goal_date=date(2026, 12, 24))
    assert list(ask(store, lambda work: funds(work, work.plan_entries(), MAY))) == [car.id]


def test_a_fund_that_no_month_applied_anything_to_holds_its_opening_balance(store: Store) -> None:
    car = plan_entry(store, "Car", 10_000, Section.SINKING_FUND)
    assert stands(store, car.id) == Fund(balance=0, before=0)
    do(store, edit_plan_entry, car.id, opening_balance=700)
    for month in (MAY.previous, MAY):
        started(store, month)
    assert stands(store, car.id) == Fund(balance=700, before=700)


def test_money_that_is_taken_out_of_a_fund_or_deleted_is_not_in_it(store: Store) -> None:
    car = plan_entry(store, "Car", 10_000, Section.SINKING_FUND)
    started(store)
    here = entry(store, "Car").id
    posted(store, here, 9_000)
    posted(store, here, -2_000)
    do(store, delete_posting, posted(store, here, 400).id)
    assert stands(store, car.id).balance == 7_000


def test_an_entry_that_a_month_made_another_thing_of_does_not_fill_the_fund(store: Store) -> None:
    car = plan_entry(store, "Car", 10_000, Section.SINKING_FUND)
    started(store)
    posted(store, entry(store, "Car").id, 9_000)
    do(store, move_month_entry, entry(store, "Car").id, section=Section.OTHER, before=None)
    own = do(store, add_month_entry, MAY, section=Section.SINKING_FUND, name="Boat", planned=0)
    posted(store, own.id, 500)
    assert stands(store, car.id).balance == 0
