"""What a merge left that a person should look at, in one list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from nicegui import ui

from quartermaster.domain.section import Section
from quartermaster.services.attention import (
    Attention,
    Lost,
    Twins,
    attention,
    dismiss_lost,
    put_together,
    take_lost,
)
from quartermaster.services.months import delete_month_entry, keep_month_entry
from quartermaster.ui.calls import Calls
from quartermaster.ui.icons import brand_mark
from quartermaster.ui.live import OneAtATime
from quartermaster.ui.parts.snackbar import say
from quartermaster.ui.parts.tags import button, el
from quartermaster.ui.shell import shell

Act = Callable[[], Awaitable[None]]
FIELDS = {
    "planned": "the planned amount",
    "amount": "the amount",
    "name": "the name",
    "notes": "the notes",
    "section": "the section",
    "payee": "the payee",
    "description": "what it was for",
    "day": "the date",
    "entry_id": "the entry that it is on",
    "lifecycle": "the state",
    "debt_target": "the debt target",
    "deleted": "whether it is deleted",
}
MONEY = ("planned", "amount", "goal", "opening_balance", "debt_balance")


def register(calls: Calls) -> None:
    @ui.page("/attention")
    async def page() -> None:
        now = await calls.read(attention)
        with shell(calls, title="To look at"):
            _AttentionPage(calls).draw(now)


class _AttentionPage:
    def __init__(self, calls: Calls) -> None:
        self._calls = calls
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
                        "It was closed on one device while another still wrote to it. Reopen it to mend it.",
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
        first = twins.entries[0]
        self._line(
            f"{len(twins.entries)} entries are called {first.name} in {twins.month.title}",
            "Different devices added them. As one, their postings are together and their planned amounts add up.",
            ("Make one of them", partial(self._write, put_together, twins)),
        )

    def _draw_lost(self, lost: Lost) -> None:
        edit = lost.edit
        where = f" in {lost.month.title}" if lost.month else ""
        field = FIELDS.get(edit.field, edit.field.replace("_", " "))
        other = self._shown(edit.field, edit.lost)
        ends = ("Seen", partial(self._write, dismiss_lost, edit))
        if edit.is_deleted:
            said = f"Another device deleted it meanwhile. {field.capitalize()} had become {other}."
            self._line(f"{lost.about}{where} was edited and deleted", said, ends)
            return
        stands = self._shown(edit.field, edit.values.get(edit.field))
        self._line(
            f"{lost.about}{where}: two devices changed {field}",
            f"{stands} stands, because it was written later. The other device wrote {other}.",
            (f"Take {other}" if len(other) <= 24 else "Take the other", partial(self._write, take_lost, edit)),
            ends,
        )

    def _line(self, title: str, said: str, *acts: tuple[str, Act], href: str = "") -> None:
        with el("li", "setrow"):
            with el("div"):
                el("h3", "settitle", title)
                el("p", "hintline", said)
            with el("div", "setvalue"):
                if href:
                    el("a", "btn", "Open it", href=href)
                for label, act in acts:
                    button(label).on("click", act, args=[])

    async def _write(self, verb: Callable[..., Any], what: Any) -> None:
        with self._calls.told():
            await self._calls.write(verb, what)
            say("Done.")
            await self._calls.count_attention()
            await self._refresh()

    def _shown(self, field: str, wire: Any) -> str:
        if wire in (None, ""):
            return "nothing"
        if field in MONEY and isinstance(wire, int):
            return self._calls.money.format(wire)
        if field == "section" and wire in set(Section):
            return Section(wire).title
        if field == "lifecycle" and isinstance(wire, list):
            return str(wire[0])
        if field in ("entry_id", "debt_target"):
            return "another one"
        return f"“{wire}”"
