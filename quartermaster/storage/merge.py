"""Last writer wins, field by field: pure, idempotent and independent of order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from quartermaster.storage.branch import is_that
from quartermaster.storage.change import INSERT, Change, Key, Sight

RULES = 2
"""Counts up when the same changes make other rows than before: what older rules made is made anew, and not compared."""
NOT_BORN: Key = (-1, 0, b"")
DELETED = "deleted"
PLACES = {"posting": "entry_id"}
"""Of a kind that stands on another record, the field that says on which."""


@dataclass(slots=True)
class RecordState:
    """What is known of one record: each field's wire value, and the key of the change that set it.

    `born` is the winning insert's key, NOT_BORN until one has arrived. `edits` has the keys of edited fields only.
    `gone_from` is where the record stood when it was deleted, as its deleter saw it.
    """

    kind: str
    id: UUID
    born: Key = NOT_BORN
    values: dict[str, Any] = field(default_factory=dict)
    edits: dict[str, Key] = field(default_factory=dict)
    gone_from: Sight | None = None

    @property
    def exists(self) -> bool:
        """Whether a row can be made: an edit may arrive before the insert that it edits."""
        return self.born != NOT_BORN

    @property
    def is_deleted(self) -> bool:
        """Whether its tombstone counts. It does not where the record stands somewhere else than its deleter saw.

        Who deletes an entry with its postings does not mean one that another device had moved away by then.
        """
        if not self.values.get(DELETED):
            return False
        return self.gone_from is None or not is_later(self.edits.get(PLACES[self.kind]), self.gone_from)

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
                if name == DELETED:
                    self.gone_from = change.saw(PLACES.get(self.kind)) if value else None
        if change.op == INSERT:
            self.born = max(self.born, key)


def is_later(edit: Key | None, seen: Sight) -> bool:
    """Whether an edit is later than the value that somebody saw in its place."""
    return edit is not None and edit[1:] > seen and not is_that(edit, seen)
