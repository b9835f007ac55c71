"""What a merge left that a person should look at, in one list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from quartermaster.domain.section import Section
from quartermaster.services.attention import (
    Attention,
    Lost,
    Twins,
    attention,
    dismiss_lost,
    leave_twins,
    make_one,
    take_lost,
)
from quartermaster.services.months import delete_month_entry, keep_month_entry, reopen_month
from quartermaster.ui.building import BUILT_WITHIN_S
from quartermaster.ui.calls import Calls
from quartermaster.ui.icons import brand_mark
from quartermaster.ui.live import OneAtATime
from quartermaster.ui.lost_words import lost_words
from quartermaster.ui.parts.snackbar import say
from quartermaster.ui.parts.tags import button, el
from quartermaster.ui.shell import shell

Act = Callable[[], Awaitable[None]]
MOST_AMOUNTS = 3


def register(calls: Calls) -> None:
    @ui.page("/attention", response_timeout=BUILT_WITHIN_S)
    async def page() -> None:
        now = await calls.read(attention)
        with shell(calls, title="To look at"):
            _AttentionPage(calls).draw(now)


class _AttentionPage:
    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        with el("div") as self._page:
            self._place = el("div")
        calls.live.changed.subscribe(OneAtATime(self._refresh))

    async def _refresh(self) -> None:
        with self._calls.told():
            self.draw(await self._calls.read(attention))

    def draw(self, now: Attention) -> None:
        self._place.clear()
        with self._place:
            if not now.count:
                self._draw_nothing()
                return
            el("p", "lede", "Two devices wrote without having seen each other. Nothing was lost: all of it is here.")
            with el("section", "group attention", aria_label="To look at"), el("ul", "plainlist"):
                for month in now.out_of_balance:
                    off = self._calls.money.format(abs(month.applied_zero))
                    self._line(
                        f"{month.year_month.title} is out of balance by {off}",
                        "It was closed on one device while another still wrote to it.",
                        ("Reopen it", partial(self._write, reopen_month, month.year_month)),
                        href=f"/month/{month.year_month}",
                    )
                for lone in now.stranded:
                    self._line(
                        f"{lone.entry.name} in {lone.month.title} was deleted on one device",
                        "Another device added a posting to it meanwhile. It counts until you decide.",
                        ("Keep it", partial(self._write, keep_month_entry, lone.entry.id)),
                        ("Delete both", partial(self._write, delete_month_entry, lone.entry.id)),
                    )
                for twins in now.twins:
                    self._draw_twins(twins)
                for lost in now.lost:
                    self._draw_lost(lost)

    def _draw_nothing(self) -> None:
        with el("div", "empty"):
            brand_mark(44)
            el("h2", text="Nothing to look at")
            el("p", text="When two devices write without having seen each other, what does not fit is listed here.")

    def _draw_twins(self, twins: Twins) -> None:
        first, money = twins.entries[0], self._calls.money
        where = twins.month.title if twins.month else "the plan"
        *most, last = [money.format(entry.planned) for entry in twins.entries]
        planned = f"{', '.join(most)} and {last}"
        together = "As one, their postings are together. " if twins.month else "Months that are there stay so. "
        if not twins.month and first.section is Section.SINKING_FUND:
            together = "As one, it holds what all of them did. "
        self._line(
            f"{len(twins.entries)} entries are called {first.name} in {where}",
            f"Different devices added them, planned at {planned}. {together}Choose what it is planned at then.",
            *(
                (f"Make one of {money.format(amount)}", partial(self._write, make_one, twins, amount))
                for amount in twins.amounts[:MOST_AMOUNTS]
            ),
            ("Leave both" if len(twins.entries) == 2 else "Leave all", partial(self._settle, leave_twins, twins)),
        )

    def _draw_lost(self, lost: Lost) -> None:
        title, said, take = lost_words(lost, self._calls.money)
        self._line(
            title,
            said,
            (take, partial(self._write, take_lost, lost.edit)),
            ("Seen", partial(self._settle, dismiss_lost, lost.edit)),
        )

    def _line(self, title: str, said: str, *acts: tuple[str, Act], href: str = "") -> None:
        with el("li", "setrow"):
            with el("div"):
                el("h2", "settitle", title)
                el("p", "hintline", said)
            with el("div", "setvalue"):
                if href:
                    el("a", "btn", "Open it", href=href)
                for label, act in acts:
                    button(label).on("click", act, args=[])

    async def _write(self, verb: Callable[..., object], *what: object) -> None:
        """Change something; what, is said with a way to take it back."""
        # Its button is drawn anew meanwhile, and who stands on what is gone cannot speak.
        with self._page, self._calls.told():
            await self._calls.change(verb, *what)
            await self._again()

    async def _settle(self, verb: Callable[..., object], *what: object) -> None:
        """End a matter on this device, without a change of anything."""
        with self._page, self._calls.told():
            await self._calls.write(verb, *what)
            say("It is listed no more, and stays as it is.")
            await self._again()

    async def _again(self) -> None:
        await self._calls.count_attention()
        await self._refresh()
