"""How moments are shown."""

from __future__ import annotations

from datetime import date, datetime

from quartermaster.domain.year_month import YearMonth


def local_day(ms: int) -> str:
    """`17 May 2026`, where this program runs; `ms` since 1970, UTC."""
    day = datetime.fromtimestamp(ms / 1000).astimezone()
    return f"{day.day} {YearMonth.of(day.date()).short_title} {day.year}"


def local_moment(ms: int) -> str:
    """`17 May 2026, 14:05`, in the same way."""
    moment = datetime.fromtimestamp(ms / 1000).astimezone()
    return f"{local_day(ms)}, {moment:%H:%M}"


def local_time(ms: int) -> str:
    """`14:05`, in the same way."""
    return f"{datetime.fromtimestamp(ms / 1000).astimezone():%H:%M}"


def day_of(ms: int) -> date:
    """The day of a moment, where this program runs."""
    return datetime.fromtimestamp(ms / 1000).astimezone().date()


def since(ms: int, today: date) -> str:
    """The shortest that tells a moment before: `14:05` of today, otherwise `17 May` or `17 May 2025`."""
    day = day_of(ms)
    if day == today:
        return local_time(ms)
    return local_day(ms) if day.year != today.year else f"{day.day} {YearMonth.of(day).short_title}"
