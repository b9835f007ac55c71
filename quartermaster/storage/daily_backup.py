"""The daily backup: made when it is due, and remembered why it could not be."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from quartermaster.storage.backup import DAILY, back_up, daily_is_due, list_backups, newest, sweep_unfinished, thin
from quartermaster.storage.failures import StorageFailure

LATE = timedelta(hours=26)
"""A program that runs makes one a day: a newest backup that is older than this was not made as it should be."""
_log = logging.getLogger("quartermaster.events")


class DailyBackups:
    """One per program; its methods are called in threads."""

    def __init__(self, database: Path, folder: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database, self._folder, self._clock = database, folder, clock
        self._failure = ""

    def make_if_due(self) -> None:
        """Make today's if there is none, and thin the older ones. What goes wrong is logged, and said by `fault`."""
        now = self._clock()
        try:
            if daily_is_due(self._folder, now):
                back_up(self._database, self._folder, DAILY, now)
                thin(self._folder)
                sweep_unfinished(self._folder, now)
        except Exception as error:  # noqa: BLE001  # whatever it was, the next look is in a quarter of an hour
            _log.exception("the daily backup failed", extra={"event": "backup_failed"})
            self._failure = _sentence(error)
        else:
            self._failure = ""

    def fault(self) -> str | None:
        """A sentence where the household is not backed up as it should be."""
        if self._failure:
            return f"The daily backup could not be made. {self._failure}"
        found = newest(list_backups(self._folder), self._clock())
        if found is not None and (age := self._clock() - found.created) > LATE:
            return f"The newest backup is {_days(age)} old. One is made every day while Quartermaster runs."
        return None


def _sentence(error: Exception) -> str:
    if isinstance(error, StorageFailure):
        return error.sentence
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'A file'} cannot be used: {error.strerror}. Check that it is there and yours."
    return "What went wrong is in the log, as backup_failed."


def _days(age: timedelta) -> str:
    return f"{age.days} days" if age.days > 1 else "more than a day"
