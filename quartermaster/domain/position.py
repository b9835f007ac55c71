"""Where an entry stands in its section: whole numbers with room between, so that a move changes one entry."""

from __future__ import annotations

STEP = 1 << 20


def between(before: int | None, after: int | None) -> int | None:
    """A position after `before` and ahead of `after` (None: the section's ends). None when there is no room."""
    if before is None and after is None:
        return STEP
    if after is None:
        return (before or 0) + STEP
    if before is None:
        return after - STEP
    middle = (before + after) // 2
    return middle if before < middle < after else None


def spread(count: int) -> list[int]:
    """Fresh positions for a whole section, in order."""
    return [STEP * (index + 1) for index in range(count)]
