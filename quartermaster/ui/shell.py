"""The frame around every page: the rail (on a phone the bottom bar), the header, the page, and what opens above it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nicegui import context, ui
from nicegui.events import GenericEventArguments

from quartermaster.domain.year_month import YearMonth
from quartermaster.ui import drafts, theme
from quartermaster.ui.calls import Calls, told_of_a_bug
from quartermaster.ui.dialogs.keys import keys_dialog
from quartermaster.ui.dialogs.palette import palette_dialog
from quartermaster.ui.dialogs.quick_add import quick_add_dialog
from quartermaster.ui.dialogs.sync_state import sync_chip, sync_dialog
from quartermaster.ui.household_file import back_to_own
from quartermaster.ui.icons import brand_mark, icon
from quartermaster.ui.parts.modal import SCRIPT
from quartermaster.ui.parts.snackbar import place_for_snackbars, say
from quartermaster.ui.parts.tags import Tag, button, el
from quartermaster.ui.undoing import undo_keys

NAV = (
    ("plan", "Plan"),
    ("month", "Month"),
    ("ledger", "Ledger"),
    ("history", "History"),
    ("archive", "Archive"),
    ("settings", "Settings"),
)
NOT_ON_A_PHONE = ("ledger",)
"""Pages that the bar at a phone's foot has no room for; the archive leads there, and the palette does."""


@dataclass(frozen=True, slots=True)
class Shell:
    """Where a page may put things: the header's start and end. The page itself is the context."""

    lead: Tag
    trail: Tag


@contextmanager
def shell(calls: Calls, *, title: str, active: str = "", heading: bool = True) -> Iterator[Shell]:
    """Draw the frame; the page draws inside.

    `active` is the place in the rail: plan, month, ledger, history, archive or settings. The header shows `title` as
    the page's heading, unless `heading` is False: then the page puts its own `h1` into `page.lead`.
    """
    ui.page_title(" · ".join(filter(None, (title, calls.household_name, "Quartermaster"))))
    ui.add_head_html(theme.head() + SCRIPT + drafts.SCRIPT)
    client = context.client
    with client.layout:
        before = [_skip_link(), _rail(calls, active)]
        header = _header(calls, title if heading else None)
        for index, part in enumerate((*before, header.lead.parent_slot.parent)):  # type: ignore[union-attr]
            part.move(client.layout, index)
        place_for_snackbars()
    client.content.props("id=page tabindex=-1")
    ui.on("kept", lambda event: ui.navigate.reload() if drafts.take_over(event.args) else None)
    client.on_exception(lambda: say(told_of_a_bug()))
    calls.live.replaced.subscribe(lambda: None if client.id in calls.live.staying else ui.navigate.to("/"))
    if calls.in_demo:
        _demo_banner(calls)
    yield header
    with client.layout:
        _above_the_page(calls)


def _above_the_page(calls: Calls) -> None:
    opened = {
        "quick-add": quick_add_dialog(calls),
        "palette": palette_dialog(calls),
        "keys": keys_dialog(),
    }
    sync_dialog(calls)
    undo_keys(calls)

    async def on_opened(event: GenericEventArguments) -> None:
        if isinstance(event.args, str) and event.args in opened:
            await opened[event.args]()

    ui.on("opened", on_opened)
    with button("", "fab", data_opens="quick-add", data_key="a", aria_label="Add a posting"):
        icon("plus", 24)


def _skip_link() -> Tag:
    return el("a", "skip", "Skip to the page", href="#page")


def _rail(calls: Calls, active: str) -> Tag:
    links = {
        "plan": "/",
        "month": f"/month/{YearMonth.of(calls.today())}",
        "ledger": "/ledger",
        "history": "/history",
        "archive": "/archive",
        "settings": "/settings",
    }
    with el("nav", "rail", aria_label="Pages") as rail:
        with el("div", "brand"):
            brand_mark()
            el("span", text="Quartermaster")
        for name, label in NAV:
            if name == "settings":
                el("div", "sp")
            classes = "hide" if name in NOT_ON_A_PHONE else ""
            with el("a", classes, href=links[name], aria_current="page" if name == active else None):
                icon(name)
                el("span", text=label)
        with el("div", "hint"), button("", "", data_opens="keys", data_key="?"):
            el("kbd", text="?")
            el("span", text="Keys")
    return rail


def _header(calls: Calls, title: str | None) -> Shell:
    with el("header", "top"):
        with el("div", "lead") as lead:
            if title is not None:
                el("h1", text=title)
        with button("", "search", data_opens="palette", data_key="ctrl+k"):
            with el("span"):
                icon("find")
                el("span", "wide", "Find a posting, month, action…")
            el("kbd", text="Ctrl K", aria_hidden="true")
        sync_chip(calls)
        trail = el("div", "trail")
    return Shell(lead, trail)


def _demo_banner(calls: Calls) -> None:
    async def back() -> None:
        with calls.told():
            await back_to_own(calls)

    with el("div", "banner", role="note"):
        el("b", text="Demo household")
        el("span", "dim", "Look around and change what you like: your own budget is in a file of its own.")
        button("Back to my budget").on("click", back)
