"""Postings in and out: all of them as a CSV file, and those of a file into the months, after a look at them."""

from __future__ import annotations

from functools import partial

from fastapi import Response
from nicegui import app, ui
from nicegui.elements.upload_files import FileUpload

from quartermaster.domain.year_month import YearMonth
from quartermaster.formats.posting_file import Fault, PostingFile, read, written
from quartermaster.services.posting_files import Import, considered, export_postings, import_postings
from quartermaster.storage.work import Work
from quartermaster.ui.building import BUILT_WITHIN_S
from quartermaster.ui.calls import Calls
from quartermaster.ui.icons import icon
from quartermaster.ui.parts.file_choice import file_choice
from quartermaster.ui.parts.settings_rows import group, row
from quartermaster.ui.parts.snackbar import say
from quartermaster.ui.parts.tags import Tag, button, el
from quartermaster.ui.shell import shell

MOST_BYTES = 20_000_000
SHOWN_FAULTS = 20
DOWNLOAD = "/settings/files/postings.csv"


def register(calls: Calls) -> None:
    @ui.page("/settings/files", response_timeout=BUILT_WITHIN_S)
    def page() -> None:
        with shell(calls, title="Import and export", active="settings") as frame:
            with frame.lead:
                el("a", "btn quiet", "‹ Settings", href="/settings").move(target_index=0)
            with (
                group("Export"),
                row("All postings", "One CSV file of every month, for a spreadsheet or another program."),
            ):
                name = f"quartermaster-postings-{calls.today()}.csv"
                with el("a", "btn", href=DOWNLOAD, download=name):
                    icon("save")
                    el("span", text="Export postings")
            with group("Import"):
                hint = (
                    "A CSV file whose first line names the columns date, entry and amount; section, payee, description "
                    "and id may be there too. You see what would be added before anything is."
                )
                with row("Postings of a file", hint):
                    choice = _Importing(calls)
                choice.seen = el("div", role="status")

    @app.get(DOWNLOAD, include_in_schema=False)
    async def download() -> Response:
        lines = await calls.read(export_postings)
        data = await calls.off_the_loop(partial(written, lines, calls.money))
        return Response(data, media_type="text/csv", headers={"cache-control": "no-store"})


class _Importing:
    """The button that chooses a file, and below it what the chosen file would add."""

    seen: Tag

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        file_choice(
            "Choose a file…", accept=".csv,.txt,text/csv", most_bytes=MOST_BYTES, chosen=self._chosen,
            too_large=lambda: say(f"The file is larger than {MOST_BYTES // 1_000_000} MB. Split it into several."),
        )  # fmt: skip

    async def _chosen(self, upload: FileUpload) -> None:
        calls = self._calls
        with calls.told():
            data = await upload.read()
            file = await calls.off_the_loop(partial(read, data, calls.money))
            found = await calls.read(considered, file, calls.money)
            self._show(upload.name, file, found)

    def _show(self, name: str, file: PostingFile, found: Import) -> None:
        self.seen.empty()
        with self.seen, el("section", "setrow seen-file"), el("div"):
            el("h3", "settitle", name)
            if found.faults:
                _faults(found.faults)
                return
            el("p", text=_summary(found))
            if found.drafts:
                adding = f"Add {_counted(len(found.drafts))}"
                button(adding, "btn pri").on("click", partial(self._add, file))

    async def _add(self, file: PostingFile) -> None:
        with self._calls.told():
            done, action = await self._calls.write(_added, file, self._calls.money)
            undo = partial(self._calls.undo, action) if action is not None else None
            say(f"{_counted(len(done.drafts))} added.", undo=undo)
            # Last: with it goes the button that was pressed, and what is drawn is drawn beside that.
            self.seen.empty()


def _added(work: Work, *given: object) -> tuple[Import, int | None]:
    return import_postings(work, *given), work.action  # type: ignore[arg-type]  # as `write` was given them


def _faults(faults: tuple[Fault, ...]) -> None:
    el(
        "p",
        text=f"Nothing can be added yet: {len(faults):,} of its lines cannot be. Mend them and choose the file again.",
    )
    with el("ul", "plainlist faults"):
        for fault in faults[:SHOWN_FAULTS]:
            with el("li"):
                el("b", text=f"Line {fault.number:,}")
                el("span", text=fault.sentence)
    if len(faults) > SHOWN_FAULTS:
        el("p", "hintline", f"And {len(faults) - SHOWN_FAULTS:,} more.")


def _summary(found: Import) -> str:
    known = f"{_counted(found.known)} {'is' if found.known == 1 else 'are'} here already" if found.known else ""
    if not found.drafts:
        return f"Nothing to add: {known or 'the file holds no postings'}."
    added = f"{_counted(len(found.drafts))} to add, {_where(found.months)}."
    return f"{added} {known[0].upper()}{known[1:]}." if known else added


def _where(months: tuple[YearMonth, ...]) -> str:
    return f"in {months[0].title}" if len(months) == 1 else f"from {months[0].title} to {months[-1].title}"


def _counted(count: int) -> str:
    return "1 posting" if count == 1 else f"{count:,} postings"
