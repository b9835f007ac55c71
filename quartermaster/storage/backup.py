"""Backups: verified copies of the live database, and which of the daily ones stay."""

from __future__ import annotations

import errno
import logging
import os
import re
import secrets
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from quartermaster.storage.failures import Damaged, Missing, translated
from quartermaster.storage.soundness import broken_pages

DAILY = "daily"
BEFORE_MIGRATION, BEFORE_RESTORE, BEFORE_JOINING = "before-migration", "before-restore", "before-joining"
KEEP_DAYS, KEEP_WEEKS, KEEP_MONTHS = 7, 8, 12
AHEAD = timedelta(hours=1)
"""By so much the clock of who made a backup may be ahead of the one of who looks."""
ABANDONED_S = 86_400.0
_CANNOT = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)
_NO_LINKS = (*_CANNOT, errno.EPERM, errno.EMLINK)
"""What is said of hard links by file systems that have none, such as exFAT and some network shares."""
_NAMED = re.compile(r"quartermaster-(\d{8}-\d{6})-([a-z0-9-]+)\.db")
_DAILY = re.compile(rf"{DAILY}(-\d+)?")
"""With a number where two were made in one second."""
_UNFINISHED = re.compile(r"\.partial-\d+-[0-9a-f]{12}(-wal|-shm|-journal)?|\.claim-quartermaster-.+\.db")
_log = logging.getLogger("quartermaster.events")


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup file. `reason` is its slug: `daily`, `before-restore`, or what a person said."""

    path: Path
    created: datetime
    reason: str
    bytes: int

    @property
    def is_daily(self) -> bool:
        return _DAILY.fullmatch(self.reason) is not None


def back_up(
    database: Path, folder: Path, reason: str, now: datetime | None = None, *, held: sqlite3.Connection | None = None
) -> Backup:
    """Copy the live database into one verified file. Nothing with the final name is ever half-written.

    `held` is the connection to read through when it holds the database alone: any other would wait for it for ever.
    """
    if not database.is_file():
        raise Missing(f"There is no database at {database}, so there is nothing to back up.")
    created = (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    with translated():
        private_folder(folder)
        partial = folder / f".partial-{os.getpid()}-{secrets.token_hex(6)}"
        try:
            if held is None:
                copy_database(database, partial)
            else:
                copy_connection(held, partial)
            path = _claim(partial, folder, created, slug(reason))
        finally:
            for suffix in ("", "-wal", "-shm", "-journal"):
                Path(f"{partial}{suffix}").unlink(missing_ok=True)
    made = Backup(path, created, slug(reason), path.stat().st_size)
    _log.info("backup_created", extra={"event": "backup_created", "reason": made.reason, "bytes": made.bytes})
    return made


def copy_database(source: Path, target: Path) -> None:
    """SQLite's online backup into a single durable file, checked for integrity."""
    with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as live:
        copy_connection(live, target)


def copy_connection(live: sqlite3.Connection, target: Path) -> None:
    """The same, read through a connection that is open already."""
    with closing(sqlite3.connect(private_file(target))) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        fault = next(broken_pages(copy), None)
    if fault is not None:
        raise Damaged(f"The database is damaged ({fault}). Restore the newest backup.")
    with target.open("rb+") as file:
        os.fsync(file.fileno())


def list_backups(folder: Path) -> list[Backup]:
    """The backups in a folder, newest first; of one second, those that were written last."""
    found: list[tuple[datetime, int, Backup]] = []
    for path in folder.glob("quartermaster-*.db") if folder.is_dir() else ():
        # A name may look like a backup's and say no day.
        if (match := _NAMED.fullmatch(path.name)) and (created := _moment(match[1])):
            # It may be gone by now: dailies are thinned, and a nightly job removes its own.
            with suppress(FileNotFoundError):
                file = path.stat()
                found.append((created, file.st_mtime_ns, Backup(path, created, match[2], file.st_size)))
    return [backup for *_, backup in sorted(found, key=lambda one: (*one[:2], one[2].path.name), reverse=True)]


def newest(made: Iterable[Backup], now: datetime) -> Backup | None:
    """The newest of a list, without those of a clock that was ahead: they would hide that none is made any more."""
    return next((backup for backup in made if backup.created - now < AHEAD), None)


def _moment(said: str) -> datetime | None:
    try:
        return datetime.strptime(said, "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def daily_is_due(folder: Path, now: datetime) -> bool:
    """Whether no automatic backup was made on this (UTC) day."""
    return not any(backup.is_daily and backup.created.date() == now.date() for backup in list_backups(folder))


def thin(folder: Path) -> list[Path]:
    """Remove the daily backups that no rule keeps; the paths removed. All others are a person's or a safety's."""
    daily = [backup for backup in list_backups(folder) if backup.is_daily]
    kept = kept_dailies(backup.created for backup in daily)
    gone = [backup.path for backup in daily if backup.created not in kept]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def sweep_unfinished(folder: Path, now: datetime) -> None:
    """Remove what a kill or a power cut left of backups that were being written: nothing takes a day."""
    for path in (path for path in folder.glob(".*") if _UNFINISHED.fullmatch(path.name)):
        # Another user's program may have made it. It is in nobody's way.
        with suppress(OSError):
            if now.timestamp() - path.stat().st_mtime > ABANDONED_S:
                path.unlink()


def kept_dailies(created: Iterable[datetime]) -> set[datetime]:
    """The newest of each of the last 7 days, 8 weeks and 12 months that have one."""
    newest_first = sorted(created, reverse=True)
    kept: set[datetime] = set()
    for count, period in ((KEEP_DAYS, "%Y-%m-%d"), (KEEP_WEEKS, "%G-%V"), (KEEP_MONTHS, "%Y-%m")):
        seen: dict[str, datetime] = {}
        for moment in newest_first:
            seen.setdefault(moment.strftime(period), moment)
        kept |= set(list(seen.values())[:count])
    return kept


def slug(reason: str) -> str:
    """A reason as part of a file name: lower-case letters, digits and hyphens, 40 at most."""
    return re.sub(r"[^a-z0-9]+", "-", reason.lower()).strip("-")[:40].strip("-") or "manual"


def _claim(partial: Path, folder: Path, created: datetime, reason: str) -> Path:
    """Give the finished file a name that nobody has: two backups of one second both stay."""
    for number in range(1, 1000):
        again = "" if number == 1 else f"-{number}"
        path = folder / f"quartermaster-{created:%Y%m%d-%H%M%S}-{reason}{again}.db"
        try:
            _name(partial, path)
        except FileExistsError:
            continue
        sync_folder(folder)
        return path
    raise FileExistsError(folder)


def _name(partial: Path, path: Path) -> None:
    """Name the file so, or raise FileExistsError: at no moment is there a file of that name that is not whole."""
    try:
        os.link(partial, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A rename would replace what has the name, so the right to it is taken first, by a file that only one can make.
        claim = path.with_name(f".claim-{path.name}")
        claim.touch(exist_ok=False)
        try:
            if path.exists():
                raise FileExistsError(path) from None
            partial.rename(path)
        finally:
            claim.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make a rename or a new name in the folder durable, where the file system can be asked to."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
    finally:
        os.close(descriptor)


def private_folder(folder: Path) -> Path:
    """The folder, made for this user alone if it is not there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def private_file(path: Path) -> Path:
    """The file, made for this user alone if it is not there. What SQLite writes beside it gets the same mode."""
    if not path.exists():
        path.touch(mode=0o600)
    return path
