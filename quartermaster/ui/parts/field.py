"""A labelled field that keeps what was typed, with the sentence that refuses it beneath."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quartermaster.ui.parts.tags import Tag, el


@dataclass(frozen=True, slots=True)
class Field:
    """The native control and its message."""

    control: Tag
    message: Tag

    def refuse(self, sentence: str, *, focus: bool = False) -> None:
        """Show why not, or with "" that nothing is wrong. What was typed stays."""
        self.message.set_text(sentence)
        self.control.set(aria_invalid="true" if sentence else None)
        if sentence and focus:
            self.control.focus()


def field(
    label: str, name: str, typed: Mapping[str, str], *, tag: str = "input", classes: str = "", **attributes: Any
) -> Field:
    """Label, control and an empty message. `typed` fills the control as long as it is untouched."""
    with el("div", "field"):
        title = el("label", text=label)
        control = el(tag, f"in {classes}".strip(), name=name, **attributes)
        message = el("p", "err", role="alert")
    if name in typed:
        control.set(defaultValue=typed[name])
    title.set(for_=f"c{control.id}")
    message.set(id=f"c{message.id}")
    control.set(aria_describedby=f"c{message.id}")
    return Field(control, message)
