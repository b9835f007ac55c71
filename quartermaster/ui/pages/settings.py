"""Settings: the theme, how money is written, where the data is, and what this program is."""

from __future__ import annotations

import platform
from functools import partial

from nicegui import ui

from quartermaster.about import program_version
from quartermaster.storage.migrate import head
from quartermaster.ui import theme
from quartermaster.ui.building import BUILT_WITHIN_S
from quartermaster.ui.calls import Calls
from quartermaster.ui.household_file import back_to_own, backup_fault, open_demo
from quartermaster.ui.icons import icon
from quartermaster.ui.parts.settings_rows import group, row
from quartermaster.ui.parts.tags import Tag, button, el
from quartermaster.ui.shell import shell

SAMPLE_CENTS = -123456789


def register(calls: Calls) -> None:
    @ui.page("/settings", response_timeout=BUILT_WITHIN_S)
    async def page() -> None:
        fault = await backup_fault(calls)
        with shell(calls, title="Settings", active="settings"):
            with group("Appearance"), row("Theme", "The system's choice, until you make one for this browser."):
                _themes()
            with group("Money"):
                with row("Currency", "Belongs to the household, and stays once there is something in it."):
                    el("b", text=calls.money.currency)
                with row("Amounts", f"Written as in {calls.place.locale}. {calls.money.expected}"):
                    el("b", "num", calls.money.format(SAMPLE_CENTS))
            with group("Data"):
                with row("Data file", "One file holds everything. Nothing leaves this computer unless you say so."):
                    el("code", text=str(calls.store.path))
                _backups_row(fault)
                _files_row()
                _sync_row(calls)
                _demo_row(calls)
            with group("About"):
                _about()


def _about() -> None:
    with row("Quartermaster", "A household's zero-based budget: every unit of income is given a job."):
        el("b", text=program_version())
    with row("Schema", "The shape of the data file. A newer program brings it up to date, after a backup."):
        el("b", text=head())
    with row("Python", "The language that it is written in, and what runs it."):
        el("b", text=platform.python_version())
    with row("Licences", "Free software, with the letters and the libraries that it is made with."), _to("licences"):
        el("span", text="Licences")
        icon("right", 14)
    with row("Keys", "Everything here works without a mouse."):
        button("Show the keys", data_opens="keys")


def _themes() -> None:
    def choose(choice: theme.Theme) -> None:
        theme.choose(choice)
        ui.navigate.reload()

    now = theme.chosen()
    with el("div", "choice", role="radiogroup", aria_label="Theme"):
        for choice in theme.Theme:
            button(choice.value.capitalize(), "", role="radio", aria_checked="true" if choice is now else "false").on(
                "click", partial(choose, choice)
            )


def _backups_row(fault: str | None) -> None:
    said = "Made every day, and whenever you ask. Restore one, or save a copy elsewhere."
    with row("Backups", said, fault), _to("backups"):
        el("span", text="Backups")
        icon("right", 14)


def _files_row() -> None:
    said = "All postings in a file for a spreadsheet, and the postings of such a file into the months."
    with row("Import and export", said), _to("files"):
        el("span", text="Import and export")
        icon("right", 14)


def _sync_row(calls: Calls) -> None:
    connected = calls.sync is not None and calls.sync.server is not None
    said = "Keep several devices in step through a server of your own."
    with row("Sync", said), _to("sync"):
        el("span", text="Sync" if connected else "Connect a server")
        icon("right", 14)


def _demo_row(calls: Calls) -> None:
    async def switch() -> None:
        with calls.told():
            await (back_to_own(calls) if calls.in_demo else open_demo(calls))

    said = "Twelve months of a made-up household, in a file of its own. Yours is not touched."
    with row("Demo household", said):
        button("Back to my budget" if calls.in_demo else "Open the demo").on("click", switch)


def _to(page: str) -> Tag:
    return el("a", "btn", href=f"/settings/{page}")
