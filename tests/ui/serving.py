"""Serves the pages for a real browser: `python serving.py PORT DATABASE`. The day is 17 May 2026."""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path
from uuid import uuid4

import uvicorn
from fastapi import FastAPI
from nicegui import ui

from quartermaster.domain.money import Money
from quartermaster.services import demo
from quartermaster.services.plans import plan_view
from quartermaster.storage.migrate import prepare
from quartermaster.storage.store import Store
from quartermaster.ui import theme
from quartermaster.ui.calls import Calls
from quartermaster.ui.pages import first_run
from quartermaster.ui.pages.registry import register_all
from quartermaster.ui.shell import shell

TODAY = date(2026, 5, 17)


def main(port: int, database: Path) -> None:
    prepare(database, database.parent / "backups")
    store = Store(database, now_ms=lambda: time.time_ns() // 1_000_000, new_id=uuid4)
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


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
