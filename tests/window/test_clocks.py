"""Sleep and waking, a clock that is set while the program runs, and another zone at each start: harmless."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.living import plan_entry, started
from tests.running import Program, command
from tests.window.opened import Opened
from tests.window.screen import skip_or_fail_without

FAKETIME = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
EVENING = datetime(2026, 5, 17, 23, 59, tzinfo=UTC)
ASLEEP_S = 4
Setting = Callable[[datetime], dict[str, str | None]]


@pytest.fixture
def clock(tmp_path: Path) -> Setting:
    """Sets the clock, also that of a program that runs; answers the environment that it is started in."""
    if not FAKETIME:
        skip_or_fail_without("to set the clock, install faketime")
    said = tmp_path / "clock"

    def set_to(moment: datetime) -> dict[str, str | None]:
        fresh = said.with_suffix(".new")
        fresh.write_text(f"{moment:%Y-%m-%d %H:%M:%S}\n", encoding="ascii")
        fresh.replace(said)
        return {
            "LD_PRELOAD": str(FAKETIME[0]),
            "FAKETIME_TIMESTAMP_FILE": str(said),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "TZ": "UTC",
        }

    return set_to


def test_after_midnight_it_is_the_next_day_without_a_restart(tmp_path: Path, clock: Setting) -> None:
    env = clock(EVENING)
    assert command(tmp_path, "migrate", env=env).returncode == 0
    with Program(tmp_path, env=env) as program:
        store = program.store()
        store.found("USD")
        plan_entry(store)
        started(store)
        store.close()
        assert "2026-05-17" in program.get("/month/2026-05")[1]
        assert "2026-05-18" not in program.get("/month/2026-05")[1]
        clock(EVENING + timedelta(minutes=2))
        assert "2026-05-18" in program.get("/month/2026-05")[1]
        program.stop()


@pytest.mark.parametrize("leap", [timedelta(days=400), timedelta(days=-400)])
def test_a_clock_that_is_set_while_it_runs_is_harmless(tmp_path: Path, clock: Setting, leap: timedelta) -> None:
    env = clock(EVENING)
    assert command(tmp_path, "migrate", env=env).returncode == 0
    with Program(tmp_path, env=env) as program:
        clock(EVENING + leap)
        assert program.get("/healthz")[0] == 200
        assert program.get("/")[0] == 200
        assert program.stop() == 0
    assert command(tmp_path, "backup", env=env).returncode == 0
    with Program(tmp_path, env=env) as program:
        assert program.get("/")[0] == 200
        assert program.stop() == 0
    assert command(tmp_path, "doctor", env=env).returncode == 0


def test_another_time_zone_is_harmless(tmp_path: Path) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Nowhere/Atall"):
        with Program(tmp_path, env={"TZ": zone}) as program:
            assert program.get("/")[0] == 200
            assert program.get("/settings/backups")[0] == 200
            assert program.stop() == 0
        assert command(tmp_path, "doctor", env={"TZ": zone}).returncode == 0


def test_after_sleep_the_window_goes_on(window: Opened) -> None:
    with window:
        window.until_titled("Plan · Quartermaster")
        asleep = window.processes()
        for process in asleep:
            os.kill(process, signal.SIGSTOP)
        time.sleep(ASLEEP_S)
        for process in asleep:
            os.kill(process, signal.SIGCONT)
        window.find("archive", "Archive · Quartermaster")
        assert window.close() == 0
        window.until(lambda: window.processes() == [])
