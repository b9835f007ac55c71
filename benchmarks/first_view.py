"""The first view model of a process, timed: `python -m benchmarks.first_view FILE month|plan` prints milliseconds."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from uuid import uuid4

from benchmarks.household import LAST_MONTH, now_ms
from quartermaster.services.month_views import month_view
from quartermaster.services.plans import plan_view
from quartermaster.storage.store import Store


def main(path: Path, which: str) -> None:
    store = Store(path, now_ms=now_ms, new_id=uuid4)
    # The program has spoken with its file by the time it can show a page; no statement was compiled for one.
    store.found("USD")
    before = time.perf_counter()
    with store.read() as work:
        shown = month_view(work, LAST_MONTH) if which == "month" else plan_view(work)
    print((time.perf_counter() - before) * 1000)
    assert shown is not None
    store.close()


main(Path(sys.argv[1]), sys.argv[2])
