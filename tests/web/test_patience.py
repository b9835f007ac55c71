"""How long someone who typed wrong passwords waits, by a clock that is told the time."""

from __future__ import annotations

from quartermaster.web.patience import FREE, LONGEST_S, Patience


def test_the_wait_doubles_up_to_a_minute_and_is_forgotten() -> None:
    now = 0.0
    patience = Patience(lambda: now)
    waits = []
    for _ in range(FREE + 9):
        patience.failed("192.0.2.1")
        waits.append(patience.wait_s("192.0.2.1"))
    assert waits == [0] * (FREE - 1) + [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert patience.wait_s("192.0.2.2") == 0
    now = LONGEST_S
    assert patience.wait_s("192.0.2.1") == 0
    patience.succeeded("192.0.2.1")
    assert patience.failed("192.0.2.1") == 1


def test_all_addresses_of_one_household_wait_together() -> None:
    patience = Patience(lambda: 0.0)
    for number in range(FREE):
        patience.failed(f"2001:db8::{number}")
    assert patience.wait_s("2001:db8::ffff") == 1
    assert patience.wait_s("2001:db8:0:1::1") == 0
    for _ in range(FREE):
        patience.failed("::ffff:192.0.2.1")
    assert patience.wait_s("192.0.2.1") == 1
