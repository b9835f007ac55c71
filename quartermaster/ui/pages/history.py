"""The history: who changed what, when, day by day, and the way to take one's own back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from urllib.parse import urlencode
from uuid import UUID

from nicegui import ui
from nicegui.events import GenericEventArguments

from quartermaster.domain.errors import Refused
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.history import Deed, History, history, month_history
from quartermaster.storage.devices import Device, devices
from quartermaster.storage.history import LATEST, About
from quartermaster.storage.work import Work
from quartermaster.ui.building import BUILT_WITHIN_S
from quartermaster.ui.calls import Calls
from quartermaster.ui.history_words import told
from quartermaster.ui.icons import brand_mark, icon
from quartermaster.ui.live import OneAtATime
from quartermaster.ui.pages.not_found import show_not_found
from quartermaster.ui.parts.deed_line import deed_line
from quartermaster.ui.parts.tags import VALUE, el
from quartermaster.ui.shell import shell
from quartermaster.ui.sync_words import device_name
from quartermaster.ui.when import day_of, local_day


@dataclass(frozen=True, slots=True)
class Filter:
    """What the address asks for; `record` is a plan entry or a posting."""

    month: YearMonth | None = None
    entry: UUID | None = None
    record: UUID | None = None
    device: UUID | None = None
    before: int = LATEST

    @classmethod
    def parse(cls, month: str, entry: str, record: str, device: str, before: str) -> Filter:
        """Raises Refused for an address that nobody was given."""
        try:
            of_entry, of_record, by = (UUID(text) if text else None for text in (entry, record, device))
            at = int(before) if before else LATEST
            return cls(YearMonth.parse(month) if month else None, of_entry, of_record, by, at)
        except ValueError:
            raise Refused("There is no such part of the history.") from None

    @property
    def address(self) -> str:
        said = {
            "month": self.month,
            "entry": self.entry,
            "record": self.record,
            "device": self.device,
            "before": self.before if self.before != LATEST else None,
        }
        asked = urlencode({name: str(value) for name, value in said.items() if value is not None})
        return f"/history?{asked}" if asked else "/history"


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown: a page of the history, and what it can be narrowed to."""

    history: History
    months: tuple[YearMonth, ...]
    devices: tuple[Device, ...]


def register(calls: Calls) -> None:
    @ui.page("/history", response_timeout=BUILT_WITHIN_S)
    async def page(month: str = "", entry: str = "", record: str = "", device: str = "", before: str = "") -> None:
        try:
            asked = Filter.parse(month, entry, record, device, before)
        except Refused as no:
            show_not_found(calls, no.message)
            return
        now = await calls.read(_page, asked)
        with shell(calls, title="History", active="history"):
            _HistoryPage(calls, asked).draw(now)


def _page(work: Work, asked: Filter) -> Page:
    if asked.month:
        found = month_history(work, asked.month, by=asked.device, before=asked.before)
    else:
        about = About.RECORD if asked.record else About.ENTRY if asked.entry else About.ALL
        found = history(work, about, asked.record or asked.entry, by=asked.device, before=asked.before)
    months = tuple(month.year_month for month in reversed(work.months()))
    return Page(found, months, tuple(devices(work.connection)))


class _HistoryPage:
    def __init__(self, calls: Calls, asked: Filter) -> None:
        self._calls, self._asked = calls, asked
        self._drawn: object = None
        self._filters, self._place = el("div", "filters"), el("div")
        calls.live.changed.subscribe(OneAtATime(self._refresh))

    async def _refresh(self) -> None:
        with self._calls.told():
            self.draw(await self._calls.read(_page, self._asked))

    def draw(self, now: Page) -> None:
        """Draw what is new; a page on which nothing is stays as it is, with what is unfolded on it."""
        if now == self._drawn:
            return
        self._drawn = now
        self._draw_filters(now)
        self._place.clear()
        with self._place:
            if not now.history.deeds:
                self._draw_nothing()
                return
            for day, deeds in groupby(now.history.deeds, lambda deed: day_of(deed.at_ms)):
                with el("section", "group", aria_label=str(day)):
                    with el("div", "ghead shead"):
                        el("h2", text=self._day(deeds_at := list(deeds)))
                    with el("ul", "plainlist history"):
                        for deed in deeds_at:
                            self._draw_deed(deed, names=len(now.devices) > 1)
            self._draw_ends(now.history)

    def _draw_deed(self, deed: Deed, *, names: bool) -> None:
        who = "this device" if deed.is_own else device_name(deed.device, deed.device_name)
        take = partial(self._take_back, deed.number) if deed.can_take_back else None
        deed_line(deed, told(deed, self._calls.money), who=who if names else "", only=self._only(deed), take_back=take)

    async def _take_back(self, action: int) -> None:
        # Its button is drawn anew meanwhile, and who stands on what is gone cannot speak.
        with self._place:
            await self._calls.undo(action)

    def _only(self, deed: Deed) -> str:
        """The address of the history of what a deed was about; empty where that is what is shown."""
        step = deed.steps[0]
        if not step.is_known or step.kind in ("household", "month"):
            return ""
        only = Filter(entry=step.record) if step.kind == "month_entry" else Filter(record=step.record)
        return only.address if (self._asked.entry, self._asked.record) != (only.entry, only.record) else ""

    def _draw_filters(self, now: Page) -> None:
        self._filters.clear()
        with self._filters:
            if self._asked.entry or self._asked.record:
                with el("p", "only"):
                    el("span", text=f"Only what concerns {_called(now.history, self._asked)}.")
                    el("a", "btn quiet", "Show all", href="/history")
                return
            months = {"": "All months"} | {str(month): month.title for month in now.months}
            self._draw_choice("Month", "month", months, str(self._asked.month or ""))
            if len(now.devices) > 1:
                who = {"": "All devices"} | {one.id.hex: _name(one) for one in now.devices if one.changes}
                self._draw_choice("Device", "device", who, self._asked.device.hex if self._asked.device else "")

    def _draw_choice(self, label: str, name: str, choices: dict[str, str], chosen: str) -> None:
        def choose(event: GenericEventArguments) -> None:
            if event.args not in choices:
                return
            value = str(event.args)
            month = YearMonth.parse(value) if value and name == "month" else None
            device = UUID(value) if value and name == "device" else None
            here = replace(self._asked, before=LATEST)
            there = replace(here, month=month) if name == "month" else replace(here, device=device)
            ui.navigate.to(there.address)

        with el("select", "in", aria_label=label).on("change", choose, js_handler=VALUE):
            for value, title in choices.items():
                el("option", text=title, value=value, selected=True if value == chosen else None)

    def _draw_nothing(self) -> None:
        with el("div", "empty"):
            brand_mark(44)
            el("h2", text="Nothing was done here yet")
            el("p", text="Whatever is written, moved, closed or deleted is listed here, with the device that did it.")

    def _draw_ends(self, shown: History) -> None:
        with el("nav", "ends", aria_label="Pages of the history"):
            if self._asked.before != LATEST:
                el("a", "btn", "Newest", href=replace(self._asked, before=LATEST).address)
            if shown.older is not None:
                with el("a", "btn", href=replace(self._asked, before=shown.older).address):
                    el("span", text="Older")
                    icon("right", 14)

    def _day(self, deeds: Sequence[Deed]) -> str:
        day, today = day_of(deeds[0].at_ms), self._calls.today()
        said = {0: "Today", 1: "Yesterday"}.get((today - day).days)
        return said or local_day(deeds[0].at_ms)


def _called(shown: History, asked: Filter) -> str:
    """What the one record is called that the history is narrowed to."""
    for deed in shown.deeds:
        for step in deed.steps:
            if step.record in (asked.entry, asked.record):
                name = step.values.get("name") or step.values.get("payee") or step.values.get("description")
                where = step.month.title if step.month and step.kind == "month_entry" else step.entry
                return f"{name or 'one posting'}, {where or 'in the plan'}"
    return "what is gone"


def _name(device: Device) -> str:
    return "This device" if device.is_this else device_name(device.id, device.name)
