"""The ledger: all postings of the household, the newest first, closed months included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from nicegui import ui
from nicegui.events import GenericEventArguments

from quartermaster.domain.money import Money
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.finding import Filters, Findings, filters, find_postings
from quartermaster.storage.found import Found
from quartermaster.storage.work import Work
from quartermaster.ui.building import BUILT_WITHIN_S
from quartermaster.ui.calls import Calls
from quartermaster.ui.drafts import FORM_DATA, Draft, form_fields
from quartermaster.ui.icons import brand_mark
from quartermaster.ui.live import OneAtATime
from quartermaster.ui.parts.ledger import short_day
from quartermaster.ui.parts.tags import Tag, button, el
from quartermaster.ui.postings_filter import FILTER, Wanted, read_filter
from quartermaster.ui.shell import shell

PAGE = 60


def register(calls: Calls) -> None:
    @ui.page("/ledger", response_timeout=BUILT_WITHIN_S)
    async def ledger() -> None:
        typed = Draft(FILTER).fields
        choices, findings = await calls.read(_first, read_filter(calls.money, typed))
        with shell(calls, title="Ledger", active="ledger"):
            _LedgerPage(calls, typed).draw(choices, findings)


def _first(work: Work, wanted: Wanted) -> tuple[Filters, Findings]:
    return filters(work), _found(work, wanted, PAGE)


def _found(work: Work, wanted: Wanted, limit: int) -> Findings:
    return find_postings(
        work,
        wanted.text,
        cents=wanted.cents,
        year_month=wanted.year_month,
        entry_name=wanted.entry_name,
        limit=limit,
    )


class _LedgerPage:
    def __init__(self, calls: Calls, typed: Mapping[str, str]) -> None:
        self._calls, self._fields = calls, dict(typed)
        self._draft = Draft(FILTER)
        self._limit = PAGE
        self._rows: dict[str, Tag] = {}
        self._again = OneAtATime(self._refresh)
        calls.live.changed.subscribe(self._again)

    def draw(self, choices: Filters, findings: Findings) -> None:
        """The filter, and beneath it the postings that fit."""
        with el("form", "filter", role="search", novalidate=True, autocomplete="off") as self._form:
            el(
                "input", "in", type="search", name="text", aria_label="Find postings",
                placeholder="Payee, what for, entry or amount", defaultValue=self._fields.get("text", ""),
            )  # fmt: skip
            self._choice("month", "Month", "All months", [(str(m), m.title) for m in choices.months])
            self._choice("entry", "Entry", "All entries", [(name, name) for name in choices.entry_names])
            self._clear = button("Clear", "btn quiet").on("click", self._cleared, args=[])
        self._draft.watch(self._form)
        self._form.on("input", self._asked, throttle=0.2, leading_events=False, js_handler=FORM_DATA)
        self._form.on("submit.prevent", self._asked, js_handler=FORM_DATA)
        self._list = el("div", "group all", role="region", aria_label="Postings")
        self._none = el("div", "empty")
        self._more = button("Show more", "btn quiet more").on("click", self._show_more)
        self._show(findings)

    def _choice(self, name: str, label: str, all_of_them: str, options: Sequence[tuple[str, str]]) -> None:
        with el("select", "in", name=name, aria_label=label):
            el("option", text=all_of_them, value="")
            for value, title in options:
                el("option", text=title, value=value, selected=True if value == self._fields.get(name) else None)

    async def _asked(self, event: GenericEventArguments) -> None:
        self._fields, self._limit = form_fields(event.args), PAGE
        await self._again()

    async def _cleared(self) -> None:
        self._fields, self._limit = {}, PAGE
        self._draft.drop()
        # What the page came with is no more than that: a reset would bring it back. What was typed a moment before is
        # still on its way, and is followed by this.
        ui.run_javascript(
            "(f=>{for(const i of f.elements)if(i.name)i.value='';f.elements.text.focus();"
            f"f.dispatchEvent(new Event('input',{{bubbles:true}}))}})(getHtmlElement({self._form.id}))"
        )
        await self._again()

    async def _show_more(self) -> None:
        self._limit += 4 * PAGE
        await self._again()

    async def _refresh(self) -> None:
        """Read again and show what changed."""
        with self._calls.told():
            wanted = read_filter(self._calls.money, self._fields)
            self._show(await self._calls.read(_found, wanted, self._limit))

    def _show(self, findings: Findings) -> None:
        lines = {line.key: line for line in _lines(self._calls.money, findings.found)}
        for gone in self._rows.keys() - lines.keys():
            self._rows.pop(gone).delete()
        for index, line in enumerate(lines.values()):
            self._show_line(index, line)
        is_filtered = any(text.strip() for text in self._fields.values())
        self._list.set(hidden=None if lines else True)
        self._more.set(hidden=None if findings.has_more else True)
        self._clear.set(hidden=None if is_filtered else True)
        self._none.empty()
        if not lines:
            with self._none:
                _nothing(self._calls, is_filtered=is_filtered)

    def _show_line(self, index: int, line: _Line) -> None:
        row = self._rows.get(line.key)
        if row is None:
            with self._list:
                row = self._rows[line.key] = el(line.tag, line.classes)
        row.set(innerHTML=line.html, href=line.to or None)
        if self._list.default_slot.children[index] is not row:
            row.move(self._list, index)


@dataclass(frozen=True, slots=True)
class _Line:
    """A posting, or the name of the month above its postings. One element each, its text escaped in `html`."""

    key: str
    tag: str
    classes: str
    html: str
    to: str = ""


def _lines(money: Money, found: Sequence[Found]) -> Iterator[_Line]:
    before: YearMonth | None = None
    for one in found:
        if one.year_month != before:
            before = one.year_month
            yield _Line(str(before), "h2", "sec lab", escape(before.title))
        to = f"/month/{one.year_month}?posting={one.posting.id}"
        yield _Line(str(one.posting.id), "a", "row pcols", _html(money, one), to)


def _html(money: Money, one: Found) -> str:
    posting = one.posting
    return (
        f"<span class='dim'>{short_day(posting.day)}</span>"
        f"<b>{escape(posting.payee or '—')}</b>"
        f"<span class='dim what'>{escape(posting.description or '')}</span>"
        f"<span class='dim of'>{escape(one.entry_name)}</span>"
        f"<span class='num'>{escape(money.format(posting.amount))}</span>"
    )


def _nothing(calls: Calls, *, is_filtered: bool) -> None:
    if is_filtered:
        el("h2", text="No posting fits")
        el("p", text="Every word must stand in the payee, in what it was for, or in the entry's name. Try fewer.")
        return
    this = YearMonth.of(calls.today())
    brand_mark(44)
    el("h2", text="No posting yet")
    el("p", text="Money that moved is written down in a month, and all of it is listed here.")
    with el("div", "acts"):
        el("a", "btn pri", f"Go to {this.title}", href=f"/month/{this}")
