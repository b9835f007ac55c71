"""Clocks that are wrong: sync goes on all the same, but a person should know."""

from __future__ import annotations

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
AGREES_MS = 5 * MINUTE_MS
"""Clocks that are no further apart are right for a budget."""
AHEAD_MS = DAY_MS
TOLD_FOR_MS = DAY_MS
"""So long it is said that a change was dated far ahead."""


def doubt(*, off_ms: int) -> str:
    """What to tell a person; nothing where all is well. `off_ms` is the server's clock minus this one's."""
    if abs(off_ms) > AGREES_MS:
        way = "behind" if off_ms > 0 else "ahead of"
        return (
            f"This device's clock is {_span(abs(off_ms))} {way} the server's. Set the one that is wrong: "
            "until then, of two edits that did not see each other the wrong one may stand."
        )
    return ""


def leap(*, before_ms: int, latest_ms: int, now_ms: int) -> str:
    """What to tell a person of changes that arrived: `before_ms` is what was latest, and `latest_ms` what is now.

    Nothing but what is dated far beyond both this clock and all before it. Every stamp follows the greatest that is
    known, so after one clock that was wrong all of them are ahead of now, for as long as it was.
    """
    ahead_ms = latest_ms - now_ms
    if ahead_ms > AHEAD_MS and latest_ms - before_ms > AHEAD_MS:
        return (
            f"Some device has dated a change {_span(ahead_ms)} ahead of now. Everything goes on; "
            "set that device's clock right if it is still wrong."
        )
    return ""


def _span(ms: int) -> str:
    for unit, name in ((365 * DAY_MS, "year"), (DAY_MS, "day"), (HOUR_MS, "hour"), (MINUTE_MS, "minute")):
        if ms >= unit:
            count = ms // unit
            return f"{count:,} {name}{'s' if count != 1 else ''}"
    return "a moment"
