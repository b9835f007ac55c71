"""What a person did last in this browser, so that it can be undone and redone; it survives a reload and a restart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from nicegui import context

from quartermaster.ui.person import person

MOST = 100
"""Actions that are remembered."""
_KEY = "actions"


@dataclass(frozen=True, slots=True)
class Own:
    """An action to take back next, and the one that it goes back to: of an undone undo, what was done at first."""

    action: int
    root: int


class OwnActions:
    """The actions of one person on one device: another data file, or a restored one, begins anew."""

    def __init__(self, device: UUID) -> None:
        self._device = device.hex
        kept: Any = person().get(_KEY)
        same = isinstance(kept, dict) and kept.get("device") == self._device
        self._done: list[list[int]] = [list(pair) for pair in kept["done"]] if same else []
        self._undone: list[list[int]] = [list(pair) for pair in kept["undone"]] if same else []

    @property
    def to_undo(self) -> Own | None:
        return Own(*self._done[-1]) if self._done else None

    @property
    def to_redo(self) -> Own | None:
        return Own(*self._undone[-1]) if self._undone else None

    def did(self, action: int) -> None:
        """Something new was done: what was undone before cannot be redone any more."""
        self._done.append([action, action])
        self._undone.clear()
        self._keep()

    def root_of(self, action: int) -> int:
        """The action that an undo or redo of this one is about."""
        return next((root for number, root in (*self._done, *self._undone) if number == action), action)

    def is_undone(self, action: int) -> bool:
        """Whether to take it back is to redo something."""
        return any(number == action for number, _ in self._undone)

    def took_back(self, action: int, by: int | None) -> None:
        """The action was taken back by the one numbered `by`; None where nothing of it was left."""
        root, redone = self.root_of(action), self.is_undone(action)
        self._done = [pair for pair in self._done if pair[0] != action]
        self._undone = [pair for pair in self._undone if pair[0] != action]
        if by is not None:
            (self._done if redone else self._undone).append([by, root])
        self._keep()

    def _keep(self) -> None:
        person()[_KEY] = {"device": self._device, "done": self._done[-MOST:], "undone": self._undone[-MOST:]}


def is_somebody_s() -> bool:
    """Whether this runs for a person's page; what the program does by itself is nobody's to undo."""
    return bool(context.slot_stack)
