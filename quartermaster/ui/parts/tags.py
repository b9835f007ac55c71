"""Plain HTML from Python: one element per tag, text that is never read as markup."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Self

from nicegui import context
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement
from nicegui.events import Handler
from nicegui.helpers import should_await

VALUE = "(e) => emit(e.target.value)"
"""A handler: what stands in the field."""


class Tag(TextElement):
    """An HTML element. `text` can be bound; as a context manager it takes children."""

    def __init__(self, tag: str, classes: str = "", text: str = "", **attributes: Any) -> None:
        super().__init__(tag=tag, text=text)
        if classes:
            self.classes(classes)
        for name, value in attributes.items():
            if value is not None:
                self._props[attribute_name(name)] = value

    def on(self, type: str, handler: Handler[Any] | None = None, *args: Any, **how: Any) -> Self:
        """As NiceGUI's; the handler is `in_its_place`."""
        return super().on(type, handler and in_its_place(handler), *args, **how)

    def set(self, **attributes: Any) -> None:
        """Change attributes; None removes one. Nothing is sent when all are as they were."""
        changed = False
        for name, value in attributes.items():
            key = attribute_name(name)
            if self._props.get(key) == value:
                continue
            changed = True
            if value is None:
                del self._props[key]
            else:
                self._props[key] = value
        if changed:
            self.update()

    def empty(self) -> None:
        """Remove what is inside. Nothing is sent where nothing is: the browser draws the whole page at each update."""
        if self.default_slot.children:
            self.clear()

    def focus(self) -> None:
        """Let the keyboard go on here, once the browser has drawn what was changed before."""
        self.client.run_javascript(f"getHtmlElement({self.id})?.focus()")

    def focus_back(self) -> None:
        """The same, unless the person is somewhere else by now: only a focus that fell to the page is caught."""
        self.client.run_javascript(f"document.activeElement===document.body&&getHtmlElement({self.id})?.focus()")

    def put(self, text: str) -> None:
        """Let a native control show this instead of what was typed or chosen in it."""
        # As JSON: what a browser sent is a text in the script, never a part of it.
        self.client.run_javascript(f"qmPut({json.dumps([self._props.get('id', self.html_id), text])})")


def el(tag: str, classes: str = "", text: str = "", **attributes: Any) -> Tag:
    """An element in the current context: `el("a", "btn", "Plan", href="/", aria_label="…", for_="…")`.

    Never give a native input a `value`: any update would rewrite what is being typed. `defaultValue` fills an
    untouched field.
    """
    if "value" in attributes and tag in ("input", "textarea", "select"):
        raise ValueError("use defaultValue: `value` would rewrite what is being typed")
    return Tag(tag, classes, text, **attributes)


def button(text: str, classes: str = "btn", **attributes: Any) -> Tag:
    """A button that submits nothing."""
    return el("button", classes, text, **{"type": "button", **attributes})


def in_its_place(handler: Handler[Any]) -> Callable[..., Any]:
    """The same, and it goes on where what it waits for takes the place away in which its element stands.

    A write is told to the pages before whoever wrote hears of it: the row may be gone by then.
    """

    # NiceGUI finds the page by that place, and does not itself keep it from being forgotten.
    @wraps(handler)
    def handled(*event: Any) -> Any:
        place = context.slot.parent
        answer: Any = handler(*event)
        return _held(answer, place) if should_await(answer) else answer

    return handled


async def _held(answer: Awaitable[Any], _place: Element) -> Any:
    return await answer


def attribute_name(name: str) -> str:
    """`aria_label` → `aria-label`, `for_` → `for`; names in camel case stay."""
    return name.rstrip("_").replace("_", "-")
