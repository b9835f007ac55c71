"""Rows that are not what the log makes of them, although the other side's are: made anew."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

from quartermaster.storage.digest import Digest
from quartermaster.storage.replay import replay
from quartermaster.storage.work import Work

_log = logging.getLogger("quartermaster.events")


def repair(writing: Callable[[], AbstractContextManager[Work]], digest: Digest, other: UUID) -> bool:
    """Say it, replay the log, and let the digest look at all rows again; whether any is another one by that."""
    _log.warning("rows_differ", extra={"event": "rows_differ", "device": str(other)})
    with writing() as work:
        before = Digest().of(work.connection)
        replay(work)
        is_mended = Digest().of(work.connection) != before
    digest.forget()
    return is_mended
