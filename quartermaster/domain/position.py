"""Where an entry stands in its section: whole numbers with room between, so that a move changes one entry."""

from __future__ import annotations

from collections.abc import Iterable

STEP = 1 << 20
MOST = 1 << 60
"""As far from 0 as a position is, either way."""


def between(before: int | None, after: int | None) -> int | None:
    """A position after `before` and ahead of `after` (None: the section's ends). None when there is no room."""
    if after is None:
        place = min((before or 0) + STEP, MOST)
    elif before is None:
        place = max(after - STEP, -MOST)
    else:
        place = (before + after) // 2
    has_room = (before is None or before < place) and (after is None or place < after)
    return place if has_room else None


def last(taken: Iterable[int]) -> int:
    """A position after all of these; beside the last one where there is no room after it."""
    return min(max(taken, default=0) + STEP, MOST)


def spread(count: int) -> list[int]:
    """Fresh positions for a whole section, in order."""
    return [STEP * (index + 1) for index in range(count)]
