"""Run as a program: for each line on stdin a process of its own adds postings, one a commit, until it is killed.

Arguments: the data file, the id of the entry. On stdout: `begun PID`, `added ID` after each commit, `ended`.
What every round needs is imported once; each opens the file anew, as a program does that starts after a power cut.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

from quartermaster.domain.posting import PostingDraft
from quartermaster.services.postings import add_posting
from quartermaster.storage.store import Store


def main(path: Path, entry: UUID) -> None:
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                post(path, entry)
            except BaseException:  # noqa: BLE001  # nothing of this process may go on with the loop
                traceback.print_exc()
            os._exit(1)
        os.waitpid(child, 0)
        say("ended")


def post(path: Path, entry: UUID) -> None:
    store = Store(path, now_ms=lambda: time.time_ns() // 1_000_000, new_id=uuid4)
    say(f"begun {os.getpid()}")
    while True:
        draft = PostingDraft(id=uuid4(), entry_id=entry, day=date(2026, 5, 17), amount=1, payee="Marlow Market")
        with store.write() as work:
            add_posting(work, draft)
        say(f"added {draft.id}")


def say(line: str) -> None:
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), UUID(sys.argv[2]))
