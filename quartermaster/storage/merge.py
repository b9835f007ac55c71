"""Last writer wins, field by field: pure, idempotent and independent of order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from quartermaster.storage.change import INSERT, Change, Key

NOT_BORN: Key = (-1, 0, b"")


@dataclass(slots=True)
class RecordState:
    """What is known of one record: each field's wire value, and the key of the change that set it.

    `born` is the winning insert's key, NOT_BORN until one has arrived. `edits` has the keys of edited fields only.
    """

    kind: str
    id: UUID
    born: Key = NOT_BORN
    values: dict[str, Any] = field(default_factory=dict)
    edits: dict[str, Key] = field(default_factory=dict)

    @property
    def exists(self) -> bool:
        """Whether a row can be made: an edit may arrive before the insert that it edits."""
        return self.born != NOT_BORN

    def key_of(self, name: str) -> Key:
        """Which change set this field."""
        return self.edits.get(name, self.born)

    def merge(self, change: Change) -> None:
        """Let the change win the fields that it wins."""
        key = change.key
        if change.op == INSERT and key > self.born:
            # A field that the winning insert does not have is unset: an older program did not know of it.
            self.values = {name: value for name, value in self.values.items() if name in self.edits}
        for name, value in change.fields.items():
            if key > self.key_of(name):
                self.values[name] = value
                if change.op != INSERT:
                    self.edits[name] = key
        if change.op == INSERT:
            self.born = max(self.born, key)
