"""Several files of one household, and the ways in which two of them meet: whole, cut short, or not at all."""

from __future__ import annotations

import itertools
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import UUID

from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.storage.digest import Digest
from quartermaster.storage.doctor import examine
from quartermaster.storage.exchange import Vector, vector
from quartermaster.storage.found import Search, entry_names, search
from quartermaster.storage.funds import gathered
from quartermaster.storage.store import Store
from quartermaster.sync.conversation import Conversation, Outcome
from quartermaster.sync.errors import Rejected
from quartermaster.sync.host import Host
from quartermaster.sync.protocol import packed, read, unpacked, written
from tests.conftest import Clock
from tests.fresh import fresh

EVERYTHING = 1_000_000


class Cut(Exception):
    """The connection broke."""


class Replica:
    """One device: a file, a clock of its own, and both sides of the exchange."""

    def __init__(self, path: Path, number: int) -> None:
        self.path, self.number = path, number
        self.clock = Clock()
        # Which of two ids is greater must not matter: half of the devices have less ones than those that follow from
        # meaning, as real devices do, and half have greater ones than most.
        ids = itertools.count(((0xE0 + number if number % 2 else number + 1) << 120) + 1)
        self.new_id: Callable[[], UUID] = lambda: UUID(int=next(ids))
        self.hint: Vector | None = None
        self.currency: str | None = None
        self.open()

    def open(self) -> None:
        self.store = Store(self.path, now_ms=self.clock, new_id=self.new_id)
        self.digest = Digest()
        self.set_to(self.currency)

    def set_to(self, currency: str | None) -> None:
        """As if QUARTERMASTER_CURRENCY were set."""
        self.currency = currency
        self.host = Host(self.store, lambda: self.path.parent / "backups", currency=currency)

    def close(self) -> None:
        self.store.close()

    @property
    def vector(self) -> Vector:
        with self.store.read() as work:
            return vector(work.connection)

    @property
    def rows_digest(self) -> str:
        with self.store.read() as work:
            return Digest().of(work.connection)

    def copied_to(self, other: Replica) -> None:
        """Put this file in the place of the other one's, as a person with a USB stick does."""
        other.store.set_aside()
        for path in other.path.parent.glob(f"{other.path.name}*"):
            path.unlink()
        self.kept_as(other.path)
        other.open()

    def kept_as(self, path: Path) -> None:
        """A copy of the file as it is now."""
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(path)) as target:
            source.backup(target)


def replica(folder: Path, number: int) -> Replica:
    """A device with a file of its own that holds nothing yet. No two of a test may have the same number."""
    path = folder / str(number) / "quartermaster.db"
    path.parent.mkdir(parents=True)
    fresh(path)
    made = Replica(path, number)
    made.store.found("USD")
    return made


def meet(
    client: Replica,
    server: Replica,
    *,
    cut_after: int | None = None,
    lost: bool = False,
    may_mend: bool = False,
    replace: UUID | None = None,
) -> Outcome:
    """One exchange to its end; Cut after so many answers, the last of them `lost` on its way back.

    `replace` is the household that the server gives up.

    The two must come to the same rows by themselves: unless the test `may_mend`, a repair fails it.
    """
    if may_mend:
        return _met(client, server, cut_after, replace, lost=lost)
    events = logging.getLogger("quartermaster.events")
    events.addFilter(_no_repair)
    try:
        return _met(client, server, cut_after, replace, lost=lost)
    finally:
        events.removeFilter(_no_repair)


def _no_repair(record: logging.LogRecord) -> bool:
    assert record.msg != "rows_differ"
    return True


def _met(client: Replica, server: Replica, cut_after: int | None, replace: UUID | None, *, lost: bool) -> Outcome:
    conversation = Conversation(
        client.store, client.digest, hint=client.hint, replace=replace, currency=client.currency
    )
    steps = conversation.steps()
    said = next(steps)
    for count in itertools.count():
        if cut_after is not None and count >= cut_after and not lost:
            raise Cut
        try:
            answer = _answered(server, written(said))
            if cut_after is not None and count >= cut_after:
                raise Cut
            said = steps.send(read(answer))
        except Rejected as no:
            said = steps.throw(no)
        except StopIteration as done:
            outcome: Outcome = done.value
            client.hint = outcome.vector
            return outcome
    raise AssertionError


def _answered(server: Replica, body: bytes) -> bytes:
    """As it travels: packed, unpacked, answered, packed and unpacked again."""
    return unpacked(packed(server.host.answer(unpacked(packed(body)))))


def assert_same(replicas: list[Replica]) -> None:
    """All know the same changes, all rows agree, and every file is what its log makes of it."""
    first = replicas[0]
    for other in replicas[1:]:
        assert other.vector == first.vector
        assert other.rows_digest == first.rows_digest
    for replica in replicas:
        assert examine(replica.path).findings == ()


def assert_totals(one: Replica) -> None:
    """All money that lives is in the total of a month, in its fund, in a search of everything and in an export."""
    with one.store.read() as work:
        living = work.connection.exec_driver_sql("SELECT coalesce(sum(amount), 0) FROM posting WHERE deleted = 0")
        total = living.scalar_one()
        applied = {entry: of.cents for month in work.months() for entry, of in work.applied(month.id).items()}
        lines = {line.id: line for month in work.months() for line in work.month_entries(month.id)}
        assert sum(applied.values()) == total
        assert applied.keys() <= lines.keys()
        assert sum(found.posting.amount for found in search(work.connection, Search(), EVERYTHING)) == total
        assert sum(posting.amount for posting, _ in work.all_postings()) == total
        funds = [line for line in lines.values() if line.section is Section.SINKING_FUND and line.source]
        saved = sum(whole for _, whole in gathered(work.connection, YearMonth(9999, 12)).values())
        assert saved == sum(applied.get(line.id, 0) for line in funds)
        assert {lines[entry].name for entry in applied} <= set(entry_names(work.connection))
