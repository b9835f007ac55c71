"""The commands that need no pages: what each does, prints and answers."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from getpass import getpass
from uuid import uuid4

from quartermaster import log
from quartermaster.settings import Settings, check_who_asks

OK, FINDING, MISUSE, UNREACHABLE, REFUSED = range(5)
_log = logging.getLogger(__name__)


def _passwd(_: Settings, words: argparse.Namespace) -> int:
    from quartermaster.web.passwords import line

    name: str = words.name
    password = getpass(f"Password of {name}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    try:
        print(line(name, password))
    except ValueError as error:
        print(f"quartermaster: {error}", file=sys.stderr)
        return MISUSE
    return OK


def _migrate(settings: Settings, _: argparse.Namespace) -> int:
    from quartermaster.storage.migrate import head, prepare

    # The container runs this before it serves: what it would then refuse, it refuses before anything is changed.
    check_who_asks(settings)
    log.configure(settings.log_level, settings.log_style("human"))
    prepare(settings.database, settings.backups)
    _log.info("The data file is ready, in schema %s.", head())
    return OK


def _health(settings: Settings, _: argparse.Namespace) -> int:
    from quartermaster.web.probe import probed

    is_well, said = probed(settings.host, settings.port)
    print(said)
    return OK if is_well else FINDING


def _backup(settings: Settings, words: argparse.Namespace) -> int:
    if words.check:
        return _backup_check(settings, words)
    from quartermaster.storage.backup import back_up

    made = back_up(settings.database, settings.backups, " ".join(words.reason) or "manual")
    print(f"{made.path} ({made.bytes:,} bytes)")
    return OK


def _backup_check(settings: Settings, words: argparse.Namespace) -> int:
    from quartermaster.storage.newest_backup import verdict

    found = verdict(settings.backups, words.older_than, datetime.now(UTC))
    made = f"{found.newest.path}, made {_said(found.age)} ago, {found.newest.bytes:,} bytes. " if found.newest else ""
    print(f"{made}{found.fault or 'All is well.'}")
    return FINDING if found.fault else OK


def _said(age: timedelta) -> str:
    minutes = max(0, int(age.total_seconds() // 60))
    return f"{minutes // 60} h {minutes % 60} min"


def _restore(settings: Settings, words: argparse.Namespace) -> int:
    if words.before_migration:
        return _go_back(settings)
    from quartermaster.storage.restore import restore

    before = restore(words.file, settings.database, settings.backups, uuid4())
    print(f"Restored {words.file}." + (f" What was there is in {before.path}." if before else ""))
    return OK


def _export(settings: Settings, words: argparse.Namespace) -> int:
    from quartermaster.formats.posting_file import written
    from quartermaster.household import opened
    from quartermaster.services.posting_files import export_postings

    store, money = opened(settings)
    with closing(store), store.read() as work:
        lines = export_postings(work)
    data = written(lines, money)
    if str(words.file) == "-":
        sys.stdout.buffer.write(data)
        return OK
    with words.file.open("xb") as file:
        file.write(data)
    print(f"{words.file} ({len(lines):,} postings)")
    return OK


def _import(settings: Settings, words: argparse.Namespace) -> int:
    from quartermaster.domain.errors import Refused
    from quartermaster.formats.posting_file import read
    from quartermaster.household import opened
    from quartermaster.services.posting_files import Faulty, import_postings

    data = words.file.read_bytes()
    store, money = opened(settings)
    try:
        with closing(store), store.write() as work:
            done = import_postings(work, read(data, money), money)
    except Refused as no:
        for fault in no.faults if isinstance(no, Faulty) else ():
            print(f"- line {fault.number:,}: {fault.sentence}")
        print(f"quartermaster: {no.sentence(money)}", file=sys.stderr)
        return FINDING
    print(f"Postings added: {len(done.drafts):,}. Here already: {done.known:,}.")
    return OK


def _go_back(settings: Settings) -> int:
    from quartermaster.storage.going_back import go_back

    gone_back = go_back(settings.database, settings.backups, uuid4())
    print(gone_back.sentence if gone_back else "The data file suits this version, so it stays as it is.")
    return OK


def _doctor(settings: Settings, words: argparse.Namespace) -> int:
    from quartermaster.storage.doctor import examine

    if not settings.database.is_file():
        print(f"There is no database at {settings.database}. Start Quartermaster once, or set QUARTERMASTER_DB_URL.")
        return FINDING
    report = examine(settings.database)
    print(f"{settings.database}: {report.changes:,} changes, {report.rows:,} rows.")
    for finding in report.findings:
        print(f"- {finding}")
    print("All is well." if not report.findings else "Something is wrong. Restore a backup, or keep this report.")
    if report.findings:
        return FINDING
    return _compare(settings, words.against) if words.against else OK


def _compare(settings: Settings, url: str) -> int:
    """Say where the file differs from a server; with the password of the one that is connected, if it is that one."""
    from quartermaster.household import server_of
    from quartermaster.storage.store import Store
    from quartermaster.storage.time_ordered import now_ms, time_ordered_id
    from quartermaster.sync.comparison import compare
    from quartermaster.sync.errors import SyncFailure, Unreachable
    from quartermaster.sync.keeping import config_of, kept
    from quartermaster.sync.line import Server

    connected = server_of(settings) or kept(config_of(settings.database))
    is_it = connected is not None and connected.url.rstrip("/") == url.rstrip("/")
    server = connected if connected is not None and is_it else Server(url=url)
    store = Store(settings.database, now_ms=now_ms, new_id=time_ordered_id)
    try:
        findings = asyncio.run(compare(store, server))
    except SyncFailure as failure:
        print(f"quartermaster: {failure.sentence}", file=sys.stderr)
        return UNREACHABLE if isinstance(failure, Unreachable) else REFUSED
    finally:
        store.close()
    for finding in findings:
        print(f"- {finding}")
    print(f"{server.url} and this file " + ("differ." if findings else "hold the same."))
    return FINDING if findings else OK


def _sync(settings: Settings, _: argparse.Namespace) -> int:
    from quartermaster.household import opened, server_of
    from quartermaster.sync.errors import SyncFailure, Unreachable
    from quartermaster.sync.keeping import config_of, kept
    from quartermaster.sync.room import sync_once

    server = server_of(settings) or kept(config_of(settings.database))
    if server is None:
        print("No server is connected. Set QUARTERMASTER_SYNC_URL, or connect one in Settings.", file=sys.stderr)
        return MISUSE
    store = opened(settings)[0]
    try:
        outcome = asyncio.run(sync_once(store, server, currency=settings.currency.strip().upper() or None))
    except Unreachable as failure:
        print(f"quartermaster: {failure.sentence}", file=sys.stderr)
        return UNREACHABLE
    except SyncFailure as failure:
        print(f"quartermaster: {failure.sentence}", file=sys.stderr)
        return REFUSED
    finally:
        store.close()
    print(f"In step with {server.url}: {outcome.sent:,} changes sent, {outcome.received:,} received.")
    return OK


WITHOUT_PAGES: dict[str, Callable[[Settings, argparse.Namespace], int]] = {
    "health": _health,
    "migrate": _migrate,
    "passwd": _passwd,
    "backup": _backup,
    "restore": _restore,
    "export": _export,
    "import": _import,
    "doctor": _doctor,
    "sync": _sync,
}
