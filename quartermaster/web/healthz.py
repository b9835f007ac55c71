"""`GET /healthz`: whether the data can be read. A plain route: no sign-in, no page is built."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import JSONResponse

ANSWER_WITHIN_S = 1.0
"""A sound file answers in a millisecond and a locked one in fifty; a machine that is busy otherwise may need more."""
_log = logging.getLogger("quartermaster.events")


def healthz(database: Callable[[], Path]) -> APIRouter:
    """The route. `database` names the file that is in use now."""
    router = APIRouter()
    # A thread of its own: the answer never waits behind the pages' work.
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="healthz")

    # HEAD too: some monitors ask no other way.
    @router.api_route("/healthz", methods=["GET", "HEAD"], include_in_schema=False)
    async def answer() -> JSONResponse:
        asked = asyncio.get_running_loop().run_in_executor(thread, _select_one, database())
        try:
            # Not wait_for: from Python 3.12 on it also gives up what was answered in time while a page held the loop.
            await asyncio.wait([asked], timeout=ANSWER_WITHIN_S)
            if not asked.done():
                asked.cancel()
                raise TimeoutError  # noqa: TRY301  # said in the one way in which all is said
            asked.result()
        except Exception as error:  # noqa: BLE001  # whatever it is, the probe is told its class and nothing more
            name = type(error).__name__
            _log.error("healthz_failed", extra={"event": "healthz_failed", "exception": name})
            return JSONResponse({"status": "error", "detail": name}, status_code=503)
        return JSONResponse({"status": "ok"})

    return router


def _select_one(path: Path) -> None:
    """Ask the file itself: a connection that was opened before would not notice that the file is gone."""
    uri = f"{path.resolve().as_uri()}?mode=rw"
    with closing(sqlite3.connect(uri, uri=True, timeout=0.05)) as connection:
        connection.execute("SELECT 1 FROM this_device").fetchone()
