"""The time and the ids with which a program writes."""

from __future__ import annotations

import secrets
import time
from uuid import UUID


def now_ms() -> int:
    """Milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


def time_ordered_id() -> UUID:
    """A UUID of version 7 (RFC 9562): ids made one after the other stay neighbours in the file."""
    random = int.from_bytes(secrets.token_bytes(10), "big")
    high = now_ms() << 16 | 7 << 12 | random >> 68
    return UUID(int=high << 64 | 0b10 << 62 | random & (1 << 62) - 1)
