"""What this device writes is what every other one takes in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from quartermaster.domain.errors import Refused
from quartermaster.domain.money import MOST_CENTS, MOST_UNITS
from quartermaster.storage.store import Store
from tests.living import plan_entry
from tests.storage.replicas import said

UNTAKEN: dict[str, dict[str, Any]] = {
    "notes that grew": {"notes": "x" * 1_025},
    "a name that grew": {"name": "x" * 121},
    "a sum that grew": {"planned": MOST_CENTS + 1},
    "a place beyond all others": {"position": 1 << 61},
}


@pytest.mark.parametrize("fields", UNTAKEN.values(), ids=UNTAKEN.keys())
@pytest.mark.parametrize("verb", ["add", "edit"])
def test_what_other_devices_would_refuse_is_refused_here_and_leaves_no_trace(
    store: Store, verb: str, fields: dict[str, Any]
) -> None:
    old = plan_entry(store)
    before = said(store)
    [name] = fields
    with pytest.raises(Refused, match=f"The {name} must be") as refused, store.write() as work:
        if verb == "add":
            work.add(replace(old, id=work.new_id(), **fields))
        else:
            work.edit(old, replace(old, **fields))
    assert refused.value.field == name
    assert said(store) == before


def test_the_largest_amount_of_every_currency_travels() -> None:
    assert MOST_UNITS * 10**4 < MOST_CENTS
