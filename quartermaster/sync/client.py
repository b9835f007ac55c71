"""Keeps this device in step with the server, for as long as the program runs, or once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID

from quartermaster.storage.digest import Digest
from quartermaster.storage.exchange import NOTHING, Vector, standing, vector
from quartermaster.storage.failures import StorageFailure
from quartermaster.storage.store import Committed, Store
from quartermaster.sync.alarm import Alarm, backoff_s
from quartermaster.sync.clock import TOLD_FOR_MS
from quartermaster.sync.conversation import Conversation, Outcome, step
from quartermaster.sync.errors import InDemo, Rejected, StillDiffers, SyncFailure, Unreachable
from quartermaster.sync.line import Line
from quartermaster.sync.meetings import Meetings
from quartermaster.sync.memory import Remembered, recall, remember
from quartermaster.sync.network import Way
from quartermaster.sync.news import HEARTBEAT_S, fingerprint
from quartermaster.sync.status import State, Status, state_after
from quartermaster.sync.use import Use

LOOK_EVERY_S = 300.0
"""How often the server is asked although nobody says that there is something new."""
DEAF_LOOK_EVERY_S = 30.0
"""The same while its events cannot be heard."""
MUCH = 500
"""So many changes take long enough to show how far they are."""
_log = logging.getLogger("quartermaster.events")
Moved = Callable[[], Awaitable[None]]


async def nobody() -> None:
    """For a program that shows nothing."""


class Client:
    """One per program, on its event loop. `closed` says whether the demo is open at the moment.

    `way` tells the way out to the server: where that becomes another one, it is tried again at once. `moved` is awaited
    as soon as the file became another household's.
    """

    def __init__(
        self,
        store: Store,
        line: Line,
        use: Use,
        *,
        digest: Digest | None = None,
        memory: tuple[Path, str] | None = None,
        closed: Callable[[], bool] = lambda: False,
        currency: str | None = None,
        way: Way = lambda: None,
        moved: Moved = nobody,
    ) -> None:
        self.status = Status()
        self._store, self._line, self._use, self._digest = store, line, use, digest or Digest()
        self._memory, self._closed, self._moved, self._currency = memory, closed, moved, currency
        self._theirs: Vector | None = None
        self._remembered: Vector | None = None
        self._told: str | None = None
        self._household: UUID | None = None
        self._watchers: list[Callable[[Status], None]] = []
        self._meetings = Meetings(store)
        self._one_at_a_time = asyncio.Lock()
        self._alarm = Alarm(way)
        self._leap, self._leapt_ms = "", 0
        self._is_recalled = self._hears = self._went_deaf = False

    def watch(self, callback: Callable[[Status], None]) -> Callable[[], None]:
        """Call back on the event loop whenever the status changes. Returns what ends it."""
        self._watchers.append(callback)
        return lambda: self._watchers.remove(callback)

    def committed(self, committed: Committed) -> None:
        """To be called after each commit, in any thread."""
        if committed.action is not None:
            self.wake()

    def wake(self) -> None:
        """There may be something to send or to fetch. In any thread."""
        self._alarm.ring()

    def ask(self) -> None:
        """Ask the server now, whether or not there is a reason to, and however long it was to be left alone."""
        self._alarm.ask()

    async def run(self) -> None:
        """Stay in step until cancelled."""
        self._alarm.begin()
        async with asyncio.TaskGroup() as both:
            both.create_task(self._listen())
            both.create_task(self._stay_instep())

    async def exchange(self, *, replace_theirs: UUID | None = None) -> Outcome:
        """One exchange to its end; the server gives up that household for this one. Raises SyncFailure."""
        async with self._one_at_a_time:
            # In this order: whatever file is open at this moment, this speaks of no other one.
            hint, replays = self._theirs, not isinstance(self.status.failure, StillDiffers)
            conversation = Conversation(
                self._store, self._digest, hint=hint, replace=replace_theirs, currency=self._currency, replays=replays
            )
            if self._closed():
                raise InDemo
            started = time.perf_counter()
            try:
                outcome = await self._exchanged(conversation)
            except StorageFailure as failure:
                raise self._failed(Rejected(failure.sentence)) from failure
            except SyncFailure as failure:
                raise self._failed(failure) from failure.__cause__
            self._succeeded(outcome, time.perf_counter() - started)
            if self._household is not None:
                await self._is_of(outcome.household)
            self._household = outcome.household
            await self._use(partial(self._meetings.note, outcome.other))
            if self._memory is not None and outcome.vector != self._remembered:
                path, url = self._memory
                what = Remembered(url, outcome.household, outcome.vector, self._store.now_ms())
                await asyncio.to_thread(remember, path, what)
                self._remembered = outcome.vector
        return outcome

    async def _exchanged(self, conversation: Conversation) -> Outcome:
        steps, coming = conversation.steps(), 0
        try:
            waiting, said = await self._use(lambda: (self._waiting(), step(steps, None)))
            # What failed is said until it succeeds: an attempt alone changes nothing for who looks.
            if waiting and self.status.failure is None:
                self._become(replace(self.status, state=State.SENDING, waiting=waiting, coming=0))
            while not isinstance(said, Outcome):
                self._become(self._going_on(conversation))
                answer = await self._answer_to(said)
                said, lacking = await self._use(lambda a=answer: (step(steps, a), self._lacking(conversation)))  # type: ignore[misc]  # bound at once
                if conversation.joined is not None:
                    await self._is_of(conversation.joined)
                coming = max(coming, conversation.received + lacking)
                if coming >= MUCH or (waiting and self.status.failure is not None):
                    going_on = replace(self._going_on(conversation), sentence="", failure=None)
                    self._become(replace(going_on, state=State.SENDING, waiting=waiting, coming=coming))
        finally:
            self._theirs = conversation.theirs
        return said

    async def _is_of(self, household: UUID) -> None:
        """Say that this file is that household's, if it was another's: the rest of it may take long, or never come."""
        if self._household != household:
            self._household = household
            await self._moved()

    def _going_on(self, conversation: Conversation) -> Status:
        return replace(self.status, sent=conversation.sent, received=conversation.received)

    def _lacking(self, conversation: Conversation) -> int:
        """How many changes this device lacks, as far as the server has said."""
        theirs, mine = conversation.theirs or {}, self._vector()
        return sum(max(0, counter - mine.get(one, NOTHING)[0]) for one, (counter, _) in theirs.items())

    async def _answer_to(self, said: bytes) -> bytes | Rejected:
        try:
            return await self._line.post(said)
        except Rejected as no:
            return no

    def _succeeded(self, outcome: Outcome, taken_s: float) -> None:
        moved = bool(outcome.sent or outcome.received)
        news = moved or self.status.state not in (State.IN_STEP, State.SENDING)
        fields = {"sent": outcome.sent, "received": outcome.received, "duration_ms": round(taken_s * 1000, 1)}
        _log.log(logging.INFO if news else logging.DEBUG, "sync_completed", extra={"event": "sync_completed", **fields})
        now_ms = self._store.now_ms()
        if outcome.leap:
            self._leap, self._leapt_ms = outcome.leap, now_ms
        doubt = outcome.doubt or (self._leap if abs(now_ms - self._leapt_ms) < TOLD_FOR_MS else "")
        repaired_ms = now_ms if outcome.repaired else self.status.repaired_ms
        self._become(Status(state=State.IN_STEP, last_success_ms=now_ms, doubt=doubt, repaired_ms=repaired_ms))

    def _failed(self, failure: SyncFailure) -> SyncFailure:
        """Say it once, not at every attempt that fails for the same reason."""
        known = self.status.failure is not None and self.status.failure.code == failure.code
        level = logging.DEBUG if known else logging.WARNING
        _log.log(level, "sync_failed", extra={"event": "sync_failed", "code": failure.code})
        self._become(replace(self.status, state=state_after(failure), sentence=failure.sentence, failure=failure))
        return failure

    def _broke(self) -> None:
        """Log the exception that is being handled, and say that sync stands still."""
        bug = self._store.new_id().hex[-8:]
        _log.exception("a bug in sync: %s", bug, extra={"event": "bug", "bug": bug})
        said = f"Something went wrong in sync, and it is tried again by itself. If it stays so, report {bug}."
        self._become(replace(self.status, state=State.NEEDS_ATTENTION, sentence=said, failure=None))

    def _become(self, status: Status) -> None:
        is_same = status.state is self.status.state
        status = replace(status, since_ms=self.status.since_ms if is_same else self._store.now_ms())
        if status != self.status:
            self.status = status
            for callback in tuple(self._watchers):
                callback(status)

    async def _stay_instep(self) -> None:
        loop = asyncio.get_running_loop()
        failures, due, looked_s = 0, True, 0.0
        while True:
            try:
                if not self._is_recalled:
                    await self._use(self._recall)
                if await self._look(due=due):
                    looked_s = loop.time()
                failures = 0
            except SyncFailure as failure:
                failures += 1
                wait = max(backoff_s(failures), failure.after_s if isinstance(failure, Unreachable) else 0.0)
            except StorageFailure as failure:
                self._failed(Rejected(failure.sentence))
                failures += 1
                wait = backoff_s(failures)
            except Exception:  # noqa: BLE001  # a bug is logged whole; the next attempt may do better
                self._broke()
                failures += 1
                wait = backoff_s(failures)
            if failures:
                due = True
                await self._alarm.patiently_until(loop.time() + wait, self._count_waiting)
            else:
                # From the last look on: words that bring nothing new do not put the next one off.
                due = await self._alarm.until(looked_s + (LOOK_EVERY_S if self._hears else DEAF_LOOK_EVERY_S))

    async def _look(self, *, due: bool) -> bool:
        """Exchange, if it is due or there is a reason; whether this was a look at the server, or none can be."""
        if self._closed():
            return True
        if not (due or self._went_deaf or await self._is_behind()):
            return False
        self._went_deaf = False
        await self.exchange()
        return True

    async def _listen(self) -> None:
        """Hear the server's word that there is something new, whenever it can be heard."""
        failures, loop = 0, asyncio.get_running_loop()
        while True:
            began_s = loop.time()
            try:
                async for told in self._line.events():
                    self._hears, self._told = True, told
                    self._alarm.ring()
            except SyncFailure:
                pass  # The exchange says what is wrong.
            except Exception:  # noqa: BLE001  # the same here
                _log.exception("a bug in what the server tells", extra={"event": "bug"})
            if self._hears:
                # The server went, or the network did: an exchange finds out, and a person sees it at once.
                self._went_deaf = True
                self._alarm.ring()
            self._hears, self._told = False, None
            # One that ends as soon as it began, at a proxy that cuts it, is no better than none.
            failures = 1 if loop.time() - began_s > HEARTBEAT_S else failures + 1
            await asyncio.sleep(backoff_s(failures))

    async def _is_behind(self) -> bool:
        """Whether there is anything to send, or the server said that it has something."""
        known = await self._use(self._vector)
        return known != self._theirs or self._told not in (None, fingerprint(known))

    async def _count_waiting(self) -> None:
        try:
            self._become(replace(self.status, waiting=await self._use(self._waiting)))
        except StorageFailure:
            return  # The next attempt says it.
        except Exception:  # noqa: BLE001  # the same here: sync must not end by it
            self._broke()

    def _waiting(self) -> int:
        """How many changes the server lacks, as far as is known."""
        theirs = self._theirs or {}
        return sum(max(0, counter - theirs.get(one, NOTHING)[0]) for one, (counter, _) in self._vector().items())

    def _vector(self) -> Vector:
        with self._store.read() as work:
            return vector(work.connection)

    def _recall(self) -> None:
        """Begin with what the server had last time, if it was this household's."""
        with self._store.read() as work:
            self._household = standing(work.connection).household
        self._is_recalled = True
        if self._memory is None or (known := recall(self._memory[0])) is None:
            return
        if (known.url, known.household) == (self._memory[1], self._household):
            self._theirs = known.vector
            self.status = replace(self.status, last_success_ms=known.at_ms)
