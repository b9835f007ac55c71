"""Edit in place: a figure or a name that becomes a field when it is chosen, at the same size."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.events import GenericEventArguments

from quartermaster.ui.calls import Calls
from quartermaster.ui.drafts import FIELD, LEFT, Draft
from quartermaster.ui.parts.tags import VALUE, Tag, button, el


class InlineEdit:
    """Enter and leaving the field save, Esc restores. A refusal keeps what was typed, with the sentence beneath.

    `typed` gives the text that the field starts with; `save` takes what was typed and may raise Refused. With a
    `draft`, a key of its own, what was typed and not saved is there again after a reload.
    """

    def __init__(
        self,
        calls: Calls,
        label: str,
        typed: Callable[[], str],
        save: Callable[[str], Awaitable[None]],
        *,
        classes: str = "",
        tag: str = "input",
        draft: str = "",
    ) -> None:
        self._calls, self._label, self._typed, self._save = calls, label, typed, save
        self._tag, self._classes = tag, classes
        self._field: Tag | None = None
        self._before = ""
        self._draft = Draft(draft) if draft else None
        with el("span", f"edit {classes}".strip()) as self._place:
            self.button = button("", "editable", data_holds="").on("click", self.open, args=[])
            with self.button:
                el("span", "unseen", label)
        if self._draft is not None and (kept := self._draft.fields.get(FIELD)) is not None:
            self._show(kept)

    def open(self) -> None:
        """Show the field, with its text selected."""
        if self._field is None:
            field = self._show(self._typed())
            ui.run_javascript(f"qmType({field.id},true)")

    def _show(self, text: str) -> Tag:
        self._before = self._typed()
        self.button.set(hidden=True)
        with self._place:
            field = self._field = el(
                self._tag,
                "in num" if "num" in self._classes else "in",
                defaultValue=text,
                aria_label=self._label,
                autocomplete="off",
            )
            self._message = el("span", "err", role="alert")
        keys = "keydown.enter" if self._tag == "input" else "keydown.ctrl.enter"
        field.on(keys, self._entered, js_handler=VALUE)
        field.on("blur", self._left, js_handler=LEFT)
        field.on("keydown.esc.stop", self._escaped, args=[])
        if self._draft is not None:
            self._draft.watch_field(field)
        return field

    async def _entered(self, event: GenericEventArguments) -> None:
        await self._keep(str(event.args), back=True)

    async def _left(self, event: GenericEventArguments) -> None:
        await self._keep(str(event.args), back=False)

    def _escaped(self) -> None:
        self._close(back=True)

    async def _keep(self, typed: str, *, back: bool) -> None:
        if self._field is None:
            return
        if typed == self._before:
            self._close(back=back)
            return
        refused = False

        def show(sentence: str, _at: str | None) -> None:
            nonlocal refused
            refused = True
            if self._field is not None:
                self._field.set(aria_invalid="true")
                self._message.set_text(sentence)

        saved = False
        with self._calls.told(show):
            await self._save(typed)
            saved = True
        if saved and not refused:
            self._close(back=back)

    def _close(self, *, back: bool) -> None:
        if self._field is None:
            return
        if self._draft is not None:
            self._draft.drop()
        field, self._field = self._field, None
        field.delete()
        self._message.delete()
        self.button.set(hidden=None)
        if back:
            self.button.focus_back()


def read_amount(calls: Calls, typed: str) -> int:
    """A planned amount: nothing typed means zero."""
    return calls.money.read(typed, field="planned") if typed.strip() else 0
