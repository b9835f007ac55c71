"""The names that a branch of a fork goes by, and how a change is known again under such a name."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid5

from quartermaster.storage.change import Key, Sight

_VERSION_BYTE, _BY_MEANING = 6, 5


def names(device: UUID, first: bytes) -> Iterator[UUID]:
    """Ids for a branch of a device whose first change leads to the head `first`: the next one where one is taken."""
    name = device
    while True:
        name = uuid5(name, first.hex())
        yield name


def is_that(edit: Key, seen: Sight) -> bool:
    """Whether an edit is the one that somebody saw: under the same name, or with either under a branch's.

    What others had said of a branch before it got its name still names the former one, and they cannot be asked. Its
    stamps stay, and no device but a branch has an id that follows from meaning.
    """
    _, stamp, device = edit
    seen_at, seen_by = seen
    return stamp == seen_at and (device == seen_by or _is_name(device) or _is_name(seen_by))


def _is_name(device: bytes) -> bool:
    return device[_VERSION_BYTE] >> 4 == _BY_MEANING
