"""Serves the pages for a real browser: `python serving.py PORT DATABASE`. The day is 17 May 2026."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from uuid import uuid4

import uvicorn
from fastapi import FastAPI
from nicegui import ui

from quartermaster.domain.errors import Refused
from quartermaster.domain.money import Money
from quartermaster.domain.plan import PlanEntry
from quartermaster.domain.section import Section
from quartermaster.services import demo
from quartermaster.services.plans import plan_view
from quartermaster.storage.migrate import prepare
from quartermaster.storage.store import Store
from quartermaster.storage.time_ordered import now_ms, time_ordered_id
from quartermaster.ui import theme
from quartermaster.ui.calls import Calls
from quartermaster.ui.pages import first_run
from quartermaster.ui.pages.registry import register_all
from quartermaster.ui.parts.debt_card import DebtCard
from quartermaster.ui.parts.entry_bar import EntryActs, EntryBar
from quartermaster.ui.shell import shell

TODAY = date(2026, 5, 17)


def main(port: int, database: Path) -> None:
    prepare(database, database.parent / "backups")
    store = Store(database, now_ms=now_ms, new_id=time_ordered_id)
    store.found("USD")
    with store.write() as work:
        if plan_view(work).is_empty:
            demo.fill(work, TODAY)
    calls = Calls(store, Money(), lambda: TODAY)
    register_all(calls)

    @ui.page("/first")
    def first() -> None:
        with shell(calls, title="Plan", active="plan"):
            first_run.first_run(calls, start_empty=lambda: None, may_choose=True)

    @ui.page("/refusing")
    def refusing() -> None:
        with shell(calls, title="All is refused", active="plan"):
            _all_refused(calls)

    api = FastAPI()
    ui.run_with(
        api,
        tailwind=False,
        reconnect_timeout=30,
        binding_refresh_interval=None,
        language="en-US",
        storage_secret="only for tests",
        show_welcome_message=False,
        favicon=theme.FAVICON,
    )
    uvicorn.run(api, host="127.0.0.1", port=port, log_level="warning")


def _all_refused(calls: Calls) -> None:
    """The debt target's card and an entry's bar, as they are where nothing can be written."""

    async def refuse(*_: object) -> bool:
        raise Refused("The disk is full.")

    async def nothing(*_: object) -> None:
        pass

    async def refused(*_: object) -> bool:
        with calls.told():
            return await refuse()
        return False

    card, loan = (
        PlanEntry(id=uuid4(), section=Section.DEBT_MINIMUM, name=name, planned=1) for name in ("Card", "Loan")
    )
    DebtCard(calls, refuse).show((card, loan), loan)
    EntryBar(Section.FOOD, EntryActs(nothing, refused, nothing, nothing, keep=refused), is_target=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
