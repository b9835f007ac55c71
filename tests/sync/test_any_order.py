"""Whatever devices do, in whatever order they meet, with whatever clocks: after all have met, all have the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

from quartermaster.domain.section import Section
from quartermaster.services import months
from tests.living import MAY
from tests.sync.machine import Devices
from tests.sync.trying import EXAMPLES

JUNE = MAY.next


def test_after_all_have_met_all_have_the_same() -> None:
    Devices.TestCase.settings = settings(
        max_examples=EXAMPLES,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    Devices.TestCase("runTest").runTest()


def a_debt_moves_while_it_becomes_the_target(do: Devices) -> None:
    for who in (0, 1):
        do.add_to_the_plan(who=0, name="Loan", section=Section.DEBT_MINIMUM, planned=1)
        do.meet_the_server(who=1)
        do.start_a_month(who=0, month=JUNE)
        do.meet_the_server(who=1)
        for which in (0, 1, 2):
            do.aim_at_a_debt(who=who, which=which)
            do.aim_a_month_at_a_debt(who=who, which=which, month=JUNE)
            do.move_in_the_plan(who=1 - who, which=which, section=Section.FOOD)
            do.move_an_entry(who=1 - who, which=which, month=JUNE, section=Section.FOOD)


def a_month_starts_from_a_plan_whose_target_is_no_debt_any_more(do: Devices) -> None:
    a_debt_moves_while_it_becomes_the_target(do)
    do.meet_the_server(who=1)
    do.start_a_month(who=1, month=MAY)


def a_posting_that_was_moved_and_deleted_meets_a_volume_of_before(do: Devices) -> None:
    do.add_to_the_plan(who=0, name="Rent", section=Section.FOOD, planned=1)
    do.start_a_month(who=0, month=MAY)
    do.post(who=0, which=0, month=MAY, amount=5)
    do.keep_the_servers_volume()
    do.edit_a_posting(who=0, which=0, other=1, month=MAY, amount=6)
    do.meet_the_server(who=1)
    do.delete_a_posting(who=1, which=1, month=MAY)
    do.put_the_servers_volume_back()
    do.post(who=0, which=0, month=MAY, amount=7)


def a_fund_gets_money_in_a_month_whose_start_is_taken_back(do: Devices) -> None:
    do.add_to_the_plan(who=0, name="Rent", section=Section.SINKING_FUND, planned=1)
    do.start_a_month(who=0, month=MAY)
    do.meet_the_server(who=1)
    for which in (0, 1):
        do.post(who=1, which=which, month=MAY, amount=5)
    do.take_back(who=0, back=2)


def an_entry_gets_a_posting_while_it_is_deleted(do: Devices) -> None:
    do.start_a_month(who=0, month=MAY)
    do.meet_the_server(who=1)
    do.delete_an_entry(who=0, which=0, month=MAY)
    do.post(who=1, which=0, month=MAY, amount=5)
    do.meet_the_server(who=1)
    do.look_at_what_was_left(who=1, which=0)


def a_month_is_closed_while_another_device_posts_to_it(do: Devices) -> None:
    do.start_a_month(who=0, month=MAY)
    do.turn_a_month(who=0, month=MAY, verb=months.activate_month)
    do.meet_the_server(who=1)
    do.turn_a_month(who=0, month=MAY, verb=months.close_month)
    do.post(who=1, which=0, month=MAY, amount=5)


def two_devices_add_entries_of_one_name(do: Devices) -> None:
    do.start_a_month(who=0, month=MAY)
    do.meet_the_server(who=1)
    for who in (0, 1):
        do.add_an_entry(who=who, name="Gifts", section=Section.FOOD, month=MAY)
        do.add_to_the_plan(who=who, name="Rent", section=Section.FOOD, planned=who)


def a_copy_of_a_copy_is_used_beside_both(do: Devices) -> None:
    do.start_a_month(who=0, month=MAY)
    do.meet_the_server(who=1)
    for one, other in ((1, 2), (2, 3), (3, 4)):
        do.copy_a_file(who=one, other=other)
        do.post(who=other, which=0, month=MAY, amount=10**other)
        do.edit_a_posting(who=other, which=0, other=0, month=MAY, amount=other)
    for who in (4, 1, 3, 2):
        do.meet_and_be_cut(who=who, after=1, lost=True)
        do.delete_a_posting(who=who, which=0, month=MAY)


@pytest.mark.parametrize(
    "way",
    [
        a_debt_moves_while_it_becomes_the_target,
        a_month_starts_from_a_plan_whose_target_is_no_debt_any_more,
        a_posting_that_was_moved_and_deleted_meets_a_volume_of_before,
        a_fund_gets_money_in_a_month_whose_start_is_taken_back,
        an_entry_gets_a_posting_while_it_is_deleted,
        a_month_is_closed_while_another_device_posts_to_it,
        two_devices_add_entries_of_one_name,
        a_copy_of_a_copy_is_used_beside_both,
    ],
)
@pytest.mark.parametrize("count", [2, 5])
def test_ways_that_failed_once_or_are_hard_to_come_by_go_well(way: Callable[[Devices], None], count: int) -> None:
    devices = Devices()
    devices.all_have_joined(count=count)
    try:
        way(devices)
    finally:
        devices.teardown()
