"""The chip and what it opens: for each state what is said, how loud, and what counts are in it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import pytest

from quartermaster.services.joining import Preview, Side, Together
from quartermaster.sync.errors import NeedsPassword, OtherHousehold, Rejected, Unreachable, WrongProtocol
from quartermaster.sync.status import State, Status, state_after
from quartermaster.ui.parts.join_choice import together_words
from quartermaster.ui.sync_words import device_name, last_success, waiting, words

TODAY = date(2026, 5, 17)


def at(*moment: int) -> int:
    """Milliseconds of a moment where this program runs."""
    return int(datetime(*moment).astimezone().timestamp() * 1000)  # type: ignore[arg-type]  # year to minute


SAID = [
    (Status(), "wait", "Connecting"),
    (Status(state=State.IN_STEP), "ok", "In step"),
    (Status(state=State.IN_STEP, doubt="This device's clock is 2 years behind."), "warn", "Check the clock"),
    (Status(state=State.SENDING, waiting=12, sent=2), "wait", "Sending 10"),
    (Status(state=State.SENDING, waiting=12, sent=12), "wait", "Sending"),
    (Status(state=State.SENDING, received=1_200, coming=10_400), "wait", "Receiving 1,200 of 10,400"),
    (Status(state=State.SENDING, received=1_200), "wait", "Receiving 1,200 so far"),
    (Status(state=State.OFFLINE, since_ms=at(2026, 5, 17, 14, 5)), "wait", "Offline (since 14:05)"),
    (
        Status(state=State.OFFLINE, waiting=3, since_ms=at(2026, 5, 12, 9, 0)),
        "wait",
        "Offline, 3 waiting (since 12 May)",
    ),
    (
        Status(state=State.OFFLINE, waiting=1_000, since_ms=at(2025, 12, 31, 9, 0)),
        "wait",
        "Offline, 1,000 waiting (since 31 Dec 2025)",
    ),
    (Status(state=State.NEEDS_PASSWORD), "warn", "Needs your password"),
    (Status(state=State.NEEDS_UPDATE), "warn", "Needs an update"),
    (Status(state=State.ANOTHER_HOUSEHOLD), "warn", "Another household"),
    (Status(state=State.NEEDS_ATTENTION), "warn", "Needs attention"),
]


@pytest.mark.parametrize(("status", "tone", "short"), SAID, ids=[short for _, _, short in SAID])
def test_the_chip_says_each_state_in_few_words_and_in_its_tone(status: Status, tone: str, short: str) -> None:
    said = words(status, today=TODAY)
    assert (said.tone, said.short) == (tone, short)


@pytest.mark.parametrize("state", State)
def test_every_state_explains_itself_and_the_reason_is_in_it(state: State) -> None:
    said = words(Status(state=state, sentence="The {reason}."), today=TODAY).sentence
    assert said.endswith(".")
    assert ("The {reason}." in said) is (
        state in (State.OFFLINE, State.NEEDS_PASSWORD, State.NEEDS_UPDATE, State.NEEDS_ATTENTION)
    )


def test_offline_says_what_waits_and_that_nothing_is_in_the_way() -> None:
    status = Status(state=State.OFFLINE, waiting=1, sentence="Nobody answers.")
    assert words(status, today=TODAY).sentence == (
        "Nobody answers. 1 change here will go out by itself. Everything works meanwhile."
    )
    status = Status(state=State.OFFLINE, sentence="Nobody answers.")
    assert "Nothing waits here." in words(status, today=TODAY).sentence


def test_the_demo_says_that_it_never_syncs_whatever_the_state() -> None:
    assert {words(Status(state=state), today=TODAY, in_demo=True).short for state in State} == {"Demo"}


@pytest.mark.parametrize(
    ("status", "share"),
    [
        (Status(state=State.SENDING, waiting=100, sent=25), 0.25),
        (Status(state=State.SENDING, waiting=50, sent=50, coming=50, received=0), 0.5),
        (Status(state=State.SENDING, coming=200, received=150), 0.75),
        (Status(state=State.SENDING, waiting=10, sent=30), 1.0),
        (Status(state=State.SENDING), None),
        (Status(state=State.IN_STEP, waiting=10), None),
    ],
)
def test_how_much_is_done_counts_both_ways_and_is_known_only_on_the_way(status: Status, share: float | None) -> None:
    assert status.share == share


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (Unreachable("…"), State.OFFLINE),
        (NeedsPassword("…"), State.NEEDS_PASSWORD),
        (WrongProtocol("…"), State.NEEDS_UPDATE),
        (OtherHousehold("…"), State.ANOTHER_HOUSEHOLD),
        (Rejected("…"), State.NEEDS_ATTENTION),
    ],
)
def test_what_went_wrong_decides_what_a_person_must_do(failure: Rejected, state: State) -> None:
    assert state_after(failure) is state


def test_counts_names_and_moments_are_written_as_people_do() -> None:
    assert [waiting(count) for count in (0, 1, 1_200)] == ["0 changes", "1 change", "1,200 changes"]
    assert device_name(UUID(int=0xABCD), None) == "Device abcd"
    assert device_name(UUID(int=1), "Anna's laptop") == "Anna's laptop"
    assert last_success(Status()) == "not yet"
    assert last_success(Status(last_success_ms=at(2026, 5, 17, 14, 5))) == "17 May 2026, 14:05"


def test_what_putting_both_together_would_do_is_said_with_counts_and_days_of_both() -> None:
    mine = Side(20, 2, 40, 120, date(2026, 4, 1), date(2026, 5, 12))
    theirs = Side(19, 1, 19, 1, date(2026, 5, 3), date(2026, 5, 3))
    assert together_words(Preview(mine, theirs, Together(1, 1, 21, 120))) == (
        "On the server: 19 plan entries, 1 month, 1 posting, of 3 May 2026.",
        "On this device: 20 plan entries, 2 months, 120 postings, from 1 Apr 2026 to 12 May 2026.",
        "Of this device's 20 plan entries, 19 are in the server's plan already, and 1 is added.",
        "Of this device's 2 months, 1 is there already, and 1 is added.",
        "Of this device's 40 entries of months, 19 are like one there, by section and name, and 21 are added.",
        "120 postings of this device are added. All is backed up first.",
    )


def test_what_another_device_of_the_household_brought_before_is_not_said_to_be_added() -> None:
    mine, theirs = Side(0, 0, 0, 120, None, None), Side(0, 0, 0, 119, None, None)
    *_, last = together_words(Preview(mine, theirs, Together(postings=2)))
    assert last == "Of this device's 120 postings, 118 are known there, and 2 are added. All is backed up first."


def test_what_this_device_corrected_in_what_was_brought_before_is_said_to_come_along() -> None:
    mine, theirs = Side(0, 0, 0, 3, None, None), Side(0, 0, 0, 3, None, None)
    for count, were in ((1, "1 was"), (2, "2 were")):
        *_, last = together_words(Preview(mine, theirs, Together(corrected=count)))
        assert f"known there, {were} corrected or deleted on this device, and that comes along." in last


def test_of_what_a_side_does_not_have_nothing_is_said() -> None:
    nothing = Side(0, 0, 0, 0, None, None)
    assert together_words(Preview(nothing, nothing, Together())) == (
        "On the server: 0 plan entries, 0 months, 0 postings.",
        "On this device: 0 plan entries, 0 months, 0 postings.",
        "0 postings of this device are added. All is backed up first.",
    )
