"""Restoring a file that the browser sends: streamed to the disk beside the data, never held in memory."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from nicegui import app
from nicegui.events import GenericEventArguments
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from quartermaster.storage.failures import StorageFailure, translated
from quartermaster.ui.calls import Calls, told_of_a_bug
from quartermaster.ui.household_file import restore_file
from quartermaster.ui.parts.modal import modal
from quartermaster.ui.parts.snackbar import say_next
from quartermaster.ui.parts.tags import button, el

PATH = "/settings/backups/restore"
DIALOG = "restore-file"
PREFIX = ".received-"
MOST_BYTES = 1_000_000_000
"""Some fifty times what a large household has."""
TOO_LARGE = "That file is larger than any household. Choose a backup that Quartermaster made."
SEND = f"""(e) => {{
  const file = e.target.elements.file.files[0];
  emit(["begun", ""]);
  fetch("{PATH}", {{method: "POST", body: file}})
    .then(async (r) => r.ok || emit(["refused", await r.text()]))
    .catch(() => emit(["refused", "The file did not arrive. Nothing was changed; try again."]));
}}"""


class _TooLarge(Exception):
    """More was sent than any household takes."""


def serve(calls: Calls) -> None:
    """The address that takes the file. Other sites' pages are kept out as from every other one."""

    @app.post(PATH, include_in_schema=False)
    async def receive(request: Request) -> Response:
        try:
            async with _received(calls, request) as path:
                return await _restored(calls, path)
        except _TooLarge:
            return PlainTextResponse(TOO_LARGE, 413)
        except StorageFailure as failure:
            return PlainTextResponse(failure.sentence, 409)
        except ClientDisconnect:
            return PlainTextResponse("It did not arrive.", 400)
        except Exception:  # noqa: BLE001  # as in `Calls.told`: a bug becomes a sentence, and is logged whole
            return PlainTextResponse(told_of_a_bug(), 500)


async def _restored(calls: Calls, path: Path) -> Response:
    try:
        before = await restore_file(calls, path, quietly=True)
    except StorageFailure as failure:
        # Where it lies for the moment says nothing to who chose it.
        return PlainTextResponse(failure.sentence.replace(str(path), "That file"), 409)
    said = f"Restored. What was there is kept as {before.path.name}." if before else "Restored."
    say_next(said, app.storage.user)
    return PlainTextResponse(said, background=BackgroundTask(calls.became_another))


def restore_dialog() -> None:
    """The dialog `restore-file`: choose a file, and read what it means."""
    with modal(DIALOG, "Restore from a file"), el("form") as form:
        el(
            "p",
            text="Everything goes back to how it is in that file. What was written since leaves the budget.",
        )
        el("p", text="What is there now is backed up first, so you can come back to it from this page.")
        el("input", "in file", type="file", name="file", required=True, accept=".db", aria_label="Backup to restore")
        refusal = el("p", "err", role="alert")
        with el("div", "dfoot"):
            button("Cancel", "btn quiet", data_closes="")
            send = el("button", "btn danger", "Restore", type="submit")

    def heard(event: GenericEventArguments) -> None:
        what, said = event.args
        begun = what == "begun"
        refusal.set_text("" if begun else str(said))
        send.set_text("Restoring…" if begun else "Restore")
        send.set(disabled=True if begun else None)

    form.on("submit.prevent", heard, js_handler=SEND)


@asynccontextmanager
async def _received(calls: Calls, request: Request) -> AsyncIterator[Path]:
    """The file that was sent, which is gone at the end. Raises StorageFailure and _TooLarge."""
    if int(request.headers.get("content-length") or 0) > MOST_BYTES:
        raise _TooLarge
    beside = calls.place.database.parent
    with translated():
        folder = Path(await calls.off_the_loop(partial(tempfile.mkdtemp, prefix=PREFIX, dir=beside)))
    path, taken = folder / "received.db", 0
    try:
        with translated(), path.open("wb") as file:
            async for chunk in request.stream():
                taken += len(chunk)
                if taken > MOST_BYTES:
                    raise _TooLarge
                await calls.off_the_loop(partial(file.write, chunk))
        yield path
    finally:
        await calls.off_the_loop(partial(shutil.rmtree, folder))
