"""How pages call the services: off the event loop, in a unit of work, and what people are told when it fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar
from uuid import uuid4

from nicegui import run

from quartermaster.domain.errors import Refused
from quartermaster.domain.money import Money
from quartermaster.formats.locales import money_for
from quartermaster.services.attention import attention
from quartermaster.services.undo import undo
from quartermaster.storage.failures import StorageFailure
from quartermaster.storage.store import Store
from quartermaster.storage.work import Work
from quartermaster.sync.room import Sync
from quartermaster.ui.gate import Gate
from quartermaster.ui.live import Live
from quartermaster.ui.parts.snackbar import say
from quartermaster.ui.place import Place

P = ParamSpec("P")
R = TypeVar("R")
Shown = Callable[[str, str | None], None]
_log = logging.getLogger(__name__)


class Calls:
    """One per program: the store, how money is written, which day it is, and where the files are."""

    def __init__(self, store: Store, money: Money, today: Callable[[], date], *, place: Place | None = None) -> None:
        self.store, self.money, self.today = store, money, today
        self.place = place or Place.beside(store.path)
        self.sync: Sync | None = None
        self.to_look_at = 0
        self._gate = Gate()
        self.live = Live(store, self._gate)

    @property
    def in_demo(self) -> bool:
        return self.store.path == self.place.demo

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
        """What the verb answers, once it is committed. Raises Refused, and leaves no trace then."""

        def writing() -> R:
            with self.store.write() as work:
                return verb(work, *args, **kwargs)

        return await self.use(writing)

    async def undo(self, action: int) -> None:
        """Take back one action, or say why it cannot be."""
        with self.told():
            await self.write(undo, action)

    async def exchange(self, job: Callable[[], R], then: Path, *, quietly: bool = False) -> R:
        """Run a job on the file while nobody uses it; the store then goes on with `then`, or as it was if it failed.

        `quietly`: the caller has more to do, and then lets the pages know by `became_another`.
        """

        def exchanging() -> R:
            before = self.store.path
            self.store.close()
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

    async def became_another(self) -> None:
        """The file holds another household than before, perhaps one that keeps other money."""
        await self._learn_money()
        await self.count_attention()
        self.live.replaced.emit()

    async def _learn_money(self) -> None:
        household = await self.read(lambda work: work.household())
        if household.currency != self.money.currency:
            self.money = money_for(household.currency, self.place.locale)

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
