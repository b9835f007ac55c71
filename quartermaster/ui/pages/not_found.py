"""Pages for what is not there, and for what went wrong: each with one way on."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from nicegui import Client, app, context, ui

from quartermaster.domain.errors import Refused
from quartermaster.domain.year_month import YearMonth
from quartermaster.storage.failures import StorageFailure
from quartermaster.ui import theme
from quartermaster.ui.calls import Calls, logged_bug
from quartermaster.ui.icons import brand_mark
from quartermaster.ui.parts.tags import el
from quartermaster.ui.shell import shell

NO_PAGES = ("/_nicegui", "/static/", "/favicon")


def register(calls: Calls) -> None:
    @app.exception_handler(404)
    async def missing(request: Request, _error: Exception) -> Response:
        if request.url.path.startswith(NO_PAGES):
            return PlainTextResponse("Not found", status_code=404)
        with Client(ui.page(""), request=request) as client:
            show_not_found(calls, f"Nothing is at {request.url.path[:60]}. The address may be mistyped or old.")
        return client.build_response(request, 404)

    app.on_page_exception(lambda error: _show_error(calls, error))


def show_not_found(calls: Calls, sentence: str) -> None:
    """Draw the whole page that says what is missing, and answer 404. For pages whose address names nothing."""
    context.client.status_code = 404
    this = YearMonth.of(calls.today())
    with shell(calls, title="Not found"), el("div", "empty"):
        brand_mark(44)
        el("h2", text="There is no such page")
        el("p", text=sentence)
        with el("div", "acts"):
            el("a", "btn pri", f"Go to {this.title}", href=f"/month/{this}")
            el("a", "btn", "See the plan", href="/")
            el("a", "btn", "All months", href="/archive")


def _show_error(calls: Calls, error: Exception) -> None:
    """Draw without the frame, which may be what broke."""
    if isinstance(error, Refused):
        sentence, bug = error.sentence(calls.money), None
    elif isinstance(error, StorageFailure):
        sentence, bug = error.sentence, None
    else:
        sentence, bug = "Your data is as it was before this page was asked for. Try again in a moment.", logged_bug()
    ui.page_title("Something went wrong · Quartermaster")
    ui.add_head_html(theme.head())
    with context.client.content.classes("alone"), el("div", "empty"):
        brand_mark(44)
        el("h1", text="This page could not be shown" if bug is None else "Something went wrong")
        el("p", text=sentence)
        if bug is not None:
            el("p", "faint", f"If it happens again, report it with the number {bug}.")
        with el("div", "acts"):
            el("a", "btn pri", "Try again", href="")
            el("a", "btn", "See the plan", href="/")
            el("a", "btn", "Backups", href="/settings/backups")
