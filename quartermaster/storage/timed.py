"""A store that says how long each unit of work took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from quartermaster.storage.store import Store
from quartermaster.storage.work import Work


class TimedStore(Store):
    """Calls `took` with "read" or "write" and seconds: waiting for others and the commit included, in any thread."""

    def __init__(
        self, path: Path, *, now_ms: Callable[[], int], new_id: Callable[[], UUID], took: Callable[[str, float], None]
    ) -> None:
        super().__init__(path, now_ms=now_ms, new_id=new_id)
        self._took = took

    @contextmanager
    def read(self) -> Iterator[Work]:
        began = time.perf_counter()
        try:
            with super().read() as work:
                yield work
        finally:
            self._took("read", time.perf_counter() - began)

    @contextmanager
    def write(self) -> Iterator[Work]:
        began = time.perf_counter()
        try:
            with super().write() as work:
                yield work
        finally:
            self._took("write", time.perf_counter() - began)
