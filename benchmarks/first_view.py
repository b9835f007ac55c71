"""What a page reads first in a process, timed: `python -m benchmarks.first_view FILE PAGE` prints milliseconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from benchmarks.household import LAST_MONTH, now_ms
from quartermaster.services.month_views import month_list, month_view
from quartermaster.services.plans import PlanView, plan_view
from quartermaster.services.sinking_funds import funds
from quartermaster.storage.store import Store
from quartermaster.storage.work import Work


def plan_page(work: Work) -> tuple[PlanView, object]:
    """The plan, and how its sinking funds stand."""
    view = plan_view(work)
    return view, funds(work, view.entries, LAST_MONTH)


READS: dict[str, Callable[[Work], object]] = {
    "month": lambda work: month_view(work, LAST_MONTH),
    "plan": plan_page,
    "archive": month_list,
    "months": Work.months,
}


def main(path: Path, which: str) -> None:
    store = Store(path, now_ms=now_ms, new_id=uuid4)
    # The program has spoken with its file by the time it can show a page; no statement was compiled for one.
    store.found("USD")
    before = time.perf_counter()
    with store.read() as work:
        shown = READS[which](work)
    print((time.perf_counter() - before) * 1000)
    assert shown is not None
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
