"""The daily backup goes on whatever happens to one of them, and says what did."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from quartermaster.storage.backup import back_up, list_backups
from quartermaster.storage.daily_backup import DailyBackups
from quartermaster.storage.newest_backup import verdict
from quartermaster.storage.store import Store

NOON = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)


class Days:
    """A clock that is moved by days."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def passed(self, **some: float) -> None:
        self.now += timedelta(**some)


@pytest.fixture
def days() -> Days:
    return Days()


def test_one_is_made_each_day_and_all_is_well(store: Store, tmp_path: Path, days: Days) -> None:
    daily = DailyBackups(store.path, tmp_path / "backups", days)
    for _ in range(3):
        daily.make_if_due()
        daily.make_if_due()
        days.passed(days=1)
    assert [made.created.day for made in list_backups(tmp_path / "backups")] == [19, 18, 17]
    assert daily.fault() is None


def test_of_backups_made_in_one_second_the_last_one_is_the_newest(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    reasons = ("daily", "before-migration", "daily", "zebra", "apple")
    made = [back_up(store.path, folder, reason, NOON) for reason in reasons]
    for number, backup in enumerate(made):
        os.utime(backup.path, ns=(number, number))
    assert [backup.path for backup in list_backups(folder)] == [backup.path for backup in reversed(made)]


def test_a_folder_that_cannot_be_is_said_until_it_is_mended(store: Store, tmp_path: Path, days: Days) -> None:
    folder = tmp_path / "backups"
    folder.write_text("a file", encoding="utf-8")
    daily = DailyBackups(store.path, folder, days)
    daily.make_if_due()
    assert daily.fault() == (
        f"The daily backup could not be made. {folder} cannot be used: File exists. Check that it is there and yours."
    )
    folder.unlink()
    daily.make_if_due()
    assert daily.fault() is None


def test_an_error_that_nobody_thought_of_ends_nothing_and_is_logged(
    store: Store, tmp_path: Path, days: Days, caplog: pytest.LogCaptureFixture
) -> None:
    daily = DailyBackups(store.path, tmp_path / "no\0folder", days)
    daily.make_if_due()
    assert [record.event for record in caplog.records] == ["backup_failed"]  # type: ignore[attr-defined]  # a field
    caplog.clear()
    assert "in the log, as backup_failed" in (daily.fault() or "")


def test_a_newest_backup_that_is_too_old_is_said(store: Store, tmp_path: Path, days: Days) -> None:
    back_up(store.path, tmp_path / "backups", "by hand", NOON)
    daily = DailyBackups(store.path, tmp_path / "backups", days)
    days.passed(hours=25)
    assert daily.fault() is None
    days.passed(hours=2)
    assert "more than a day old" in (daily.fault() or "")
    days.passed(days=3)
    assert "4 days old" in (daily.fault() or "")


def test_a_file_whose_name_only_looks_like_a_backup_s_is_none(store: Store, tmp_path: Path, days: Days) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "quartermaster-20269999-120000-daily.db").touch()
    daily = DailyBackups(store.path, folder, days)
    daily.make_if_due()
    assert daily.fault() is None
    assert len(list_backups(folder)) == 1


def test_a_backup_that_went_away_while_they_are_listed_is_passed_over(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    made = back_up(store.path, folder, "manual", NOON)
    # To a list it is the same: a name that was there, and no file behind it.
    (folder / "quartermaster-20260516-120000-daily.db").symlink_to(tmp_path / "gone")
    assert list_backups(folder) == [made]


def test_a_backup_of_a_clock_that_was_ahead_does_not_hide_that_none_is_made(
    store: Store, tmp_path: Path, days: Days
) -> None:
    folder = tmp_path / "backups"
    back_up(store.path, folder, "daily", NOON + timedelta(days=400))
    real = back_up(store.path, folder, "daily", NOON)
    days.passed(days=3)
    assert DailyBackups(store.path, folder, days).fault() is not None
    seen = verdict(folder, timedelta(hours=26), days.now)
    assert (seen.newest, seen.fault is None) == (real, False)


def test_what_a_kill_left_of_a_backup_is_gone_after_a_day(store: Store, tmp_path: Path, days: Days) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    left, claim, young, foreign = (
        folder / name
        for name in (
            ".partial-7-0123456789ab",
            ".claim-quartermaster-20260517-063000-daily.db",
            ".partial-8-0123456789ab",
            ".partial-upload",
        )
    )
    for path in (left, claim, young, foreign):
        path.write_bytes(b"half of a household")
        age = timedelta(minutes=5) if path is young else timedelta(days=2)
        os.utime(path, times=((days() - age).timestamp(),) * 2)
    DailyBackups(store.path, folder, days).make_if_due()
    assert [path.exists() for path in (left, claim, young, foreign)] == [False, False, True, True]


def test_a_backup_that_was_made_is_no_failure_because_of_what_cannot_be_removed(
    store: Store, tmp_path: Path, days: Days
) -> None:
    folder = tmp_path / "backups"
    odd = folder / ".partial-7-0123456789ab"
    odd.mkdir(parents=True)
    os.utime(odd, times=((days() - timedelta(days=2)).timestamp(),) * 2)
    backups = DailyBackups(store.path, folder, days)
    backups.make_if_due()
    assert backups.fault() is None
