"""A question before something that is not easily taken back."""

from __future__ import annotations

import asyncio

from nicegui import context, ui

from quartermaster.ui.parts.tags import button, el

ID = "ask"


async def ask(title: str, *paragraphs: str, do: str, danger: bool = False) -> bool:
    """Whether the person said yes. Esc, Cancel and a click beside the dialog say no."""
    said: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def answer(yes: bool) -> None:
        if not said.done():
            said.set_result(yes)

    client = context.client
    with client.layout, el("dialog", id=ID, role="alertdialog", aria_labelledby="ask-title", data_light="") as dialog:
        with el("div", "dhead"):
            el("h2", text=title, id="ask-title")
        with el("div", "dbody"):
            for paragraph in paragraphs:
                el("p", text=paragraph)
            with el("div", "dfoot"):
                button("Cancel", "btn quiet", data_closes="")
                button(do, "btn danger" if danger else "btn pri", autofocus=True).on("click", lambda: answer(True))
    dialog.on("close", lambda: answer(False), args=[])
    client.on_delete(lambda: answer(False))
    ui.run_javascript(f"qmOpen('{ID}')")
    try:
        return await said
    finally:
        if not dialog.is_deleted:
            dialog.delete()
