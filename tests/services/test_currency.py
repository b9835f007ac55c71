"""The money that a household keeps: chosen while it is empty, and for good after that."""

from __future__ import annotations

from pathlib import Path

import pytest

from quartermaster.domain.errors import Refused
from quartermaster.services.currency import choose_currency, may_choose_currency
from quartermaster.services.plans import delete_plan_entry
from quartermaster.storage.doctor import examine
from quartermaster.storage.store import Store
from tests.living import plan_entry, plan_seen
from tests.services.acting import ask, do
from tests.sync.replicas import assert_same, meet, replica


def currency(store: Store) -> str:
    return plan_seen(store).household.currency


def test_an_empty_household_can_keep_other_money(store: Store) -> None:
    assert ask(store, may_choose_currency)
    do(store, choose_currency, "eur")
    do(store, choose_currency, "JPY")
    assert currency(store) == "JPY"
    assert examine(store.path).findings == ()
    plan_entry(store, planned=800)


def test_a_currency_that_is_none_is_refused_at_its_field(store: Store) -> None:
    with pytest.raises(Refused, match="such as USD, EUR or JPY") as refusal:
        do(store, choose_currency, "dollars")
    assert refusal.value.field == "currency"
    assert currency(store) == "USD"


def test_once_there_was_something_in_it_its_money_stays(store: Store) -> None:
    entry = plan_entry(store)
    do(store, delete_plan_entry, entry.id)
    assert not ask(store, may_choose_currency)
    with pytest.raises(Refused, match="keeps its money in USD, and that stays"):
        do(store, choose_currency, "EUR")
    do(store, choose_currency, "USD")


def test_amounts_of_one_device_never_become_other_money_by_a_choice_on_another(tmp_path: Path) -> None:
    server, laptop = replica(tmp_path, 1), replica(tmp_path, 2)
    meet(laptop, server)
    assert not ask(laptop.store, may_choose_currency)
    plan_entry(laptop.store, "Written on the laptop")
    do(server.store, choose_currency, "JPY")
    meet(laptop, server)
    assert_same([server, laptop])
    assert [currency(device.store) for device in (server, laptop)] == ["USD", "USD"]


def test_a_device_that_joined_an_empty_household_follows_its_founder(tmp_path: Path) -> None:
    server, laptop = replica(tmp_path, 1), replica(tmp_path, 2)
    meet(laptop, server)
    do(server.store, choose_currency, "KWD")
    meet(laptop, server)
    assert currency(laptop.store) == "KWD"
