"""How pages call the services: off the event loop, in a unit of work, and what people are told when it fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID, uuid4

from nicegui import run

from quartermaster.domain.errors import MonthClosed, OutOfBalance, Refused
from quartermaster.domain.money import Money
from quartermaster.formats.locales import money_for
from quartermaster.services.attention import attention
from quartermaster.services.history import deed
from quartermaster.services.undo import undo
from quartermaster.storage.daily_backup import DailyBackups
from quartermaster.storage.failures import StorageFailure
from quartermaster.storage.store import Store
from quartermaster.storage.work import Work
from quartermaster.sync.room import Sync
from quartermaster.ui.gate import Gate
from quartermaster.ui.history_words import told
from quartermaster.ui.live import Live
from quartermaster.ui.own_actions import OwnActions, is_somebody_s
from quartermaster.ui.parts.snackbar import say
from quartermaster.ui.place import USUAL_STEM, Place

P = ParamSpec("P")
R = TypeVar("R")
Shown = Callable[[str, str | None], None]
_log = logging.getLogger(__name__)


class Calls:
    """One per program: the store, how money is written, which day it is, and where the files are."""

    def __init__(self, store: Store, money: Money, today: Callable[[], date], *, place: Place | None = None) -> None:
        self.store, self.money, self.today = store, money, today
        self.place = place or Place.beside(store.path)
        self.daily = DailyBackups(self.place.database, self.place.backups)
        self.sync: Sync | None = None
        self.to_look_at = 0
        self._gate = Gate()
        self.live = Live(store, self._gate)

    @property
    def in_demo(self) -> bool:
        return self.store.path == self.place.demo

    @property
    def household_name(self) -> str:
        """What tells this household from others on the screen: empty for the only one that most people have."""
        if self.in_demo:
            return "Demo household"
        return "" if self.place.database.stem == USUAL_STEM else self.place.database.stem

    async def use(self, job: Callable[[], R], /) -> R:
        """What a job on the file answers, off the event loop, while nobody exchanges the file."""
        async with self._gate.through():
            return await self.off_the_loop(job)

    async def read(self, view: Callable[Concatenate[Work, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What the view answers, from one consistent snapshot."""

        def reading() -> R:
            with self.store.read() as work:
                return view(work, *args, **kwargs)

        return await self.use(reading)

    async def write(self, verb: Callable[Concatenate[Work, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What the verb answers, once it is committed. Raises Refused, and leaves no trace then.

        A person whose page did it can undo it.
        """
        answer, done = await self.use(partial(self._written, lambda work: verb(work, *args, **kwargs)))
        if done is not None and is_somebody_s():
            OwnActions(done[0]).did(done[1])
        return answer

    async def change(self, verb: Callable[Concatenate[Work, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The same; what was done is said at the foot of the page, with a way to take it back."""
        answer, sentence, done = await self.write(self._with_words, lambda work: verb(work, *args, **kwargs))
        if done is not None:
            say(f"{sentence}.", undo=lambda: self.undo(done))
        return answer

    async def undo(self, action: int) -> None:
        """Take back one action of this device and say so, or why it cannot be. Of an undo this is redo."""
        with self.told():
            own = OwnActions(await self.read(lambda work: work.device))
            redone, root = own.is_undone(action), own.root_of(action)
            try:
                (outcome, words), done = await self.use(
                    partial(self._written, lambda work: (undo(work, action), self._words(work, root)))
                )
            except Refused as no:
                # A month may be opened again; what else stands in the way stays, and the one before is next.
                if not isinstance(no, MonthClosed | OutOfBalance):
                    own.took_back(action, None)
                raise
            own.took_back(action, done[1] if done else None)
            if done is None:
                say("Nothing of it was left to take back: it was changed since.")
                return
            said = f"{'Redone' if redone else 'Undone'}: {words}."
            if outcome.elsewhere:
                said += " What another device wrote over it meanwhile stays."
            say(said, undo=lambda: self.undo(done[1]), label="Undo" if redone else "Redo")

    def _with_words(self, work: Work, verb: Callable[[Work], R]) -> tuple[R, str, int | None]:
        answer = verb(work)
        return (answer, self._words(work, work.action), work.action) if work.action else (answer, "", None)

    def _words(self, work: Work, action: int) -> str:
        """What an action of this device did; empty where the log has no more of it."""
        done = deed(work, action)
        return told(done, self.money).title if done is not None else ""

    def _written(self, verb: Callable[[Work], R]) -> tuple[R, tuple[UUID, int] | None]:
        """What the verb answers, and who did what by it."""
        with self.store.write() as work:
            answer = verb(work)
            return answer, (work.device, work.action) if work.action else None

    async def exchange(self, job: Callable[[], R], then: Path, *, quietly: bool = False) -> R:
        """Run a job on the file while nobody uses it; the store then goes on with `then`, or as it was if it failed.

        `quietly`: the caller has more to do, and then lets the pages know by `became_another`.
        """

        def exchanging() -> R:
            before = self.store.path
            self.store.set_aside()
            try:
                done = job()
            except BaseException:
                self.store.reopen(before)
                raise
            self.store.reopen(then)
            return done

        async with self._gate.alone():
            done = await self.off_the_loop(exchanging)
        await (self._learn_money() if quietly else self.became_another())
        return done

    async def count_attention(self) -> None:
        """See how much there is to look at; the chip in the header says it."""
        found = await self.read(attention)
        if found.count != self.to_look_at:
            self.to_look_at = found.count
            self.live.synced.emit()

    async def changed_elsewhere(self) -> None:
        """Another process wrote to the file; it may even have made it another household's."""
        if await self._learn_money():
            self.live.replaced.emit()
        await self.count_attention()

    async def became_another(self) -> None:
        """The file holds another household than before, perhaps one that keeps other money."""
        await self._learn_money()
        await self.count_attention()
        self.live.replaced.emit()

    async def _learn_money(self) -> bool:
        """Write money as this household keeps it; whether that is another way than before."""
        household = await self.read(lambda work: work.household())
        if household.currency == self.money.currency:
            return False
        self.money = money_for(household.currency, self.place.locale)
        return True

    @contextmanager
    def told(self, refused: Shown | None = None) -> Iterator[None]:
        """Turn what goes wrong inside into a sentence, and go on after the block.

        `refused(sentence, field)` shows it where it was typed, and puts back what was; without it the sentence appears
        in the snackbar. A bug is logged whole, under an id that the sentence names.
        """
        shown = refused or (lambda sentence, _field: say(sentence))
        try:
            yield
        except Refused as no:
            shown(no.sentence(self.money), no.field)
        except StorageFailure as failure:
            _log.warning("storage_failed", extra={"event": "storage_failed", "failure": type(failure).__name__})
            shown(failure.sentence, None)
        except Exception:  # noqa: BLE001  # the one place where a page's bug becomes a sentence; it is logged whole
            shown(told_of_a_bug(), None)

    @staticmethod
    async def off_the_loop(job: Callable[[], R]) -> R:
        """Run in a thread. A call that was cancelled raises: it is never taken for success."""
        outcome = await run.io_bound(lambda: (job(),))
        if outcome is None:
            raise asyncio.CancelledError
        return outcome[0]


def told_of_a_bug() -> str:
    """The sentence for the exception that is being handled, which is logged whole."""
    return f"Something went wrong, and nothing was saved. If it happens again, report {logged_bug()}."


def logged_bug() -> str:
    """Log the exception that is being handled; the id under which it is found."""
    bug = uuid4().hex[:8]
    _log.exception("a bug in a page: %s", bug, extra={"event": "bug", "bug": bug})
    return bug
