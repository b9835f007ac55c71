"""What takes an action back: the values that it replaced, where they were not replaced again since."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from quartermaster.storage.change import Key
from quartermaster.storage.merge import DELETED, RecordState


def reversal(before: RecordState, now: RecordState, keys: Collection[Key]) -> dict[str, Any]:
    """The fields, as they travel, that take back what the changes with these keys did to one record.

    `before` is the record without these changes. What was new then is deleted. Empty where nothing of them stands, and
    where the record was deleted by another change.
    """
    if not now.exists or (now.is_deleted and now.key_of(DELETED) not in keys):
        return {}
    if not before.exists:
        return {DELETED: True}
    return {
        name: before.values.get(name, False if name == DELETED else None)
        for name in now.values
        if now.key_of(name) in keys
    }
