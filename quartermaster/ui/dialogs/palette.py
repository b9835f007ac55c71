"""The palette: type a few letters of a page, a month or an action, and go there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui

from quartermaster.domain.month import Month
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.finding import Findings, find_postings
from quartermaster.storage.work import Work
from quartermaster.ui import theme
from quartermaster.ui.calls import Calls
from quartermaster.ui.drafts import Draft
from quartermaster.ui.household_file import back_to_own, back_up_now, open_demo
from quartermaster.ui.parts.finder import Choice, Finder, Words
from quartermaster.ui.parts.ledger import short_day
from quartermaster.ui.parts.snackbar import say
from quartermaster.ui.postings_filter import FILTER, amount_in
from quartermaster.ui.undoing import undo_offers

SHORTEST = 2
"""Letters before postings are looked for."""
WORDS = Words(
    label="Find a posting, page, month or action",
    placeholder="A posting, a month such as “may”, a page or an action",
    nothing="Nothing is called that. Try a month such as “march”, or “backup”.",
)


def palette_dialog(calls: Calls) -> Callable[[], Awaitable[None]]:
    """The dialog `palette`; what it answers is to be awaited each time it opened."""

    async def gather() -> Sequence[Choice]:
        months = await calls.read(Work.months)
        offers = [Choice(offer.title, "action", act=offer.act, icon="undo") for offer in await undo_offers(calls)]
        return (*_pages(calls), *offers, *_further_pages(), *_actions(calls), *_months(calls, months))

    async def search(typed: str) -> Sequence[Choice]:
        if len(typed) < SHORTEST:
            return ()
        return _postings(calls, typed, await calls.read(find_postings, typed, cents=amount_in(calls.money, typed)))

    return Finder(calls, "palette", WORDS, gather, search).opened


def _pages(calls: Calls) -> tuple[Choice, ...]:
    this = YearMonth.of(calls.today())
    return (
        Choice("Plan", "page", to="/", words="budget", icon="plan"),
        Choice("This month", "page", to=f"/month/{this}", words=this.title, icon="month"),
        Choice("Ledger", "page", to="/ledger", words="all postings search", icon="ledger"),
        Choice("History", "page", to="/history", words="changes undo who when log", icon="history"),
        Choice("Archive", "page", to="/archive", words="months closed", icon="archive"),
    )


def _further_pages() -> tuple[Choice, ...]:
    """Those that one goes to more rarely than one takes something back."""
    return (
        Choice("Settings", "page", to="/settings", words="theme currency", icon="settings"),
        Choice("Backups", "page", to="/settings/backups", words="restore save copy", icon="save"),
        Choice("Import and export", "page", to="/settings/files", words="csv bank files", icon="save"),
        Choice("Sync", "page", to="/settings/sync", words="devices server connect", icon="settings"),
        Choice("To look at", "page", to="/attention", words="attention conflicts lost", icon="find"),
        Choice("Licences", "page", to="/settings/licences", words="about free software", icon="settings"),
    )


def _actions(calls: Calls) -> tuple[Choice, ...]:
    async def add() -> None:
        ui.run_javascript("qmOpen('quick-add')")

    async def keys() -> None:
        ui.run_javascript("qmOpen('keys')")

    async def back_up() -> None:
        say(f"Backed up as {(await back_up_now(calls)).path.name}.")

    def themed(choice: theme.Theme) -> Choice:
        async def choose() -> None:
            theme.choose(choice)
            ui.navigate.reload()

        return Choice(f"Theme: {choice.value}", "action", act=choose, words="colour color mode")

    async def demo() -> None:
        await (back_to_own(calls) if calls.in_demo else open_demo(calls))

    return (
        Choice("Add a posting", "action", act=add, words="new spend pay", icon="plus"),
        Choice("Show the keys", "action", act=keys, words="help shortcuts"),
        Choice("Back up now", "action", act=back_up, words="save", icon="save"),
        Choice(
            "Back to my budget" if calls.in_demo else "Open the demo household", "action", act=demo, words="example"
        ),
        *(themed(choice) for choice in theme.Theme),
    )


def _months(calls: Calls, months: Sequence[Month]) -> list[Choice]:
    """All started months, the latest first, and this one and the next where they are not started."""
    this = YearMonth.of(calls.today())
    states = {month.year_month: month.state.value for month in months}
    for unstarted in (this, this.next):
        states.setdefault(unstarted, "not started")
    return [
        Choice(
            month.title,
            f"month · {state}",
            to=f"/month/{month}",
            words=str(month),
            icon="lock" if state == "closed" else "month",
        )
        for month, state in sorted(states.items(), reverse=True)
    ]


def _postings(calls: Calls, typed: str, findings: Findings) -> tuple[Choice, ...]:
    """The postings that fit, each leading to its place in its month, and the way to all of them."""
    choices = []
    for one in findings.found:
        posting = one.posting
        where = f"{one.entry_name} · {short_day(posting.day)} {posting.day.year} · {calls.money.format(posting.amount)}"
        title = posting.payee or posting.description or one.entry_name
        choices.append(Choice(title, where, to=f"/month/{one.year_month}?posting={posting.id}", icon="ledger"))
    if findings.has_more:

        async def see_all() -> None:
            Draft(FILTER).keep({"text": typed})
            ui.navigate.to("/ledger")

        choices.append(Choice(f"All postings with “{typed}”", "ledger", act=see_all, icon="ledger"))
    return tuple(choices)
