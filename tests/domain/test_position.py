"""Where an entry can be put without touching its neighbours."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from quartermaster.domain import position

places = st.integers(-(2**40), 2**40)


@given(places, places)
def test_a_place_between_two_lies_strictly_between_or_there_is_no_room(one: int, other: int) -> None:
    before, after = sorted((one, other))
    found = position.between(before, after)
    if found is None:
        assert after - before < 2
    else:
        assert before < found < after


@given(places)
def test_there_is_always_room_at_the_ends(place: int) -> None:
    first, last = position.between(None, place), position.between(place, None)
    assert first is not None
    assert last is not None
    assert first < place < last


def test_an_empty_section_has_a_first_place() -> None:
    assert position.between(None, None) == position.spread(1)[0]


@given(st.integers(0, 200))
def test_fresh_places_ascend_with_room_between(count: int) -> None:
    fresh = position.spread(count)
    assert len(fresh) == count
    assert all(position.between(*pair) is not None for pair in pairwise(fresh))


def test_twenty_moves_to_the_same_spot_need_no_neighbour_to_move() -> None:
    before, after = position.spread(2)
    for _ in range(20):
        found = position.between(before, after)
        assert found is not None
        after = found


def test_nothing_stands_beyond_the_last_place() -> None:
    assert position.between(position.MOST, None) is None
    assert position.between(None, -position.MOST) is None
    assert position.between(position.MOST - 1, None) == position.MOST
    assert position.last([position.MOST]) == position.MOST
