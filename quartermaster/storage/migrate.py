"""Bringing a file to this program's schema: created, upgraded after a backup, or refused."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from quartermaster.storage.backup import BEFORE_MIGRATION, Backup, back_up, private_file, private_folder
from quartermaster.storage.failures import Damaged, Newer, NotQuartermaster, StorageFailure, translated
from quartermaster.storage.schema import APPLICATION_ID
from quartermaster.storage.store import open_engine

_log = logging.getLogger("quartermaster.events")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What `prepare` found and did; the backup that it made before an upgrade."""

    was: Literal["created", "upgraded", "current"]
    backup: Backup | None = None


def prepare(path: Path, backups: Path, now: datetime | None = None) -> Prepared:
    """Make the file ready for this program. A failed upgrade leaves it as it was and says where the backup is."""
    with translated():
        private_folder(path.parent)
        revision = revision_of(path)
        if revision == head():
            return Prepared("current")
        if revision is None:
            upgrade(private_file(path))
            return Prepared("created")
        backup = back_up(path, backups, BEFORE_MIGRATION, now)
        try:
            upgrade(path)
        except Exception as error:
            raise StorageFailure(
                f"The data could not be upgraded and was left as it was. A backup is at {backup.path}. ({error})"
            ) from error
        return Prepared("upgraded", backup)


def revision_of(path: Path) -> str | None:
    """The schema revision of a file; None for one that is missing or empty. Refuses any file that is not ours."""
    if path.is_dir():
        raise NotQuartermaster(f"{path} is a folder. Name a file in it.")
    if not path.exists() or path.stat().st_size == 0:
        return None
    with translated(), closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        # One snapshot: another program may be making the file at this moment.
        connection.execute("BEGIN")
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
                return None
            raise NotQuartermaster(f"{path} is not a Quartermaster database. Choose another file.")
        is_said = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'").fetchone()[0]
        found = connection.execute("SELECT version_num FROM alembic_version").fetchall() if is_said else []
    if len(found) != 1:
        raise Damaged(f"{path} does not say which version wrote it. Restore a backup.")
    revision = str(found[0][0])
    if revision not in known_revisions():
        raise Newer(
            f"{path} was written by a newer Quartermaster (schema {revision}). Update this program, then open it again."
        )
    return revision


def upgrade(path: Path) -> None:
    """Run the migrations that are missing, all of them in one transaction."""
    engine = open_engine(path)
    try:
        with engine.connect() as opened:
            connection = opened.execution_options(quartermaster_write=True)
            # Rebuilding a table that others refer to needs this off, which works only outside a transaction.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
            with connection.begin():
                before = MigrationContext.configure(connection).get_current_revision()
                config = _config()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                    raise Damaged("after the migration some rows refer to nothing")
                connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
    finally:
        engine.dispose()
    if before != head():
        _log.info("migration_applied", extra={"event": "migration_applied", "from": before, "to": head()})


@cache
def head() -> str:
    """The newest revision that this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


@cache
def known_revisions() -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_scripts()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> Path:
    """The migrations: beside the installed package's rooms, or at the top of a checkout."""
    package = Path(__file__).parents[1]
    shipped = package / "migrations"
    return shipped if shipped.is_dir() else package.parent / "alembic"
