"""The keys, all of them on one card."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from quartermaster.ui.parts.modal import modal
from quartermaster.ui.parts.tags import el

KEYS = (
    ("Anywhere", (
        (("Ctrl", "K"), "Find a posting, a page, a month or an action"),
        (("A",), "Add a posting"),
        (("Ctrl", "Z"), "Undo what you did last; Ctrl Shift Z does it again"),
        (("U",), "Undo what the message at the foot says"),
        (("?",), "Show these keys"),
    )),
    ("While typing", (
        (("Enter",), "Save, and go on to the next"),
        (("Esc",), "Leave it as it was"),
        (("Tab",), "The next field; with Shift the one before"),
    )),
    ("In a list", (
        (("Enter",), "Open or edit what has the focus"),
        (("Alt", "↑"), "Move the entry up; Alt ↓ moves it down"),
        (("[", ), "The month before; ] the month after"),
    )),
)  # fmt: skip


def keys_dialog() -> Callable[[], Awaitable[None]]:
    """The card is drawn when it is first asked for."""
    drawn = False
    with modal("keys", "Keys"):
        body = el("div")

    async def opened() -> None:
        nonlocal drawn
        if drawn:
            return
        drawn = True
        with body:
            for title, keys in KEYS:
                el("h3", "lab keys-title", title)
                with el("dl", "keys"):
                    for combination, meaning in keys:
                        with el("dt"):
                            for key in combination:
                                el("kbd", text=key)
                        el("dd", text=meaning)

    return opened
