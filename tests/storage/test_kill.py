"""Killed at once, at any moment, as by a power cut: what was acknowledged is there and the file is sound."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

from quartermaster.storage.doctor import examine
from quartermaster.storage.store import Store
from tests.conftest import Clock
from tests.living import entry, line, plan_entry, posted, started
from tests.running import CHECKOUT

KILLS = 50
MOST_POSTINGS = 30
MOST_MORE_S = 0.004
"""Longer than a commit takes: the kill hits anywhere from before its first byte to after its last."""

Program = subprocess.Popen[str]


@contextmanager
def poster(database: Path, here: UUID) -> Iterator[Program]:
    script = Path(__file__).with_name("posting_until_killed.py")
    with subprocess.Popen(
        [sys.executable, str(script), str(database), str(here)],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        yield program


def killed(program: Program, chance: random.Random) -> list[UUID]:
    """Let one process post, kill it in the middle, and give the ids that it had acknowledged by then."""
    assert program.stdin
    assert program.stdout
    program.stdin.write("again\n")
    program.stdin.flush()
    begun, pid = program.stdout.readline().split()
    assert begun == "begun"
    said = [program.stdout.readline() for _ in range(chance.randrange(MOST_POSTINGS))]
    time.sleep(chance.uniform(0, MOST_MORE_S))  # where in a commit it is hit is the point of the test
    os.kill(int(pid), signal.SIGKILL)
    while (one := program.stdout.readline()) != "ended\n":
        assert one
        said.append(one)
    return [UUID(one.removeprefix("added ").strip()) for one in said]


def test_every_acknowledged_posting_survives_fifty_kills(store: Store, database: Path) -> None:
    plan_entry(store)
    started(store)
    here = entry(store, "Groceries").id
    store.set_aside()
    acknowledged: list[UUID] = []
    with poster(database, here) as program:
        for kills in range(1, KILLS + 1):
            acknowledged += killed(program, random.Random(kills))
            again = Store(database, now_ms=Clock(), new_id=uuid4)
            with again.read() as work:
                there = {posting.id for posting in work.postings(here)}
            again.close()
            assert set(acknowledged) <= there
            assert len(there) <= len(acknowledged) + kills, "at most the one that a kill left unacknowledged is more"
    assert len(acknowledged) > KILLS
    assert examine(database).findings == ()
    store.reopen(database)
    posted(store, here, 1)
    assert line(store, "Groceries").postings == len(there) + 1
