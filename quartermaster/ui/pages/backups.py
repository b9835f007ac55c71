"""Backups: what there is, one more now, a copy to keep elsewhere, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from fastapi import Response
from fastapi.responses import FileResponse
from nicegui import app, ui

from quartermaster.domain.year_month import YearMonth
from quartermaster.storage.backup import BEFORE_JOINING, BEFORE_MIGRATION, BEFORE_RESTORE, DAILY, Backup, list_backups
from quartermaster.ui import receiving
from quartermaster.ui.building import BUILT_WITHIN_S
from quartermaster.ui.calls import Calls
from quartermaster.ui.dialogs.ask import ask
from quartermaster.ui.household_file import back_up_now, backup_fault, backups, restore_file
from quartermaster.ui.icons import icon
from quartermaster.ui.parts.snackbar import say, say_next
from quartermaster.ui.parts.tags import Tag, button, el
from quartermaster.ui.shell import shell

REASONS = {
    DAILY: "Every day",
    BEFORE_MIGRATION: "Before an upgrade",
    BEFORE_RESTORE: "Before a restore",
    BEFORE_JOINING: "Before joining a household",
    "before-replacement": "Before another household came",
    "manual": "By hand",
}

FIRST = "The first one comes by itself today. Or make one now, with the button at the top."
FIRST_IN_DEMO = "The first one comes by itself, on the day on which you go back to your budget."


def register(calls: Calls) -> None:
    @ui.page("/settings/backups", response_timeout=BUILT_WITHIN_S)
    async def page() -> None:
        made, fault = await backups(calls), await backup_fault(calls)
        with shell(calls, title="Backups", active="settings") as frame:
            with frame.lead:
                el("a", "btn quiet", "‹ Settings", href="/settings").move(target_index=0)
            listed = _introduction(fault, in_demo=calls.in_demo)
            _list(calls, listed, made)
        with frame.trail, button("Back up now", "btn pri").on("click", partial(_back_up, calls, listed)):
            icon("save")

    receiving.serve(calls)

    @app.get("/settings/backups/{name}", include_in_schema=False)
    def download(name: str) -> Response:
        # Only names that the folder's own list gives: no path from outside is ever opened.
        found = next((made for made in list_backups(calls.place.backups) if made.path.name == name), None)
        if found is None:
            return Response("There is no such backup.", status_code=404, media_type="text/plain")
        kept_nowhere_else = {"cache-control": "no-store"}
        return FileResponse(found.path, filename=name, media_type="application/vnd.sqlite3", headers=kept_nowhere_else)


def _introduction(fault: str | None, *, in_demo: bool) -> Tag:
    if fault:
        el("p", "notice", fault, role="status")
    if in_demo:
        el("p", "notice", "These are the backups of your own budget, not of the demo.", role="status")
    el(
        "p",
        "lede",
        "A backup is one checked file that holds the whole household. One is made every day while Quartermaster runs; "
        "older ones are thinned to 7 days, 8 weeks and 12 months. Those made by hand or for safety stay.",
    )
    with el("p"):
        button("Restore from a file…", data_opens=receiving.DIALOG)
    receiving.restore_dialog()
    return el("div")


def _list(calls: Calls, place: Tag, made: Sequence[Backup]) -> None:
    place.clear()
    with place:
        if not made:
            with el("div", "empty"):
                el("h2", text="No backup yet")
                el("p", text=FIRST_IN_DEMO if calls.in_demo else FIRST)
            return
        with el("section", "group", aria_label="Backups"):
            with el("div", "ghead bcols lab", aria_hidden="true"):
                el("span", text="Made")
                el("span", text="Why", classes="m")
                el("span", "num m", "Size")
                el("span")
            with el("ul", "plainlist"):
                for backup in made:
                    _line(calls, backup)
        el("p", "faint where", f"Kept in {calls.place.backups}")


def _line(calls: Calls, backup: Backup) -> None:
    when, why = _moment(backup.created), REASONS.get(backup.reason, backup.reason.replace("-", " ").capitalize())
    with el("li", "row bcols"):
        with el("span", "name"):
            el("span", text=when)
            el("span", "faint only-phone", why)
        el("span", "dim m", why)
        el("span", "num dim m", _size(backup.bytes))
        with el("span", "acts"):
            with el(
                "a", "btn quiet", href=f"/settings/backups/{backup.path.name}", download=backup.path.name,
                aria_label=f"Save a copy of the backup of {when}",
            ):  # fmt: skip
                icon("save")
                el("span", "hide", "Save a copy")
            button("Restore…", aria_label=f"Restore the backup of {when}").on("click", partial(_restore, calls, backup))


async def _back_up(calls: Calls, listed: Tag) -> None:
    with calls.told():
        made = await back_up_now(calls)
        _list(calls, listed, await backups(calls))
        say(f"Backed up and checked: {made.path.name}, {_size(made.bytes)}.")


async def _restore(calls: Calls, backup: Backup) -> None:
    await ask_and_restore(calls, backup.path, f"Everything goes back to how it was on {_moment(backup.created)}.")


async def ask_and_restore(calls: Calls, source: Path, says: str) -> None:
    """Restore a file of this computer if the person says yes; `says` is what it does to everything."""
    yes = await ask(
        "Restore this backup?",
        f"{says} What was written since then leaves the plan and the months.",
        "What is there now is backed up first, so you can come back to it from this page.",
        do="Restore",
        danger=True,
    )
    if not yes:
        return
    with calls.told():
        before = await restore_file(calls, source)
        if before is not None:
            say_next(f"Restored. What was there is kept as {before.path.name}.")


def _moment(created: datetime) -> str:
    local = created.astimezone()
    return f"{local.day} {YearMonth.of(local.date()).short_title} {local:%Y, %H:%M}"


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(1, count // 1000)} KB"
