"""Keeps this device in step with the server, for as long as the program runs, or once."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID

from quartermaster.storage.digest import Digest
from quartermaster.storage.exchange import NOTHING, Vector, standing, vector
from quartermaster.storage.failures import StorageFailure
from quartermaster.storage.store import Committed, Store
from quartermaster.sync.conversation import Conversation, Outcome, Talk
from quartermaster.sync.errors import InDemo, Rejected, SyncFailure, Unreachable
from quartermaster.sync.line import Line
from quartermaster.sync.meetings import Meetings
from quartermaster.sync.memory import Remembered, recall, remember
from quartermaster.sync.network import Way
from quartermaster.sync.news import fingerprint
from quartermaster.sync.protocol import packed, read, written
from quartermaster.sync.status import State, Status, state_after
from quartermaster.sync.use import Use

LOOK_EVERY_S = 300.0
"""How often the server is asked although nobody says that there is something new."""
DEAF_LOOK_EVERY_S = 30.0
"""The same while its events cannot be heard."""
FIRST_BACKOFF_S, LONGEST_BACKOFF_S = 1.0, 300.0
IMPATIENT_S = 5.0
"""After a failure, a local commit or the server's word makes the next attempt no sooner than this."""
WAY_EVERY_S = 2.0
"""How often the way out is looked at while the server cannot be reached."""
MUCH = 500
"""So many changes take long enough to show how far they are."""
TOGETHER_S = 0.02
"""Commits in so quick succession go out together."""
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
        self._memory, self._closed, self._moved = memory, closed, moved
        self._currency, self._way = currency, way
        self._theirs: Vector | None = None
        self._remembered: Vector | None = None
        self._told: str | None = None
        self._household: UUID | None = None
        self._watchers: list[Callable[[Status], None]] = []
        self._meetings = Meetings(store)
        self._one_at_a_time = asyncio.Lock()
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._hears = self._went_deaf = False

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
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Stay in step until cancelled."""
        self._loop = asyncio.get_running_loop()
        await self._use(self._recall)
        async with asyncio.TaskGroup() as both:
            both.create_task(self._listen())
            both.create_task(self._stay_in_step())

    async def exchange(self, *, replace_theirs: UUID | None = None) -> Outcome:
        """One exchange to its end; the server gives up that household for this one. Raises SyncFailure."""
        if self._closed():
            raise InDemo
        async with self._one_at_a_time:
            started = time.perf_counter()
            try:
                outcome = await self._exchanged(replace_theirs)
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

    async def _exchanged(self, replace_theirs: UUID | None) -> Outcome:
        conversation = Conversation(
            self._store, self._digest, hint=self._theirs, replace=replace_theirs, currency=self._currency
        )
        steps, coming = conversation.steps(), 0
        try:
            waiting, said = await self._use(lambda: (self._waiting(), _step(steps, None)))
            # What failed is said until it succeeds: an attempt alone changes nothing for who looks.
            if waiting and self.status.failure is None:
                self._become(replace(self.status, state=State.SENDING, waiting=waiting, coming=0))
            while not isinstance(said, Outcome):
                self._become(self._going_on(conversation))
                answer = await self._answer_to(said)
                said, lacking = await self._use(lambda a=answer: (_step(steps, a), self._lacking(conversation)))  # type: ignore[misc]  # bound at once
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
        self._become(Status(state=State.IN_STEP, last_success_ms=self._store.now_ms(), doubt=outcome.doubt))

    def _failed(self, failure: SyncFailure) -> SyncFailure:
        """Say it once, not at every attempt that fails for the same reason."""
        known = self.status.failure is not None and self.status.failure.code == failure.code
        level = logging.DEBUG if known else logging.WARNING
        _log.log(level, "sync_failed", extra={"event": "sync_failed", "code": failure.code})
        state = state_after(failure)
        self._become(replace(self.status, state=state, sentence=failure.sentence, failure=failure))
        return failure

    def _become(self, status: Status) -> None:
        if status.state is not self.status.state:
            status = replace(status, since_ms=self._store.now_ms())
        else:
            status = replace(status, since_ms=self.status.since_ms)
        if status != self.status:
            self.status = status
            for callback in tuple(self._watchers):
                callback(status)

    async def _stay_in_step(self) -> None:
        failures, due = 0, True
        while True:
            wait = LOOK_EVERY_S if self._hears else DEAF_LOOK_EVERY_S
            try:
                if not self._closed() and (due or self._went_deaf or await self._is_behind()):
                    self._went_deaf = False
                    await self.exchange()
                failures = 0
            except SyncFailure as failure:
                failures += 1
                wait = backoff_s(failures)
                if isinstance(failure, Unreachable):
                    wait = max(wait, failure.after_s)
            except Exception:  # noqa: BLE001  # a bug is logged whole; the next attempt may do better
                _log.exception("a bug in sync", extra={"event": "bug"})
                failures += 1
                wait = backoff_s(failures)
            due = not await self._pause(wait, is_failing=failures > 0)

    async def _pause(self, wait: float, *, is_failing: bool) -> bool:
        """Wait until it is time again; whether someone woke it. While it fails, not every word starts an attempt, but a
        network that is there again does.
        """
        loop = asyncio.get_running_loop()
        end, soonest = loop.time() + wait, loop.time() + IMPATIENT_S
        way = await asyncio.to_thread(self._way) if is_failing else None
        while (left := end - loop.time()) > 0:
            try:
                await asyncio.wait_for(self._woken.wait(), min(left, WAY_EVERY_S) if is_failing else left)
            except TimeoutError:
                if is_failing and (now := await asyncio.to_thread(self._way)) != way:
                    way = now
                    if now is not None:
                        break
                continue
            self._woken.clear()
            if not is_failing:
                await asyncio.sleep(TOGETHER_S)
                self._woken.clear()
                return True
            end = min(end, soonest)
            with suppress(StorageFailure):
                await self._count_waiting()
        return False

    async def _listen(self) -> None:
        """Hear the server's word that there is something new, whenever it can be heard."""
        failures = 0
        while True:
            try:
                async for told in self._line.events():
                    failures, self._hears, self._told = 0, True, told
                    self._woken.set()
            except SyncFailure:
                pass  # The exchange says what is wrong.
            except Exception:  # noqa: BLE001  # the same here
                _log.exception("a bug in sync", extra={"event": "bug"})
            if self._hears:
                # The server went, or the network did: an exchange finds out, and a person sees it at once.
                self._went_deaf = True
                self._woken.set()
            self._hears, self._told = False, None
            failures += 1
            await asyncio.sleep(backoff_s(failures))

    async def _is_behind(self) -> bool:
        """Whether there is anything to send, or the server said that it has something."""
        known = await self._use(self._vector)
        return known != self._theirs or self._told not in (None, fingerprint(known))

    async def _count_waiting(self) -> None:
        self._become(replace(self.status, waiting=await self._use(self._waiting)))

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
        if self._memory is None or (known := recall(self._memory[0])) is None:
            return
        if (known.url, known.household) == (self._memory[1], self._household):
            self._theirs = known.vector
            self.status = replace(self.status, last_success_ms=known.at_ms)


def backoff_s(failures: int) -> float:
    """How long to wait after so many failures in a row: twice as long each time, and never just when others do."""
    longest = min(FIRST_BACKOFF_S * 2.0 ** min(failures - 1, 20), LONGEST_BACKOFF_S)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  # spreads devices in time, guards nothing


def _step(steps: Talk, answer: bytes | Rejected | None) -> bytes | Outcome:
    """The conversation's next message, packed, or how it ended. In a thread."""
    try:
        if answer is None:
            said = next(steps)
        elif isinstance(answer, Rejected):
            said = steps.throw(answer)
        else:
            said = steps.send(read(answer))
    except StopIteration as done:
        outcome: Outcome = done.value
        return outcome
    return packed(written(said))
