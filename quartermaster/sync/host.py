"""The side that answers: one message in, one message out, all of it in one transaction."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from quartermaster.storage.arrival import Altered, Forked, Homeless, join, take
from quartermaster.storage.backup import back_up
from quartermaster.storage.changelog import BrokenChain
from quartermaster.storage.digest import Digest
from quartermaster.storage.exchange import (
    Page,
    Standing,
    Vector,
    census,
    fold,
    fork,
    head_at,
    is_behind,
    page_after,
    standing,
    vector,
)
from quartermaster.storage.store import Store
from quartermaster.storage.succession import move_in
from quartermaster.storage.work import Work
from quartermaster.sync.errors import ForkedDevice, Gap, Malformed, OtherHousehold
from quartermaster.sync.meetings import Meetings
from quartermaster.sync.moving_in import check_currency
from quartermaster.sync.protocol import PAGE_BYTES, Message, read, written
from quartermaster.sync.repair import repair
from quartermaster.sync.replacement import discard, receiving
from quartermaster.sync.visits import Visits

BEFORE_REPLACEMENT = "before-replacement"
_log = logging.getLogger("quartermaster.events")


class Host:
    """One per program. `joined` is called after the file became another household's, `mended` after rows of it that
    were not what the log makes of them were made anew.

    `currency` is what the operator set, if that is so: a household that keeps other money does not move in.
    """

    def __init__(
        self,
        store: Store,
        backups: Callable[[], Path],
        *,
        digest: Digest | None = None,
        currency: str | None = None,
        visits: Visits | None = None,
        joined: Callable[[], None] = lambda: None,
        mended: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._backups, self._joined, self._mended = store, backups, joined, mended
        self._digest, self._currency = digest or Digest(), currency
        self._replayed: Vector | None = None
        self._repairing, self._replacing = threading.Lock(), threading.Lock()
        self._digest_of_received = Digest()
        self._meetings, self._visits = Meetings(store), visits or Visits(store.now_ms)

    def answer(self, body: bytes) -> bytes:
        """The answer to a message, both as JSON. Raises Rejected, with nothing changed."""
        started = time.perf_counter()
        asked = read(body)
        try:
            told = self._answer(asked)
        except (BrokenChain, Homeless):
            raise Gap("Something before these changes is missing here. Start again from the vectors.") from None
        except Forked as forked:
            raise _forked(forked) from None
        except Altered as wrong:
            raise Malformed(f"These changes cannot be taken in: {wrong}.") from None
        if asked.household == told.household and asked.replace is None:
            self._meetings.note(asked.device)
        if asked.changes and not asked.more:
            fold(self._store.path)
        if asked.changes or told.changes:
            self._say_completed(asked, told, started)
        return written(told)

    def _answer(self, asked: Message) -> Message:
        if asked.replace is not None:
            with self._replacing:
                with self._store.read() as work:
                    gives_up = _gives_up(work, asked)
                if gives_up:
                    return self._replaced(asked)
        if asked.probe:
            return self._heads(asked)
        if asked.sums:
            return self._sums(asked)
        if asked.digest is not None:
            self._check_rows(asked)
        if not asked.stretches:
            with self._store.read() as work:
                return self._told(work, asked)
        joins = False
        with self._store.write() as work:
            joins = self._take(work, asked)
            told = self._told(work, asked)
        if joins:
            self._joined()
        return told

    def _take(self, work: Work, asked: Message) -> bool:
        """Take in what was sent; whether this file became another household's by that."""
        at, arrived = standing(work.connection), self._visits.arrived(asked.device, more=asked.more)
        _check_household(work, at, asked)
        if asked.household == at.household:
            _check_fork(work, asked)
            known = at.vector.keys()
            take(work, asked.heard, arrived, asked.device)
            for device in vector(work.connection).keys() - known:
                work.announce("device_joined", device=str(device))
            return False
        if asked.is_empty:
            raise Malformed("A device that holds nothing yet has nothing to send.")
        if not at.is_empty:
            raise Gap("Somebody began to write here meanwhile. Start again from the vectors.")
        join(work, asked.household, asked.heard, arrived, speaker=asked.device)
        check_currency(work, asked.household, self._currency)
        work.announce("device_joined", device=str(asked.device))
        return True

    def _replaced(self, asked: Message) -> Message:
        """The answer of the file beside this one that receives the other household; all of it moves in here at once."""
        with receiving(self._store, asked.household) as received:
            host = Host(
                received,
                self._backups,
                digest=self._digest_of_received,
                currency=self._currency,
                visits=self._visits,
            )
            told = host._answer(asked)
            if told.household != asked.household or is_behind(told.vector, asked.vector):
                return told
            with self._store.write() as work, received.read() as arrived:
                if not _gives_up(work, asked):
                    raise Gap("The household that was to be replaced is gone. Start again from the vectors.")
                # The write lock is held, so this copy has all that will be replaced.
                back_up(self._store.path, self._backups(), BEFORE_REPLACEMENT)
                move_in(work, arrived.connection)
                work.announce("device_joined", device=str(asked.device))
        discard(self._store, asked.household)
        self._digest_of_received.forget()
        self._joined()
        with self._store.read() as work:
            return self._told(work, asked)

    def _told(self, work: Work, asked: Message) -> Message:
        at = standing(work.connection)
        _check_household(work, at, asked)
        page, known = Page((), more=False), at.vector
        if asked.household == at.household:
            _check_fork(work, asked)
            page = page_after(work.connection, asked.vector, PAGE_BYTES)
        elif asked.is_empty:
            page = page_after(work.connection, {}, PAGE_BYTES)
        else:
            # What this file says of itself ends when the other's household moves in.
            known = {}
        digest = None if page.more else self._digest.of(work.connection)
        return _message(at, self._store.now_ms(), vector=known, stretches=page.stretches, more=page.more, digest=digest)

    def _heads(self, asked: Message) -> Message:
        with self._store.read() as work:
            at = standing(work.connection)
            _check_household(work, at, asked)
            heads = {
                device: {
                    counter: head
                    for counter in counters
                    if (head := head_at(work.connection, device, counter)) is not None
                }
                for device, counters in asked.probe.items()
            }
        return _message(at, self._store.now_ms(), vector=at.vector, heads=heads)

    def _sums(self, asked: Message) -> Message:
        """Parts of the digest, for someone who looks where two files differ."""
        with self._store.read() as work:
            at = standing(work.connection)
            _check_household(work, at, asked)
            told = {
                kind: self._digest.sums(work.connection, kind, tail)
                for kind, tail in asked.sums.items()
                if isinstance(tail, str)
            }
        return _message(at, self._store.now_ms(), vector=at.vector, sums=told)

    def _check_rows(self, asked: Message) -> None:
        """Where the other side has the same changes and other rows, make sure that ours are what the log makes.

        Once for each state of the log: who claims nonsense must not keep this side busy.
        """
        with self._repairing, self._store.read() as work:
            at = standing(work.connection)
            same = (at.household, at.schema, at.vector) == (asked.household, asked.schema, asked.vector)
            if not same or self._digest.of(work.connection) == asked.digest or self._replayed == at.vector:
                return
            self._replayed = at.vector
        if repair(self._store.write, self._digest, asked.device):
            self._mended()

    def _say_completed(self, asked: Message, told: Message, started: float) -> None:
        fields: dict[str, Any] = {"device": str(asked.device), "received": asked.changes, "sent": told.changes}
        taken_ms = round((time.perf_counter() - started) * 1000, 1)
        _log.info("sync_completed", extra={"event": "sync_completed", **fields, "duration_ms": taken_ms})


def _gives_up(work: Work, asked: Message) -> bool:
    """Whether this file's household is to be replaced by the sender's, and there is something to lose by that."""
    at = standing(work.connection)
    return asked.household != at.household == asked.replace and not (at.is_empty or asked.is_empty)


def _check_household(work: Work, at: Standing, asked: Message) -> None:
    """Two households meet only where one side holds nothing, or was told to give its own up."""
    if asked.household == at.household or asked.is_empty or at.is_empty or asked.replace == at.household:
        return
    raise OtherHousehold(
        "The server keeps another household, and both hold something. Choose which one to go on with.",
        household=at.household.hex,
        here=asdict(census(work.connection)),
    )


def _check_fork(work: Work, asked: Message) -> None:
    device = fork(work.connection, asked.vector)
    if device is not None:
        raise _forked(Forked(device))


def _forked(forked: Forked) -> ForkedDevice:
    return ForkedDevice(
        "A device said one thing here and another there: its file was copied or restored.", forked.device
    )


def _message(at: Standing, now_ms: int, **said: Any) -> Message:
    return Message(
        household=at.household, device=at.device, schema=at.schema, is_empty=at.is_empty, now_ms=now_ms, **said
    )
