"""A question before something that is not easily taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from nicegui import context, ui

from quartermaster.ui.parts.tags import Tag, button, el


async def ask(title: str, *paragraphs: str, do: str, danger: bool = False) -> bool:
    """Whether the person said yes. Esc, Cancel and a click beside the dialog say no.

    A page asks one thing at a time: a later question answers the one before with no. Where another dialog is open as
    the question arrives, nobody sees it, and that is no as well.
    """
    client = context.client
    for tag in list(client.layout.default_slot.children):
        if isinstance(tag, _Question):
            tag.end()
    with client.layout:
        question = _Question(title, paragraphs, do, "btn danger" if danger else "btn pri")
    client.on_delete(lambda: question.answer(yes=False))
    shown = f"getHtmlElement({question.id})"
    ui.run_javascript(f"qmOpen('{question.html_id}')||{shown}?.dispatchEvent(new Event('close'))")
    try:
        return await question.said
    finally:
        question.end()


class _Question(Tag):
    """The dialog, with an id of its own: two that are on their way are two."""

    def __init__(self, title: str, paragraphs: Sequence[str], do: str, classes: str) -> None:
        super().__init__("dialog", "ask", role="alertdialog", data_light="")
        self.said: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        with self:
            with el("div", "dhead"):
                self.set(aria_labelledby=el("h2", text=title).html_id)
            with el("div", "dbody"):
                for paragraph in paragraphs:
                    el("p", text=paragraph)
                with el("div", "dfoot"):
                    button("Cancel", "btn quiet", data_closes="")
                    button(do, classes, autofocus=True).on("click", lambda: self.answer(yes=True), args=[])
        self.on("close", lambda: self.answer(yes=False), args=[])

    def answer(self, *, yes: bool) -> None:
        if not self.said.done():
            self.said.set_result(yes)

    def end(self) -> None:
        """Answer no, unless it was answered, and go."""
        self.answer(yes=False)
        if not self.is_deleted:
            self.delete()
