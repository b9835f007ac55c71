"""What takes an action back: the values that it replaced, where what it wrote still stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from quartermaster.storage.change import INSERT, Change
from quartermaster.storage.merge import DELETED, RecordState


def reversal(said: Sequence[Change], others: Sequence[Change], now: RecordState) -> dict[str, Any]:
    """The fields, as they travel, that take back what one action `said` of one record. Empty where nothing stands.

    `others` is what else the log has of it. What was new in the action is deleted. A value stands as long as nobody
    wrote another; one that its own device wrote again stands too, or an undo could not be followed by the one before.
    """
    if not now.exists:
        return {}
    without = _merged(now, others)
    if not without.exists:
        # A household that began cannot be taken back: all else stands in it.
        return {} if now.is_deleted or now.kind == "household" else {DELETED: True}
    wrote = {name: change for change in said for name in change.fields if name in now.values}
    fields = {
        name: _before(change, without, others).values.get(name, False if name == DELETED else None)
        for name, change in wrote.items()
        if _stands(name, change, now)
    }
    return {} if now.is_deleted and DELETED not in fields else fields


def _stands(name: str, change: Change, now: RecordState) -> bool:
    writer = now.key_of(name)
    if writer == change.key:
        return True
    return writer[2] == change.device.bytes and now.values.get(name) == change.fields[name]


def _before(change: Change, without: RecordState, others: Iterable[Change]) -> RecordState:
    """The record as it was ahead of the change. Two inserts of one record mean the same, whenever they came."""
    if change.op == INSERT:
        return without
    return _merged(without, (other for other in others if other.key < change.key))


def _merged(like: RecordState, changes: Iterable[Change]) -> RecordState:
    state = RecordState(like.kind, like.id)
    for change in changes:
        state.merge(change)
    return state
