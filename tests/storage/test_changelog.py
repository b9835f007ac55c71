"""The change log: whatever order changes arrive in, and however often, every file comes to the same rows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quartermaster.storage.change import EDIT, INSERT, Change
from quartermaster.storage.changelog import BrokenChain
from quartermaster.storage.doctor import examine
from quartermaster.storage.merge import DELETED
from quartermaster.storage.migrate import prepare
from quartermaster.storage.store import Store
from tests.storage.replicas import close, device, heads, rows, said, take

ENTRY, MONTH, POSTING, ENVELOPE = (UUID(int=number) for number in (11, 12, 13, 14))
LATER = "colour"
"""A field that no kind of this version has."""
WHOLE: dict[str, dict[str, Any]] = {
    "plan_entry": {
        "section": "food", "name": "Groceries", "planned": 1, "notes": None, "position": 1, "goal": None,
        "goal_date": None, "opening_balance": None, "debt_balance": None, "apr_basis_points": None,
    },
    "month": {"year_month": "2026-05", "lifecycle": ["planning", None, None], "debt_target": None},
    "posting": {"entry_id": ENTRY.hex, "day": "2026-05-17", "amount": 1, "payee": None, "description": None},
    "envelope": {"name": "A kind of a later version"},
}  # fmt: skip
RECORDS = {ENTRY: "plan_entry", MONTH: "month", POSTING: "posting", ENVELOPE: "envelope"}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(["Food", "Ada’s"]),
    "planned": st.integers(0, 3),
    "amount": st.integers(1, 3),
    "notes": st.sampled_from([None, "a note"]),
    "lifecycle": st.sampled_from([["active", 5, None], ["closed", 5, 9]]),
    "debt_target": st.sampled_from([None, ENTRY.hex]),
    "payee": st.sampled_from([None, "Marlow Market"]),
    "goal": st.sampled_from([None, 1, 2]),
    LATER: st.sampled_from(["red", "blue"]),
    DELETED: st.booleans(),
}
QUICKLY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass(frozen=True, kw_only=True)
class Journey:
    """How changes come to one file: the order of the devices whose next change arrives, how many at a time, and
    how many of those that came before are sent again with them."""

    order: Sequence[int]
    at_a_time: int
    again: int

    def batches(self, histories: Sequence[Sequence[Change]]) -> Iterator[list[Change]]:
        waiting = [iter(history) for history in histories]
        arriving = [next(waiting[one]) for one in self.order]
        for start in range(0, len(arriving), self.at_a_time):
            yield arriving[max(0, start - self.again) : start + self.at_a_time]


@st.composite
def change(draw: st.DrawFn, record: UUID, speaker: int, counter: int, stamp: int) -> Change:
    kind = RECORDS[record]
    names = {**WHOLE[kind], LATER: None}
    op = draw(st.sampled_from([INSERT, EDIT]))
    if op == INSERT:
        fields = {name: draw(VALUES[name]) if name in VALUES else value for name, value in names.items()}
        for unknown_then in draw(st.sampled_from([(), ("goal", LATER)])):
            fields.pop(unknown_then, None)
    else:
        possible = sorted(VALUES.keys() & {*names, DELETED})
        chosen = draw(st.lists(st.sampled_from(possible), min_size=1, max_size=3, unique=True))
        fields = {name: draw(VALUES[name]) for name in chosen}
    return Change(
        device=UUID(int=speaker + 1), counter=counter, stamp=stamp, action=counter, kind=kind, record=record,
        op=op, fields=fields,
    )  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[list[Change]]:
    """What two or three devices said of one or two records, with clocks that know nothing of each other."""
    records = draw(st.lists(st.sampled_from(list(RECORDS)), min_size=1, max_size=2, unique=True))
    lengths = draw(st.lists(st.integers(1, 6), min_size=2, max_size=3))
    told = []
    for speaker, length in enumerate(lengths):
        stamps = sorted(draw(st.lists(st.integers(1, 12), min_size=length, max_size=length, unique=True)))
        about = [draw(st.sampled_from(records)) for _ in stamps]
        told.append([draw(change(about[index], speaker, index + 1, stamp)) for index, stamp in enumerate(stamps)])
    return told


@st.composite
def journeys(draw: st.DrawFn) -> tuple[list[list[Change]], list[Journey]]:
    told = draw(histories())
    speakers = [speaker for speaker, history in enumerate(told) for _ in history]
    return told, [
        Journey(
            order=draw(st.permutations(speakers)),
            at_a_time=draw(st.integers(1, len(speakers))),
            again=draw(st.integers(0, 4)),
        )
        for _ in range(3)
    ]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A migrated file with nothing in it."""
    folder = tmp_path_factory.mktemp("empty")
    prepare(folder / "quartermaster.db", folder)
    return (folder / "quartermaster.db").read_bytes()


@contextmanager
def files(empty: bytes, count: int) -> Iterator[list[Store]]:
    with tempfile.TemporaryDirectory() as folder:
        stores = [device(Path(folder) / f"{number}.db", empty, 100 + number) for number in range(count)]
        try:
            yield stores
        finally:
            close(stores)


@QUICKLY
@given(journeys())
def test_any_order_that_keeps_each_devices_own_gives_the_same_rows_and_heads(
    empty: bytes, given: tuple[list[list[Change]], list[Journey]]
) -> None:
    told, ways = given
    with files(empty, len(ways)) as stores:
        for store, way in zip(stores, ways, strict=True):
            assert sum(take(store, batch) for batch in way.batches(told)) == sum(map(len, told))
        assert rows(stores[0]) == rows(stores[1]) == rows(stores[2])
        assert heads(stores[0]) == heads(stores[1]) == heads(stores[2])


@QUICKLY
@given(journeys())
def test_the_log_keeps_every_change_as_it_was_said_and_can_pass_it_on(
    empty: bytes, given: tuple[list[list[Change]], list[Journey]]
) -> None:
    told, [way, *_] = given
    with files(empty, 2) as (first, second):
        for batch in way.batches(told):
            take(first, batch)
        for history in told:
            assert [one for one in said(first) if one.device == history[0].device] == history
        take(second, said(first))
        assert rows(second) == rows(first)
        assert heads(second) == heads(first)


@QUICKLY
@given(histories())
def test_applying_again_changes_nothing(empty: bytes, told: list[list[Change]]) -> None:
    with files(empty, 1) as [store]:
        take(store, [one for history in told for one in history])
        before = rows(store), heads(store), said(store)
        for history in told:
            assert take(store, history) == 0
        assert (rows(store), heads(store), said(store)) == before


@settings(QUICKLY, max_examples=30)
@given(journeys())
def test_replaying_the_log_from_nothing_gives_the_rows_that_are_there(
    empty: bytes, given: tuple[list[list[Change]], list[Journey]]
) -> None:
    told, [way, *_] = given
    with files(empty, 1) as [store]:
        for batch in way.batches(told):
            take(store, batch)
        assert [finding for finding in examine(store.path).findings if "is not here" not in finding] == []


@settings(QUICKLY, max_examples=30)
@given(histories(), st.data())
def test_a_chain_with_a_gap_is_refused_and_nothing_of_what_came_with_it_is_kept(
    empty: bytes, told: list[list[Change]], data: st.DataObject
) -> None:
    arriving = [one for history in told for one in history]
    longest = max(told, key=len)
    if len(longest) < 2:
        return
    arriving.remove(longest[data.draw(st.integers(0, len(longest) - 2))])
    with files(empty, 1) as [store]:
        with pytest.raises(BrokenChain):
            take(store, arriving)
        assert (said(store), heads(store)) == ([], {})
        assert not any(rows(store).values())
        with store.read() as work:
            known = work.connection.exec_driver_sql("SELECT id FROM device").scalars().all()
            clock = work.connection.exec_driver_sql("SELECT clock FROM this_device").scalar_one()
        assert (known, clock) == ([UUID(int=100).bytes], 0)
