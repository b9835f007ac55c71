"""The side that asks: an exchange from its first message to being in step, apart from how messages travel."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from quartermaster.storage.arrival import Altered, Forked, Homeless, join, take
from quartermaster.storage.changelog import CLOCK_SHIFT, BrokenChain
from quartermaster.storage.digest import Digest
from quartermaster.storage.exchange import NOTHING, Page, Vector, fold, fork, head_at, page_after, standing, vector
from quartermaster.storage.lost_edits import Arrived
from quartermaster.storage.reissue import reissue
from quartermaster.storage.store import Store
from quartermaster.storage.work import Work
from quartermaster.sync.clock import doubt, leap
from quartermaster.sync.errors import ForkedDevice, Gap, Malformed, OtherHousehold, Rejected, StillDiffers, Unreachable
from quartermaster.sync.moving_in import check_currency
from quartermaster.sync.protocol import PAGE_BYTES, Message, packed, read, written
from quartermaster.sync.reading import MOST_PROBES
from quartermaster.sync.repair import repair

MOST_IDLE_ROUNDS = 8
"""Rounds that brought the two sides no nearer before giving up: commits meanwhile are the only good reason for one."""
STILL = "The same changes make different rows on the two sides. Keep a backup of both."
Talk = Generator[Message, Message, "Outcome"]
_log = logging.getLogger("quartermaster.events")


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """In step: what was sent and received on the way, how far both sides are, and which device the other one is."""

    sent: int = 0
    received: int = 0
    vector: Vector = field(default_factory=dict)
    household: UUID
    other: UUID
    joined: bool = False
    doubt: str = ""
    """What is to be said of the clocks as they are."""
    leap: str = ""
    """What is to be said of the dates of what arrived."""
    repaired: bool = False
    """Whether the rows of the two sides differed, and do not any more."""


@dataclass(frozen=True, slots=True)
class _Look:
    """How two files stand to each other: a device of which they know different things, whether they are in step, and
    whether their rows differ although they are.
    """

    forked: UUID | None = None
    is_in_step: bool = False
    differs: bool = False


class Conversation:
    """One exchange of one file. Each step is a unit of work of its own, so that a cut costs one page at most.

    `hint` is how far the other side was last time: it spares the round that asks. `replace` is the household that the
    other side shall give up for this file's; `currency` is what the operator set, if that is so. Without `replays` rows
    that differ are said and not made anew: that was in vain before. Messages are yielded, answers and refusals are sent
    and thrown back in.
    """

    def __init__(
        self,
        store: Store,
        digest: Digest,
        *,
        hint: Vector | None = None,
        replace: UUID | None = None,
        currency: str | None = None,
        replays: bool = True,
    ) -> None:
        self._store, self._digest, self._path = store, digest, store.path
        self._theirs, self._replace, self._currency, self._replays = hint, replace, currency, replays
        self.sent = self.received = self._idle = 0
        self._far = (0, 0)
        self._arrived, self._leap = Arrived(), ""
        self.joined: UUID | None = None
        """The household of which this file became one on the way: it is from then on, whether or not the rest comes."""

    @property
    def theirs(self) -> Vector | None:
        """How far the other side is, as it said last."""
        return self._theirs

    def steps(self) -> Talk:
        """All of it. Raises Rejected when the two cannot get in step."""
        while True:
            asked = self._message()
            try:
                told = yield asked
            except Gap:
                # The other side is not where it was: it lost something, or was restored.
                self._count_idle()
                self._theirs = None
                continue
            except ForkedDevice as forked:
                yield from self._part(forked.device)
                continue
            self.sent += asked.changes
            self._theirs = told.vector
            look = self._look(told)
            if told.stretches and look.forked is None:
                look = self._taken_in(told)
            if look.forked is not None:
                yield from self._part(look.forked)
            elif look.is_in_step:
                repaired = look.differs and (yield from self._mend(told))
                if self.received:
                    fold(self._path)
                return Outcome(
                    sent=self.sent,
                    received=self.received,
                    vector=told.vector,
                    household=told.household,
                    other=told.device,
                    joined=self.joined is not None,
                    doubt=self._doubt(told),
                    leap=self._leap,
                    repaired=repaired,
                )
            elif not self._comes_nearer(told):
                self._count_idle()

    def _message(self, **said: Any) -> Message:
        """What this side says now; the next page for the other, unless it says something special."""
        with self._reading() as work:
            at = standing(work.connection)
            page = Page((), more=False)
            if self._theirs is not None and not said:
                page = page_after(work.connection, self._theirs, PAGE_BYTES)
        return Message(
            household=at.household,
            device=at.device,
            schema=at.schema,
            is_empty=at.is_empty,
            vector=at.vector,
            stretches=page.stretches,
            more=page.more,
            replace=self._replace,
            now_ms=self._store.now_ms(),
            **said,
        )

    def _look(self, told: Message) -> _Look:
        """How this side stands to what the other one told."""
        with self._reading() as work:
            at = standing(work.connection)
            if at.household != told.household:
                # An other side that is empty, or gives its household up, gets everything.
                if not (at.is_empty or told.is_empty or self._replace == told.household):
                    raise OtherHousehold("The two sides keep different households.", household=told.household.hex)
                return _Look()
            forked = fork(work.connection, told.vector)
            if forked is not None or at.vector != told.vector:
                return _Look(forked)
            is_comparable = told.digest is not None and told.schema == at.schema
            return _Look(None, True, is_comparable and self._digest.of(work.connection) != told.digest)

    def _taken_in(self, told: Message) -> _Look:
        """Take in what the other side sent, and look again."""
        try:
            with self._writing() as work:
                before = standing(work.connection).clock
                joins = self._take(work, told)
                self._note_dates(before, standing(work.connection).clock)
        except Forked as forked:
            return _Look(forked.device)
        except (BrokenChain, Altered, Homeless) as wrong:
            raise Malformed(f"The other side sent changes that cannot be taken in: {wrong}.") from None
        if joins:
            self.joined = told.household
        return self._look(told)

    def _take(self, work: Work, told: Message) -> bool:
        """Take in what was told; whether this file becomes another household's by that."""
        at = standing(work.connection)
        if at.household == told.household:
            self.received += take(work, told.heard, self._arrived)
        elif at.is_empty:
            self.received += join(work, told.household, told.heard, self._arrived)
            check_currency(work, told.household, self._currency)
            work.announce("device_joined", device=str(at.device))
            return True
        # Otherwise somebody began to write here meanwhile: the next message says so.
        return False

    def _mend(self, told: Message) -> Generator[Message, Message, bool]:
        """The same changes must make the same rows. If they did not: replay here, then ask the other side to.

        Whether rows had to be mended: a digest that is kept may be wrong itself.
        """
        self._digest.forget()
        if not self._look(told).differs:
            return False
        if not self._replays:
            raise StillDiffers(STILL)
        repair(self._writing, self._digest, told.device)
        if self._look(told).differs:
            with self._reading() as work:
                mine = self._digest.of(work.connection)
            told = yield self._message(digest=mine)
            if self._look(told).differs:
                raise StillDiffers(STILL)
        return True

    def _comes_nearer(self, told: Message) -> bool:
        """Whether the other side has more of what this one has, or this one got something new: it may say anything."""
        with self._reading() as work:
            mine = vector(work.connection)
        there = sum(min(counter, told.vector.get(device, NOTHING)[0]) for device, (counter, _) in mine.items())
        before, self._far = self._far, (there, self.received)
        return there > before[0] or self.received > before[1]

    def _part(self, device: UUID) -> Generator[Message, Message, None]:
        """Give what only this side knows of a forked device a name of its own; then both can have both."""
        self._count_idle()
        with self._reading() as work:
            counter, _ = vector(work.connection).get(device, NOTHING)
        point = yield from self._common(device, counter)
        with self._writing() as work:
            known, _ = vector(work.connection).get(device, NOTHING)
            if point >= known:
                raise Malformed(f"The other side finds a fork in {device} where there is none.")
            count = reissue(work, device, point)
        _log.warning("device_forked", extra={"event": "device_forked", "device": str(device), "changes": count})

    def _common(self, device: UUID, most: int) -> Generator[Message, Message, int]:
        """How far both sides know the same of a device: between `low`, where they do, and `high`."""
        low, high = 0, most
        while low < high:
            step = -(-(high - low) // MOST_PROBES)
            counters = [*range(low + step, high, step), high]
            told = yield self._message(probe={device: counters})
            heads = told.heads.get(device, {})
            with self._reading() as work:
                same = [at for at in counters if at in heads and heads[at] == head_at(work.connection, device, at)]
            low = max(same, default=low)
            high = min((at for at in counters if at > low), default=low + 1) - 1
        return low

    def _note_dates(self, before: int, latest: int) -> None:
        now_ms = self._store.now_ms()
        said = leap(before_ms=before >> CLOCK_SHIFT, latest_ms=latest >> CLOCK_SHIFT, now_ms=now_ms)
        self._leap = said or self._leap

    def _doubt(self, told: Message) -> str:
        return doubt(off_ms=told.now_ms - self._store.now_ms() if told.now_ms is not None else 0)

    def _count_idle(self) -> None:
        self._idle += 1
        if self._idle > MOST_IDLE_ROUNDS:
            raise Rejected("The two sides do not get in step. Try again later; if it stays so, run the doctor on both.")

    @contextmanager
    def _reading(self) -> Iterator[Work]:
        with self._store.read() as work:
            self._check_file()
            yield work

    @contextmanager
    def _writing(self) -> Iterator[Work]:
        with self._store.write() as work:
            self._check_file()
            yield work

    def _check_file(self) -> None:
        if self._store.path != self._path:
            raise Unreachable("Another data file was opened meanwhile.")


def step(steps: Talk, answer: bytes | Rejected | None) -> bytes | Outcome:
    """A conversation's next message, packed, or how it ended, after an answer as it came. In a thread."""
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
