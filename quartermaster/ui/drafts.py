"""What is being typed, kept per person on the server: a forced reload or a restart brings it back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from nicegui.events import GenericEventArguments

from quartermaster.ui.parts.tags import Tag
from quartermaster.ui.person import person

KEPT = "drafts"
THROTTLE_S = 0.4
LONGEST = 20_000
FORM_DATA = "(e) => emit(Object.fromEntries(new FormData(e.target.form ?? e.currentTarget)))"
"""A handler for `input` and `submit`: the form's fields by name."""


class Draft:
    """The fields of one form, by name. `key` says which form: one per place where something is typed.

    `needs` are the fields that a person types; what stands in the others alone is not worth keeping.
    """

    def __init__(self, key: str, *, needs: Collection[str] = ()) -> None:
        self.key = key
        self._needs = needs
        self._sent: dict[str, str] | None = None

    @property
    def fields(self) -> dict[str, str]:
        """What was typed and not yet sent; for `defaultValue`."""
        kept = person().get(KEPT, {}).get(self.key, {})
        return {str(name): str(text) for name, text in kept.items()}

    def watch(self, form: Tag) -> None:
        """Keep what is typed into this form, a little after each pause."""
        form.on(
            "input", self._typed, throttle=THROTTLE_S, leading_events=False, trailing_events=True, js_handler=FORM_DATA
        )

    def keep(self, fields: Mapping[str, str]) -> None:
        """Keep these fields. The late event that repeats what was just sent is ignored."""
        said = {name: text for name, text in fields.items() if text and len(text) <= LONGEST}
        if said == self._sent:
            return
        self._sent = None
        if said and (not self._needs or any(said.get(name, "").strip() for name in self._needs)):
            person().setdefault(KEPT, {})[self.key] = said
        else:
            self._drop()

    def sent(self, fields: Mapping[str, str]) -> None:
        """It was saved: nothing is left to bring back."""
        self._sent = {name: text for name, text in fields.items() if text}
        self._drop()

    def _drop(self) -> None:
        person().get(KEPT, {}).pop(self.key, None)

    def _typed(self, event: GenericEventArguments) -> None:
        self.keep(form_fields(event.args))


def form_fields(data: Any) -> dict[str, str]:
    """The text fields of what a form sent; a browser can send anything."""
    if not isinstance(data, dict):
        return {}
    return {str(name): text for name, text in data.items() if isinstance(text, str)}
