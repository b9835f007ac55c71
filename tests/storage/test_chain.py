"""What a device says: counted without gaps, stamped by a clock that only rises, chained by hashes, once per record."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.months import delete_month_entry, edit_month_entry, move_month_entry, start_month
from quartermaster.services.plans import delete_plan_entry, edit_plan_entry, move_plan_entry, set_plan_debt_target
from quartermaster.services.postings import add_postings, edit_posting
from quartermaster.services.undo import undo
from quartermaster.storage.change import EDIT, Change
from quartermaster.storage.changelog import CLOCK_SHIFT
from quartermaster.storage.store import Store
from quartermaster.storage.work import Work
from tests.conftest import Clock
from tests.living import draft, entry, plan_entry, posted, started
from tests.storage.replicas import heads, said, take


@pytest.fixture
def store(store: Store) -> Store:
    """A month with postings, after some edits."""
    for name, section in (("Groceries", Section.FOOD), ("Loan", Section.DEBT_MINIMUM), ("Card", Section.DEBT_MINIMUM)):
        added = plan_entry(store, name, 1_000, section)
    with store.write() as work:
        set_plan_debt_target(work, added.id)
    started(store)
    posted(store, entry(store, "Card").id)
    return store


def stored_hashes(store: Store) -> list[bytes]:
    with store.read() as work:
        query = "SELECT hash FROM change ORDER BY device_no, counter"
        return list(work.connection.exec_driver_sql(query).scalars())


def test_counters_run_from_one_without_a_gap(store: Store) -> None:
    assert [one.counter for one in said(store)] == list(range(1, len(said(store)) + 1))


def test_each_hash_is_of_the_one_before_and_of_what_was_said(store: Store) -> None:
    edited = entry(store, "Groceries").id
    with store.write() as work:
        edit_month_entry(work, edited, name="Zoë’s ‘食物’", planned=7)
    head, recomputed = bytes(32), []
    for one in said(store):
        words = [
            one.device.hex, one.counter, one.stamp, one.action, one.kind, one.record.hex, one.op, one.fields, one.seen,
        ]  # fmt: skip
        spelled = json.dumps(words, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        head = hashlib.sha256(head + spelled.encode()).digest()
        recomputed.append(head)
    assert recomputed == stored_hashes(store)
    assert heads(store) == {said(store)[0].device.bytes: (len(recomputed), head)}


def test_a_refused_change_moves_no_chain(store: Store) -> None:
    before = heads(store), stored_hashes(store)
    with pytest.raises(RuntimeError), store.write() as work:
        edit_month_entry(work, entry(store, "Groceries").id, planned=7)
        raise RuntimeError
    assert (heads(store), stored_hashes(store)) == before


def test_an_edit_says_only_what_it_changes_and_whose_value_it_replaces(store: Store) -> None:
    [born] = [one for one in said(store) if one.kind == "plan_entry" and one.fields["name"] == "Groceries"]
    for planned in (5, 6):
        with store.write() as work:
            edit_plan_entry(work, born.record, name="Groceries", planned=planned)
    first, second = said(store)[-2:]
    assert (first.fields, second.fields) == ({"planned": 5}, {"planned": 6})
    assert first.seen == {"planned": (born.stamp, born.device.hex)}
    assert second.seen == {"planned": (first.stamp, first.device.hex)}
    assert born.seen is None


VERBS: dict[str, Callable[[Work, Store], object]] = {
    "starting a month": lambda work, store: start_month(work, YearMonth(2026, 6)),
    "editing three fields": lambda work, store: edit_month_entry(
        work, entry(store, "Card").id, name="Visa", planned=2, notes="Pay this"
    ),
    "deleting an entry, its postings and the target on it": lambda work, store: delete_month_entry(
        work, entry(store, "Card").id
    ),
    "moving a posting": lambda work, store: edit_posting(
        work, draft(entry(store, "Loan").id, 5, id=work.postings(entry(store, "Card").id)[0].id)
    ),
    "adding many postings": lambda work, store: add_postings(
        work, [draft(entry(store, "Card").id) for _ in range(3)]
    ),
    "moving into another section": lambda work, store: move_month_entry(
        work, entry(store, "Card").id, section=Section.FOOD, before=entry(store, "Groceries").id
    ),
}  # fmt: skip


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS.keys())
def test_an_action_says_one_change_of_each_record(store: Store, verb: Callable[[Work, Store], object]) -> None:
    before = len(said(store))
    with store.write() as work:
        verb(work, store)
        action = work.acted()
    with store.write() as work:
        undo(work, action)
    spoken = said(store)[before:]
    assert spoken
    assert max(Counter((one.action, one.record) for one in spoken).values()) == 1
    assert len({one.action for one in spoken}) == 2


def test_moving_where_there_is_no_room_says_one_change_of_each_neighbour(store: Store) -> None:
    with store.write() as work:
        first, last, *_ = (one.id for one in work.plan_entries() if one.section is Section.DEBT_MINIMUM)
        set_plan_debt_target(work, first)
    for number in range(21):
        before, moving = len(said(store)), plan_entry(store, str(number), 1, Section.DEBT_MINIMUM)
        with store.write() as work:
            move_plan_entry(work, moving.id, section=Section.DEBT_MINIMUM, before=last)
    spoken = said(store)[before + 1 :]
    assert len(spoken) > 2
    assert max(Counter(one.record for one in spoken).values()) == 1
    with store.write() as work:
        delete_plan_entry(work, first)
    assert [one.kind for one in said(store)[-2:]] == ["plan_entry", "household"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 4_000_000_000_000), min_size=1, max_size=8))
def test_stamps_rise_even_where_the_clock_stands_still_jumps_or_runs_backwards(
    store: Store, clock: Clock, times: list[int]
) -> None:
    for now_ms in times:
        clock.now_ms = now_ms
        posted(store, entry(store, "Card").id)
    stamps = [one.stamp for one in said(store)]
    assert stamps == sorted(set(stamps))
    assert stamps[-1] >> CLOCK_SHIFT >= max(times)


def test_a_stamp_is_the_time_in_milliseconds_where_the_clock_is_right(store: Store, clock: Clock) -> None:
    clock.now_ms += 60_000
    posted(store, entry(store, "Card").id)
    assert said(store)[-1].stamp == clock.now_ms << CLOCK_SHIFT


def test_a_stamp_is_later_than_everything_that_was_heard(store: Store, clock: Clock) -> None:
    ahead = (clock.now_ms + 10**11) << CLOCK_SHIFT
    other = Change(
        device=uuid4(), counter=1, stamp=ahead, action=1, kind="posting", record=UUID(int=5), op=EDIT, fields={}
    )
    take(store, [other])
    posted(store, entry(store, "Card").id)
    assert max(one.stamp for one in said(store) if one.device != other.device) == ahead + 1


def test_many_changes_of_one_moment_have_stamps_of_their_own(store: Store) -> None:
    with store.write() as work:
        add_postings(work, [draft(entry(store, "Card").id) for _ in range(200)])
    assert len({one.stamp for one in said(store)}) == len(said(store))
